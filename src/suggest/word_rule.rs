//! Where words begin and end, by the rule that says what they are made of.

use super::cut::Cut;
use crate::part::{sides, tail};
use crate::text::{WordRule, decode, is_letter, is_word_char, trim_end};

impl WordRule {
    /// Cuts a text before the word that is being typed; behind the text for pieces.
    #[inline(always)]
    pub(super) fn cut(self, text: &str) -> Cut<'_> {
        match self {
            Self::Letters => Cut::of(text),
            Self::Shell => cut_in_shell(text),
            // Where a piece begins only the vocabulary can tell.
            Self::Pieces => Cut { context: text.as_bytes(), typed: &[] },
        }
    }

    /// Whether a word can stand behind the context of a cut.
    #[inline(always)]
    pub(super) fn takes_word(self, cut: Cut<'_>) -> bool {
        match self {
            Self::Letters => cut.takes_word(),
            // Every other sign begins something else: a command, a quoted text, a file to write to.
            Self::Shell | Self::Pieces => true,
        }
    }

    /// Whether a byte may stand within a word.
    #[inline(always)]
    pub(super) fn has_byte(self, byte: u8) -> bool {
        match self {
            Self::Letters => is_word_byte(byte),
            Self::Pieces => byte.is_ascii_alphanumeric() || byte >= 0x80,
            Self::Shell => byte >= 0x80 || is_shell_char(byte.into()),
        }
    }

    /// Whether bytes can be offered as a word.
    #[inline(always)]
    pub(super) fn is_word(self, bytes: &[u8]) -> bool {
        match self {
            Self::Letters => is_word(bytes),
            Self::Shell => !bytes.is_empty() && is_made_of(bytes, is_shell_char),
            Self::Pieces => !bytes.is_empty() && is_made_of(bytes, is_letter),
        }
    }
}

/// Bytes beyond ASCII count as letters: a token may hold a part of a character.
pub(super) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'\'' || byte >= 0x80
}

/// Whether bytes can be offered: nothing but word characters, letters or digits at both ends.
pub(super) fn is_word(mut bytes: &[u8]) -> bool {
    // At the start and wherever it may end.
    let mut is_at_letter = false;
    let mut is_start = true;
    while let (Some(c), len) = decode(bytes) {
        is_at_letter = is_letter(c);
        if !is_at_letter && (is_start || !is_word_char(c)) {
            return false;
        }
        is_start = false;
        bytes = tail(bytes, len);
    }
    is_at_letter && bytes.is_empty()
}

/// Whether a character may stand in a word of a shell.
fn is_shell_char(c: char) -> bool {
    matches!(c, '.' | '/' | '_' | '=' | ':' | '@' | '~' | '+' | '%' | ',' | '#' | '*' | '?') || is_word_char(c)
}

/// Whether all of it are characters of some kind.
fn is_made_of(mut bytes: &[u8], is_part: fn(char) -> bool) -> bool {
    while let (Some(c), len) = decode(bytes) {
        if !is_part(c) {
            return false;
        }
        bytes = tail(bytes, len);
    }
    bytes.is_empty()
}

/// Cuts before the last word of a shell, and the one space before it.
fn cut_in_shell(text: &str) -> Cut<'_> {
    let text = text.as_bytes();
    let before = trim_end(text, is_shell_char);
    let space = usize::from(before.ends_with(b" "));
    let (context, typed) = sides(text, before.len() - space);
    Cut { context, typed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_shell_are_what_has_no_space() {
        for (text, context, typed) in [
            ("", "", ""),
            ("gi", "", "gi"),
            ("git commit --am", "git commit", " --am"),
            ("cat  /etc/ho", "cat ", " /etc/ho"),
            ("ls|gr", "ls|", "gr"),
            ("a=b c:\"d e", "a=b c:\"d", " e"),
            ("set led.mode=bl", "set", " led.mode=bl"),
            ("reboot\n", "reboot\n", ""),
        ] {
            let cut = WordRule::Shell.cut(text);
            assert_eq!((cut.context, cut.typed), (context.as_bytes(), typed.as_bytes()), "{text:?}");
            assert!(WordRule::Shell.takes_word(cut));
        }
        for word in ["-l", "--all", "/etc/hosts", "a=b", "x", "größe", "..", "*.txt"] {
            assert!(WordRule::Shell.is_word(word.as_bytes()), "{word}");
            assert!(word.bytes().all(|byte| WordRule::Shell.has_byte(byte)));
        }
        for word in ["", "a b", "a|b", "\"", "\u{FFFD}x"] {
            assert!(!WordRule::Shell.is_word(word.as_bytes()), "{word}");
        }
    }
}
