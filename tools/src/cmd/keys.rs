//! `--keys`: what the keys of a keyboard stand for.

use clap::ValueEnum;
use embedded_gpt::Keys;

/// Rows of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum KeysArg {
    /// Every key is the letter that was meant.
    Letters,
    /// English; keys may be missed.
    Qwerty,
    /// German.
    Qwertz,
    /// French.
    Azerty,
}

impl KeysArg {
    pub(super) fn keys(self) -> Keys<'static> {
        match self {
            Self::Letters => Keys::LETTERS,
            Self::Qwerty => Keys::QWERTY,
            Self::Qwertz => Keys::QWERTZ,
            Self::Azerty => Keys::AZERTY,
        }
    }
}
