//! One interface for suggesters of all keyboards.

use core::fmt::Debug;

use runtime::{
    Keyboard, Keys, Letters, NextLetters, Phrase, Progress, Shell, SuggestOptions, Suggester, Suggestion,
    UserDictionary,
};

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
pub(crate) trait Suggest: Debug {
    fn poll(&mut self, text: &str) -> Progress;
    fn best<'s>(&mut self, slots: &'s mut [Suggestion]) -> &'s [Suggestion];
    fn set_options(&mut self, options: SuggestOptions<'static>);
    fn set_keyboard(&mut self, words: Option<Words>, keys: Option<Keys<'static>>) -> Result<(), Status>;
    fn correction(&self) -> Option<Suggestion>;
    fn keep(&mut self, word: &str);
    fn decode_steps(&self) -> u32;
    fn set_dictionary(&mut self, dictionary: UserDictionary<'static>);
    fn dictionary(&mut self) -> Option<&mut UserDictionary<'static>>;
    fn learn(&mut self, text: &str);
    fn poll_phrase(&mut self, phrase: &mut Phrase) -> Progress;
    fn poll_letters(&mut self, letters: &mut NextLetters) -> Progress;
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

    fn set_keyboard(&mut self, words: Option<Words>, keys: Option<Keys<'static>>) -> Result<(), Status> {
        self.set_keyboard(K::of(words, keys).ok_or(Status::EGPT_ERROR_KEYBOARD)?);
        Ok(())
    }

    fn correction(&self) -> Option<Suggestion> {
        self.correction()
    }

    fn keep(&mut self, word: &str) {
        self.keep(word);
    }

    fn decode_steps(&self) -> u32 {
        self.decode_steps()
    }

    fn set_dictionary(&mut self, dictionary: UserDictionary<'static>) {
        self.set_user_dictionary(dictionary);
    }

    fn dictionary(&mut self) -> Option<&mut UserDictionary<'static>> {
        self.user_dictionary()
    }

    fn learn(&mut self, text: &str) {
        self.learn(text);
    }

    fn poll_phrase(&mut self, phrase: &mut Phrase) -> Progress {
        phrase.poll(self)
    }

    fn poll_letters(&mut self, letters: &mut NextLetters) -> Progress {
        letters.poll(self)
    }
}
