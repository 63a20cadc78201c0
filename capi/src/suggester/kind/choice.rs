//! Keyboards by what a program in C gives.

use runtime::{Keyboard, Keys, Letters, Pieces, Shell};

/// Words of the device's own.
pub(crate) type Words = &'static [&'static str];

/// A keyboard that a program in C can choose.
pub(crate) trait Choice: Keyboard {
    /// The keyboard for words and keys that were given; `None` if it has no use for them, or misses some.
    fn of(words: Option<Words>, keys: Option<Keys<'static>>) -> Option<Self>;
}

impl Choice for Letters {
    fn of(words: Option<Words>, keys: Option<Keys<'static>>) -> Option<Self> {
        (words.is_none() && keys.is_none()).then_some(Self)
    }
}

impl Choice for Pieces {
    fn of(words: Option<Words>, keys: Option<Keys<'static>>) -> Option<Self> {
        (words.is_none() && keys.is_none()).then_some(Self)
    }
}

impl Choice for Keys<'static> {
    fn of(words: Option<Words>, keys: Option<Keys<'static>>) -> Option<Self> {
        keys.filter(|_| words.is_none())
    }
}

impl Choice for Shell<'static> {
    fn of(words: Option<Words>, keys: Option<Keys<'static>>) -> Option<Self> {
        words.filter(|_| keys.is_none()).map(Shell::with_words)
    }
}

impl Choice for Shell<'static, Keys<'static>> {
    fn of(words: Option<Words>, keys: Option<Keys<'static>>) -> Option<Self> {
        Some(Shell::with_words(words?).on(keys?))
    }
}
