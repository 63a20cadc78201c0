//! Layout of the `WORD` section: which paths of tokens are words, and how often each was seen.

/// Most tokens of a listed word.
pub const MAX_WORD_TOKENS: usize = 8;
/// Bytes before the tables.
pub const HEADER_LEN: usize = 16;
/// First tokens that share an entry of the index.
pub const INDEX_STEP: usize = 8;
/// Most bits of the trees that share an entry of the index, so that looking through them is bounded.
pub const MAX_TREE_BITS: usize = 1 << 17;
/// Frequencies are `2^(code / STEPS_PER_BIT)`, and 0 for code 0.
pub const STEPS_PER_BIT: i32 = 6;
/// Steps between the codes of words of several tokens.
pub const LONG_STEPS: u8 = 4;
/// Bits behind each of the eight heads of a number that is at least 1.
pub const NUMBER_BITS: [u8; 8] = [1, 3, 4, 5, 6, 7, 8, 16];
/// How a section is marked whose words are spelled by their tokens.
pub const LAYOUT: u8 = 1;
/// How one is marked that says which of its words have [capitals](Capitals).
pub const LAYOUT_WITH_CAPITALS: u8 = 2;
/// Tokens whose capitals share a byte.
pub const CAPITALS_PER_BYTE: usize = 4;
/// Zeros behind the trees, so that four bytes can be read at once.
pub const PADDING: usize = 4;

/// Letters of a word that are written as capitals wherever it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capitals {
    /// None but those of its tokens.
    #[default]
    None,
    /// The first: `Utah`.
    First,
    /// All of them: `USA`.
    All,
}
