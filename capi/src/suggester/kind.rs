//! One interface for suggesters of all keyboards.

#[cfg(any(feature = "keys", feature = "shell"))]
mod choice;

use runtime::{Progress, SuggestOptions, Suggester, Suggestion};

#[cfg(any(feature = "keys", feature = "shell"))]
pub(crate) use choice::{Choice as Kind, Words};
/// A keyboard that a program in C can choose.
#[cfg(not(any(feature = "keys", feature = "shell")))]
pub(crate) use runtime::Keyboard as Kind;

/// What a suggester does, whatever its keyboard.
pub(crate) trait Suggest {
    fn poll(&mut self, text: &str) -> Progress;
    fn best<'s>(&mut self, slots: &'s mut [Suggestion]) -> &'s [Suggestion];
    fn options(&self) -> &SuggestOptions<'static>;
    fn set_options(&mut self, options: SuggestOptions<'static>);
    #[cfg(feature = "caret")]
    fn set_text_after(&mut self, after: &str);
    #[cfg(any(feature = "keys", feature = "shell"))]
    fn set_keyboard(
        &mut self,
        words: Option<Words>,
        keys: Option<runtime::Keys<'static>>,
    ) -> Result<(), crate::status::Status>;
    #[cfg(feature = "correction")]
    fn correction(&self) -> Option<Suggestion>;
    #[cfg(feature = "correction")]
    fn keep(&mut self, word: &str);
    fn decode_steps(&self) -> u32;
    #[cfg(feature = "dictionary")]
    fn set_dictionary(&mut self, dictionary: runtime::UserDictionary<'static>);
    #[cfg(feature = "dictionary")]
    fn dictionary(&mut self) -> Option<&mut runtime::UserDictionary<'static>>;
    #[cfg(feature = "dictionary")]
    fn learn(&mut self, text: &str);
    #[cfg(feature = "phrase")]
    fn poll_phrase(&mut self, phrase: &mut runtime::Phrase) -> Progress;
    #[cfg(feature = "next-letters")]
    fn poll_letters(&mut self, letters: &mut runtime::NextLetters) -> Progress;
}

impl<K: Kind + 'static> Suggest for Suggester<'static, K> {
    fn poll(&mut self, text: &str) -> Progress {
        self.poll(text)
    }

    fn best<'s>(&mut self, slots: &'s mut [Suggestion]) -> &'s [Suggestion] {
        self.best(slots)
    }

    fn options(&self) -> &SuggestOptions<'static> {
        self.options()
    }

    fn set_options(&mut self, options: SuggestOptions<'static>) {
        self.set_options(options);
    }

    #[cfg(feature = "caret")]
    fn set_text_after(&mut self, after: &str) {
        self.set_text_after(after);
    }

    #[cfg(any(feature = "keys", feature = "shell"))]
    fn set_keyboard(
        &mut self,
        words: Option<Words>,
        keys: Option<runtime::Keys<'static>>,
    ) -> Result<(), crate::status::Status> {
        self.set_keyboard(K::of(words, keys).ok_or(crate::status::Status::EGPT_ERROR_KEYBOARD)?);
        Ok(())
    }

    #[cfg(feature = "correction")]
    fn correction(&self) -> Option<Suggestion> {
        self.correction()
    }

    #[cfg(feature = "correction")]
    fn keep(&mut self, word: &str) {
        self.keep(word);
    }

    fn decode_steps(&self) -> u32 {
        self.decode_steps()
    }

    #[cfg(feature = "dictionary")]
    fn set_dictionary(&mut self, dictionary: runtime::UserDictionary<'static>) {
        self.set_user_dictionary(dictionary);
    }

    #[cfg(feature = "dictionary")]
    fn dictionary(&mut self) -> Option<&mut runtime::UserDictionary<'static>> {
        self.user_dictionary()
    }

    #[cfg(feature = "dictionary")]
    fn learn(&mut self, text: &str) {
        self.learn(text);
    }

    #[cfg(feature = "phrase")]
    fn poll_phrase(&mut self, phrase: &mut runtime::Phrase) -> Progress {
        phrase.poll(self)
    }

    #[cfg(feature = "next-letters")]
    fn poll_letters(&mut self, letters: &mut runtime::NextLetters) -> Progress {
        letters.poll(self)
    }
}
