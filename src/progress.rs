//! What a slice of work leaves to be done.

/// Whether there is work left after a slice of it.
///
/// [`Suggester::poll`](crate::Suggester::poll), [`Phrase::poll`](crate::Phrase::poll) and
/// [`Generator::poll`](crate::Generator::poll) return it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Progress {
    /// Another call of `poll` has something to do.
    Working,
    /// The work is finished.
    Done,
}
