//! One interface for suggesters of all keyboards.

use runtime::{Keyboard, Keys, Letters, Progress, Shell, SuggestOptions, Suggester, Suggestion};

use crate::status::Status;

/// Words of the device's own.
type Words = &'static [&'static str];

/// A keyboard that a program in C can choose.
pub(crate) trait Kind: Keyboard + 'static {
    /// The keyboard for words and keys that were given; `None` if it has no use for them, or misses some.
    fn of(words: Option<Words>, keys: Option<Keys<'static>>) -> Option<Self>;
}

impl Kind for Letters {
    fn of(words: Option<Words>, keys: Option<Keys<'static>>) -> Option<Self> {
        (words.is_none() && keys.is_none()).then_some(Self)
    }
}

impl Kind for Keys<'static> {
    fn of(words: Option<Words>, keys: Option<Keys<'static>>) -> Option<Self> {
        keys.filter(|_| words.is_none())
    }
}

impl Kind for Shell<'static> {
    fn of(words: Option<Words>, keys: Option<Keys<'static>>) -> Option<Self> {
        words.filter(|_| keys.is_none()).map(Shell::with_words)
    }
}

impl Kind for Shell<'static, Keys<'static>> {
    fn of(words: Option<Words>, keys: Option<Keys<'static>>) -> Option<Self> {
        Some(Shell::with_words(words?).on(keys?))
    }
}

/// What a suggester does, whatever its keyboard.
pub(crate) trait Suggest {
    fn poll(&mut self, text: &str) -> Progress;
    fn best<'s>(&mut self, slots: &'s mut [Suggestion]) -> &'s [Suggestion];
    fn set_options(&mut self, options: SuggestOptions<'static>);
    #[cfg(any(feature = "keys", feature = "shell"))]
    fn set_keyboard(&mut self, words: Option<Words>, keys: Option<Keys<'static>>) -> Result<(), Status>;
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

impl<K: Kind> Suggest for Suggester<'static, K> {
    fn poll(&mut self, text: &str) -> Progress {
        self.poll(text)
    }

    fn best<'s>(&mut self, slots: &'s mut [Suggestion]) -> &'s [Suggestion] {
        self.best(slots)
    }

    fn set_options(&mut self, options: SuggestOptions<'static>) {
        self.set_options(options);
    }

    #[cfg(any(feature = "keys", feature = "shell"))]
    fn set_keyboard(&mut self, words: Option<Words>, keys: Option<Keys<'static>>) -> Result<(), Status> {
        self.set_keyboard(K::of(words, keys).ok_or(Status::EGPT_ERROR_KEYBOARD)?);
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
