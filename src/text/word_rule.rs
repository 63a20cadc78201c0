//! What words are made of: letters as in running text, whatever has no space in it, or pieces of a script without
//! spaces.

/// What words are made of, and how they are written. A model's vocabulary says for which rule it was made
/// ([`Vocab::word_rule`](crate::Vocab::word_rule)); the keyboard of a suggester says which one is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WordRule {
    /// Letters, digits and apostrophes, with capitals at the start of sentences.
    #[default]
    Letters,
    /// What a shell reads as one word: letters, digits, and signs that stand in paths and flags. Nothing has capitals
    /// that nobody typed. For [`Shell`](crate::Shell).
    Shell,
    /// Pieces of text in scripts without spaces, such as Thai and Japanese. For [`Pieces`](crate::Pieces).
    Pieces,
}

impl WordRule {
    /// The rules in the order of their numbers in a blob.
    pub const ALL: [Self; 3] = [Self::Letters, Self::Shell, Self::Pieces];
}
