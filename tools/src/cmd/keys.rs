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
            _ => Keys::with_slips(self.rows()),
        }
    }

    /// What the option calls it.
    pub(super) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// Where the letters are; those of an English keyboard where no key is missed.
    pub(super) fn rows(self) -> &'static [&'static str] {
        match self {
            Self::Letters | Self::Qwerty => &["qwertyuiop", "asdfghjkl", "zxcvbnm"],
            Self::Qwertz => &["qwertzuiopü", "asdfghjklöä", "yxcvbnm"],
            Self::Azerty => &["azertyuiop", "qsdfghjklm", "wxcvbn"],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_those_of_the_runtime() {
        let all = [KeysArg::Letters, KeysArg::Qwerty, KeysArg::Qwertz, KeysArg::Azerty].map(KeysArg::keys);
        assert_eq!(all, [Keys::LETTERS, Keys::QWERTY, Keys::QWERTZ, Keys::AZERTY]);
    }
}
