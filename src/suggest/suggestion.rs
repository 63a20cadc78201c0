//! One offered word.

use super::log_prob::LogProb;
use crate::text::Text;

/// A word offered for the text so far.
///
/// ```
/// use embedded_gpt::{Aligned, Config, Model, Session, SuggestOptions, Suggester, Suggestion, Workspace};
/// # static BLOB: &Aligned<[u8]> = embedded_gpt::include_model!("../../models/demo.egpt");
/// # const CONFIG: Config = Config::of(&BLOB.0);
/// # let mut ram = Workspace::<{ CONFIG.kv_words(64) }, { CONFIG.scratch_words(64) }>::new();
/// # let model = Model::parse(&BLOB.0)?;
/// # let mut suggester = Suggester::new(Session::new(&model, 64, ram.buffers())?, SuggestOptions::DEFAULT);
/// let mut slots = [Suggestion::EMPTY; 3];
/// let text = "see you tom";
/// for word in suggester.suggest(text, &mut slots) {
///     // What the text becomes when the word is accepted.
///     let accepted = format!("{}{word} ", &text[..Suggester::word_start(text)]);
///     println!("{:>3} % {accepted}", word.percent());
///     assert!(accepted.starts_with("see you ") && word.log_prob() < 0);
/// }
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suggestion {
    log_prob: LogProb,
    word: Text,
    percent: u8,
    corrects: bool,
    takes_space: bool,
}

#[cfg(feature = "defmt")]
impl defmt::Format for Suggestion {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=str} ({=u8} %)", self.as_str(), self.percent);
    }
}

impl Suggestion {
    /// A placeholder, to make arrays of.
    pub const EMPTY: Self =
        Self { log_prob: i32::MIN, word: Text::new(), percent: 0, corrects: false, takes_space: true };

    pub(super) fn new(word: Text, log_prob: LogProb, percent: u8, [corrects, takes_space]: [bool; 2]) -> Self {
        Self { log_prob, word, percent, corrects, takes_space }
    }

    /// The whole word, typed letters included.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.word).unwrap_or_default()
    }

    /// How probable the word is among all that were found for the typed letters, in percent: 1 to 99 for words on
    /// offer, at most 100 together; up to 100 for a correction.
    pub const fn percent(&self) -> u8 {
        self.percent
    }

    /// Whether the word begins with something else than what was typed, which is taken for a slip then: more than its
    /// case, an accent or an apostrophe differs.
    pub const fn corrects(&self) -> bool {
        self.corrects
    }

    /// Whether a space belongs behind the word once it is accepted. None does behind a directory or the name of a
    /// setting, `/etc/` or `mode=`, or behind a [piece](crate::Pieces). None is needed where a space or a full stop and
    /// the like [stands behind the caret](crate::Suggester::set_text_after).
    pub const fn takes_space(&self) -> bool {
        self.takes_space
    }

    /// Natural logarithm of the probability that the word comes next and ends there, before the letters typed so
    /// far are known, in units of 1/65536.
    pub const fn log_prob(&self) -> i32 {
        self.log_prob
    }

    /// Probability that the word comes next and ends there, before the letters typed so far are known, from 0 to 1.
    /// For hosts, and cores with a unit for floats; others have [`log_prob`](Self::log_prob).
    pub fn prob(&self) -> f32 {
        super::log_prob::exp(self.log_prob) as f32 / super::log_prob::ONE as f32
    }
}

impl AsRef<str> for Suggestion {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl core::fmt::Display for Suggestion {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}
