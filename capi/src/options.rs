//! What a product may choose.

use runtime::SuggestOptions as Options;

use crate::raw;
use crate::status::Status;
use crate::text::Text;

/// What a suggester looks for and offers. Begin with egpt_suggest_options_default and change what matters.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct SuggestOptions {
    /// Words that are never offered, in whatever letter case; may be null if there are none.
    pub blocked: *const Text,
    /// How many there are.
    pub n_blocked: usize,
    /// Decode steps that the search after one keystroke may take, beside those that read the text and two that look
    /// for slips.
    pub budget: u16,
    /// Only words are offered that are at least so probable, 0 to 100.
    pub min_percent: u8,
    /// How sure a correction has to be, 0 to 100.
    pub min_correction_percent: u8,
    /// Whether a word is offered once only while a word is typed.
    pub new_only: bool,
    /// Whether words have capitals that nobody typed: at the start of a sentence, and after two words in capitals.
    pub auto_capitals: bool,
}

/// 6 decode steps, no word is held back, sentences start with a capital, and corrections are sure by 90 %.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_suggest_options_default() -> SuggestOptions {
    let Options { budget, min_percent, new_only, auto_capitals, min_correction_percent, .. } = Options::DEFAULT;
    let (blocked, n_blocked) = (core::ptr::null(), 0);
    SuggestOptions { blocked, n_blocked, budget, min_percent, min_correction_percent, new_only, auto_capitals }
}

impl SuggestOptions {
    /// Options of the runtime; those by default if there are none.
    ///
    /// # Safety
    /// The list of blocked words is there for ever, and nobody writes it.
    pub(crate) unsafe fn read(options: Option<&Self>) -> Result<Options<'static>, Status> {
        let Some(&Self { budget, min_percent, min_correction_percent, new_only, auto_capitals, .. }) = options else {
            return Ok(Options::DEFAULT);
        };
        // SAFETY: the caller answers for it.
        let blocked = unsafe { options.map_or(Ok(&[][..]), |it| raw::texts(it.blocked, it.n_blocked)) }?;
        Ok(Options { budget, min_percent, min_correction_percent, new_only, auto_capitals, blocked })
    }
}
