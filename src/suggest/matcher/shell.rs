//! Words as a shell has them, and lists of words that only this device knows.

use super::keys::{Keyboard, Letters};
use super::{Rule, WordRule};
use crate::part::tail;
use crate::suggest::log_prob::LogProb;

/// A keyboard for commands: words are what a shell reads as one, such as `--all`, `/etc/hosts` or `led.mode=on`.
///
/// Nothing has capitals that nobody typed. A word that ends in `/` or `=` [takes no
/// space](crate::Suggestion::takes_space). With [words of its own](Self::with_words) the device offers these and no
/// others, and the model says which of them comes first. Give those that may stand at the caret: commands at the start
/// of a line, then the flags of the command ([`Suggester::set_keyboard`](crate::Suggester::set_keyboard)).
///
/// ```
/// use embedded_gpt::{Aligned, Config, Model, Session, Shell, SuggestOptions, Suggester, Suggestion, Workspace};
/// # static BLOB: &Aligned<[u8]> = embedded_gpt::include_model!("../../../models/demo.egpt");
/// # const CONFIG: Config = Config::of(&BLOB.0);
/// # let mut ram = Workspace::<{ CONFIG.kv_words(64) }, { CONFIG.scratch_words(64) }>::new();
/// # let model = Model::parse(&BLOB.0)?;
/// let session = Session::new(&model, 64, ram.buffers())?;
/// let commands = Shell::with_words(&["help", "reboot", "read", "set"]);
/// let mut suggester = Suggester::with_keyboard(session, SuggestOptions::DEFAULT, commands);
/// let mut slots = [Suggestion::EMPTY; 3];
/// assert!(suggester.suggest("re", &mut slots).iter().all(|word| ["reboot", "read"].contains(&word.as_str())));
/// suggester.set_keyboard(Shell::with_words(&["--all", "--raw", "adc0", "adc1"]));
/// assert_eq!(suggester.suggest("read --r", &mut slots)[0].as_str(), "--raw");
/// assert_eq!(Shell::word_start("read --r"), "read ".len());
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shell<'w, K = Letters> {
    words: &'w [&'w str],
    keyboard: K,
}

impl Shell<'static> {
    /// Words that the model knows.
    pub const ANY: Self = Self { words: &[], keyboard: Letters };

    /// Byte offset where the word being typed begins, which an accepted suggestion replaces; the text's length if none
    /// has begun. Words have at most 256 bytes.
    pub fn word_start(text: &str) -> usize {
        text.len() - WordRule::Shell.cut(text).letters().len()
    }
}

impl<'w> Shell<'w> {
    /// Words of at most 31 bytes, of which no other is offered; any word if there are none. They are written as they
    /// are here, and typed in whatever letter case. Where the model knows nothing of them the first ones come first.
    /// The work grows with their number; some hundred take no longer than the rest.
    pub const fn with_words(words: &'w [&'w str]) -> Self {
        Self { words, keyboard: Letters }
    }

    /// Typed on another keyboard, whose keys may be missed or stand for several letters.
    pub const fn on<K: Keyboard>(self, keyboard: K) -> Shell<'w, K> {
        Shell { words: self.words, keyboard }
    }
}

impl<'w, K: Keyboard> Keyboard for Shell<'w, K> {
    type Rule = InShell<'w, K::Rule>;

    fn rule(&self, letters: &[u8], has_slip: bool) -> Self::Rule {
        InShell { rule: self.keyboard.rule(letters, has_slip), words: self.words }
    }

    fn has_slips(&self) -> bool {
        self.keyboard.has_slips()
    }
}

/// The rule of a keyboard, for words of a shell that a list has.
#[derive(Clone, Copy, Debug, Default)]
pub struct InShell<'w, R> {
    rule: R,
    words: &'w [&'w str],
}

impl<R: Rule> Rule for InShell<'_, R> {
    const WORDS: WordRule = WordRule::Shell;

    type State = R::State;
    type PathCost = R::PathCost;

    fn take(&self, state: &mut R::State, keys: &[u8], text: &[u8]) -> Option<bool> {
        let is_covered = self.rule.take(state, keys, text)?;
        let word = tail(text, usize::from(keys.first() == Some(&b' ')));
        let may_begin =
            |listed: &&str| listed.as_bytes().get(..word.len()).is_some_and(|s| s.eq_ignore_ascii_case(word));
        (self.words.is_empty() || self.words.iter().any(may_begin)).then_some(is_covered)
    }

    fn is_complete(&self, state: &R::State, keys: &[u8]) -> bool {
        self.rule.is_complete(state, keys)
    }

    fn cost(&self, state: &R::State, keys: &[u8], text: &[u8]) -> LogProb {
        self.rule.cost(state, keys, text)
    }

    fn whole_cost(&self, keys: &[u8], text: &[u8]) -> Option<LogProb> {
        self.rule.whole_cost(keys, text)
    }

    fn may_end_token(&self, state: &R::State, text: &[u8]) -> bool {
        self.rule.may_end_token(state, text)
    }

    fn may_take(&self, state: &R::State, keys: &[u8], byte: u8) -> bool {
        self.rule.may_take(state, keys, byte)
    }

    fn may_start(&self, keys: &[u8], start: [u8; 2]) -> bool {
        self.rule.may_start(keys, start)
    }

    fn first_classes(&self, letters: &[u8]) -> u32 {
        self.rule.first_classes(letters)
    }

    fn min_cost(&self, state: &R::State) -> LogProb {
        self.rule.min_cost(state)
    }

    fn has_costs(&self) -> bool {
        self.rule.has_costs()
    }

    fn has_slips(&self) -> bool {
        self.rule.has_slips()
    }

    fn n_listed(&self) -> usize {
        self.words.len()
    }

    fn listed(&self, at: usize) -> Option<&str> {
        self.words.get(at).copied()
    }

    fn spelling<'t>(&'t self, word: &'t [u8]) -> Option<&'t [u8]> {
        if self.words.is_empty() {
            return Some(word);
        }
        self.words.iter().map(|listed| listed.as_bytes()).find(|listed| listed.eq_ignore_ascii_case(word))
    }
}
