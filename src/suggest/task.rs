//! The slices that a suggester's work consists of.

/// What comes next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Task {
    /// Nothing, and there are no words to offer.
    #[default]
    Nothing,
    /// Taking tokens of the context.
    Read,
    /// Choosing first tokens by the logits after the context.
    Plant,
    /// Saying how urgent paths are.
    Weigh,
    /// Choosing a path to take.
    Search,
    /// Taking the tokens of the path of a branch.
    Take(u8),
    /// Choosing the tokens that go on with the path of a branch.
    Grow(u8),
    /// Ranking what was found.
    Rank,
    /// Taking tokens for a [`Phrase`](super::Phrase) or for [`NextLetters`](super::NextLetters), which do that
    /// themselves.
    Aside,
    /// Nothing more within the budget.
    Rest,
}
