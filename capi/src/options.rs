//! What a product may choose.

use runtime::SuggestOptions as Options;

/// What a suggester looks for and offers. Begin with egpt_suggest_options_default and change what matters.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct SuggestOptions {
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
    /// Whether the words that the model lists as blocked are not offered, either.
    pub block_listed: bool,
    /// Whether words are offered for letters that the caret stands behind within a word, of which more follows; see
    /// egpt_suggester_set_text_after.
    pub within_words: bool,
}

/// 6 decode steps, no word is held back but those that the model lists as blocked, sentences start with a capital, and
/// corrections are sure by 90 %.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_suggest_options_default() -> SuggestOptions {
    SuggestOptions::DEFAULT
}

impl SuggestOptions {
    const DEFAULT: Self = {
        let Options {
            budget,
            min_percent,
            new_only,
            auto_capitals,
            min_correction_percent,
            block_listed,
            within_words,
            ..
        } = Options::DEFAULT;
        Self { budget, min_percent, min_correction_percent, new_only, auto_capitals, block_listed, within_words }
    };

    /// Options of the runtime; those by default if there are none.
    pub(crate) fn read<'b>(options: Option<&Self>, blocked: &'b [&'b str]) -> Options<'b> {
        let &Self { budget, min_percent, min_correction_percent, new_only, auto_capitals, block_listed, within_words } =
            options.unwrap_or(&Self::DEFAULT);
        Options {
            budget,
            min_percent,
            min_correction_percent,
            new_only,
            auto_capitals,
            block_listed,
            within_words,
            blocked,
        }
    }
}
