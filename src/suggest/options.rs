//! What a product may choose.

use crate::text::is_same_word;

/// What a [`Suggester`](crate::Suggester) looks for and offers. Change the fields of [`DEFAULT`](Self::DEFAULT)
/// that matter.
///
/// ```
/// use embedded_gpt::SuggestOptions;
/// let options = SuggestOptions { min_percent: 5, blocked: &["darn"], ..SuggestOptions::DEFAULT };
/// assert_eq!(options.budget, 6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SuggestOptions<'b> {
    /// Decode steps that the search after one keystroke may take, beside those that read the text and two that look
    /// for slips.
    pub budget: u16,
    /// Only words are offered that are at least so probable, 0 to 100: a bad suggestion is worse than none.
    pub min_percent: u8,
    /// Whether a word is offered once only while a word is typed: whoever typed on did not want it. What
    /// [`best`](crate::Suggester::best) returned counts as offered, and stays so after a backspace.
    pub new_only: bool,
    /// Whether words have capitals that nobody typed: at the start of a sentence, and after two words in capitals.
    /// Those of names stay without it, too.
    pub auto_capitals: bool,
    /// How sure a [correction](crate::Suggester::correction) has to be, 0 to 100.
    pub min_correction_percent: u8,
    /// Words that are never offered, in whatever letter case.
    pub blocked: &'b [&'b str],
}

impl SuggestOptions<'_> {
    /// 6 decode steps, no word is held back, sentences start with a capital, and corrections are sure by 90 %.
    pub const DEFAULT: Self = Self {
        budget: 6,
        min_percent: 0,
        new_only: false,
        auto_capitals: true,
        min_correction_percent: 90,
        blocked: &[],
    };

    /// Whether a word is never to be offered.
    pub(super) fn blocks(&self, word: &[u8]) -> bool {
        self.blocked.iter().any(|blocked| is_same_word(blocked.as_bytes(), word))
    }
}

impl Default for SuggestOptions<'_> {
    fn default() -> Self {
        Self::DEFAULT
    }
}
