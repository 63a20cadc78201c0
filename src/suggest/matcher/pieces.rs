//! Pieces of text in scripts without spaces.

use super::Rule;
use super::keys::{Keyboard, Letters};
use super::plain::{Plain, Progress};
use crate::suggest::log_prob::LogProb;
use crate::text::WordRule;

/// A keyboard for scripts without spaces, such as Thai, Lao, Khmer, Chinese and Japanese.
///
/// Suggestions are what the text may go on with, of at least two characters. They are put behind the text as they are:
/// they replace nothing and take no space. How long each of them is follows from what it saves: of likely pieces with
/// the same start those are offered that save most keystrokes together.
///
/// ```
/// use embedded_gpt::{Aligned, Config, Model, Pieces, Session, SuggestOptions, Suggester, Suggestion, Workspace};
/// # static BLOB: &Aligned<[u8]> = embedded_gpt::include_model!("../../../models/demo.egpt");
/// # const CONFIG: Config = Config::of(&BLOB.0);
/// # let mut ram = Workspace::<{ CONFIG.kv_words(64) }, { CONFIG.scratch_words(64) }>::new();
/// # let model = Model::parse(&BLOB.0)?;
/// let session = Session::new(&model, 64, ram.buffers())?;
/// let mut suggester = Suggester::with_keyboard(session, SuggestOptions::DEFAULT, Pieces);
/// let mut text = String::from("今");
/// let mut slots = [Suggestion::EMPTY; 3];
/// if let Some(piece) = suggester.suggest(&text, &mut slots).first() {
///     text.push_str(piece.as_str()); // accepted
/// }
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pieces;

impl Keyboard for Pieces {
    type Rule = OfPieces;

    fn rule(&self, letters: &[u8], has_slip: bool) -> OfPieces {
        OfPieces(Letters.rule(letters, has_slip))
    }
}

/// The rule of keys that are letters, for pieces.
#[derive(Clone, Copy, Debug, Default)]
pub struct OfPieces(Plain);

impl Rule for OfPieces {
    const WORDS: WordRule = WordRule::Pieces;

    type State = Progress;
    type PathCost = ();

    fn take(&self, at: &mut Progress, keys: &[u8], text: &[u8]) -> Option<bool> {
        self.0.take(at, keys, text)
    }

    fn is_complete(&self, at: &Progress, keys: &[u8]) -> bool {
        self.0.is_complete(at, keys)
    }

    fn cost(&self, at: &Progress, keys: &[u8], text: &[u8]) -> LogProb {
        self.0.cost(at, keys, text)
    }

    fn whole_cost(&self, keys: &[u8], text: &[u8]) -> Option<LogProb> {
        self.0.whole_cost(keys, text)
    }

    fn may_end_token(&self, at: &Progress, text: &[u8]) -> bool {
        self.0.may_end_token(at, text)
    }

    fn may_take(&self, at: &Progress, keys: &[u8], byte: u8) -> bool {
        self.0.may_take(at, keys, byte)
    }

    fn may_start(&self, keys: &[u8], start: [u8; 2]) -> bool {
        self.0.may_start(keys, start)
    }

    fn first_classes(&self, letters: &[u8]) -> u32 {
        self.0.first_classes(letters)
    }
}
