//! What a product may choose.

use crate::format::ngrams::{LINE_START, word_hash};
use crate::lexicon::{Blocked, last_words};
use crate::part::tail;
use crate::text::{is_same_word, trim_end};

/// What a [`Suggester`](crate::Suggester) looks for and offers. Change the fields of [`DEFAULT`](Self::DEFAULT)
/// that matter.
///
/// ```
/// use embedded_gpt::SuggestOptions;
/// let options = SuggestOptions { min_percent: 5, blocked: &["darn", "go away"], ..SuggestOptions::DEFAULT };
/// assert_eq!(options.budget, 6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SuggestOptions<'b> {
    /// Decode steps that the search after one keystroke may take, beside those that read the text and two that look
    /// for slips.
    pub budget: u16,
    /// Only words are offered whose [share](crate::Suggestion::percent) is at least this, 0 to 100: a bad suggestion is
    /// worse than none. Less than half a percent is never offered.
    pub min_percent: u8,
    /// Whether a word is offered once only while a word is typed: whoever typed on did not want it. What
    /// [`best`](crate::Suggester::best) returned counts as offered, and stays so after a backspace.
    pub new_only: bool,
    /// Whether words have capitals that nobody typed: at the start of a sentence, and after two words in capitals.
    /// Those of names stay without it, too.
    pub auto_capitals: bool,
    /// Whether words are offered for letters that the caret stands behind within a word, of which more follows; see
    /// [`Suggester::set_text_after`](crate::Suggester::set_text_after).
    pub within_words: bool,
    /// How sure a [correction](crate::Suggester::correction) has to be, 0 to 100.
    pub min_correction_percent: u8,
    /// Words that are never offered, in whatever letter case. Of several words, such as `go away`, the last one is not
    /// offered after those before it, of which two count at most.
    pub blocked: &'b [&'b str],
    /// Whether the words that the model lists as [blocked](crate::Model::blocked) are not offered, either. Whoever
    /// wants one types all its letters: it is not taken for a slip then. On [keys for several
    /// letters](crate::Keys::groups) it cannot be typed, so such a device may rather have a short list of its own.
    pub block_listed: bool,
}

impl SuggestOptions<'_> {
    /// 6 decode steps, a share of half a percent is enough, words that the model lists as blocked are held back,
    /// sentences start with a capital, and corrections are sure by 90 %.
    pub const DEFAULT: Self = Self {
        budget: 6,
        min_percent: 0,
        new_only: false,
        auto_capitals: true,
        within_words: false,
        min_correction_percent: 90,
        blocked: &[],
        block_listed: true,
    };

    /// Whether a word is not to be offered after the last two, the last one first, with a model that lists some.
    #[inline(never)]
    pub(super) fn blocks(&self, word: &[u8], before: &[u32; 2], listed: &Blocked<'_>) -> bool {
        let is_own = |blocked: &&str| {
            let others = trim_end(blocked.as_bytes(), |c| c != ' ');
            let is_after = |other, hash| other == LINE_START || other == hash;
            is_same_word(tail(blocked.as_bytes(), others.len()), word) && {
                let [last, second] = last_words(others);
                is_after(last, before[0]) && is_after(second, before[1])
            }
        };
        self.block_listed && listed.has(word_hash(word), before) || self.blocked.iter().any(is_own)
    }
}

impl Default for SuggestOptions<'_> {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(words: [&str; 2]) -> [u32; 2] {
        words.map(|word| word_hash(word.as_bytes()))
    }

    #[test]
    fn words_are_blocked_alone_or_after_others() {
        let blocked = ["Darn", "go away", "want to go", "i do not know"];
        let options = SuggestOptions { blocked: &blocked, ..SuggestOptions::DEFAULT };
        let blocks = |word: &str, before| options.blocks(word.as_bytes(), &hashes(before), &Blocked::default());
        for (word, before) in [
            ("darn", ["a", "b"]),
            ("DARN", ["a", "b"]),
            ("away", ["go", "b"]),
            ("Away", ["GO", "b"]),
            ("go", ["to", "want"]),
            ("know", ["not", "do"]),
        ] {
            assert!(blocks(word, before), "{word} after {before:?}");
        }
        for (word, before) in
            [("go", ["a", "b"]), ("away", ["a", "go"]), ("go", ["want", "to"]), ("darned", ["a", "b"])]
        {
            assert!(!blocks(word, before), "{word} after {before:?}");
        }
        assert!(!options.blocks(b"away", &[LINE_START; 2], &Blocked::default()));
    }

    #[test]
    fn what_has_no_letters_is_blocked_as_it_is() {
        let blocked = ["--force", "rm -rf", "", " "];
        let options = SuggestOptions { blocked: &blocked, ..SuggestOptions::DEFAULT };
        let blocks = |word: &str, before| options.blocks(word.as_bytes(), &hashes(before), &Blocked::default());
        assert!(blocks("--force", ["git", "push"]) && blocks("-rf", ["rm", "b"]));
        assert!(!blocks("force", ["git", "push"]) && !blocks("-rf", ["a", "b"]) && !blocks("a", ["a", "b"]));
    }
}
