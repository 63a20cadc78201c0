//! Which characters words are made of, in any script. Suggestions use it, and whoever lists words for them.
//!
//! The standard library has no such rule, and its tables take 3 KB.

use super::char_class::{CharClass, class_of};
use super::utf8::split_last_char;

/// Whether a character is a letter, a number or a mark on one, in any script.
pub fn is_letter(c: char) -> bool {
    !matches!(class_of(c), CharClass::Other | CharClass::Space)
}

/// Whether a character may stand within a word: [`is_letter`], apostrophes and hyphens.
pub fn is_word_char(c: char) -> bool {
    matches!(c, '\'' | '-' | '\u{2019}') || is_letter(c)
}

/// Whether a character ends a sentence, as a full stop does. What follows is a new sentence only if white space
/// comes first.
pub fn ends_sentence(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '\u{2026}')
}

/// Whether a character is white space, as Unicode has it.
pub(crate) fn is_space(c: char) -> bool {
    class_of(c) == CharClass::Space
}

/// Most bytes that [`trim_end`] cuts off, but for the rest of a character.
const MAX_TRIMMED: usize = 256;

/// A text without the characters at its end for which `is_cut` holds. Of more than 256 bytes of them the first ones
/// stay, so that the work is bounded.
#[inline(never)] // one for all rules
pub(crate) fn trim_end(mut text: &[u8], is_cut: fn(char) -> bool) -> &[u8] {
    let min_len = text.len().saturating_sub(MAX_TRIMMED);
    while text.len() > min_len
        && let Some((c, before)) = split_last_char(text)
        && is_cut(c)
    {
        text = before;
    }
    text
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::*;

    fn characters(class: &str) -> Vec<char> {
        let hir = regex_syntax::parse(class).unwrap();
        let regex_syntax::hir::HirKind::Class(regex_syntax::hir::Class::Unicode(class)) = hir.into_kind() else {
            panic!("not a class");
        };
        class.iter().flat_map(|range| range.start()..=range.end()).collect()
    }

    /// Marks that belong to words; those that change how a sign looks, such as an emoji, do not.
    const WORD_MARKS: &str = r"[\p{M}&&[^\u{20D0}-\u{20FF}\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]]";
    const SIGNS: &str = r"[\p{P}\p{S}[\p{C}&&\p{Assigned}]\u{20D0}-\u{20FF}\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]";

    #[test]
    fn letters_have_marks_and_signs_are_none() {
        for c in [r"[\p{L}\p{N}]", WORD_MARKS].into_iter().flat_map(characters) {
            assert!(is_letter(c), "{c:?}");
        }
        for c in [r"[\p{Z}\p{Cc}]", SIGNS].into_iter().flat_map(characters) {
            assert!(!is_letter(c), "{c:?}");
        }
    }

    #[test]
    fn ends_are_cut() {
        let left = |text: &'static str, is_cut| trim_end(text.as_bytes(), is_cut).len();
        assert_eq!(left("see you", is_letter), 4);
        assert_eq!(left("हिन्दी", is_letter), 0);
        assert_eq!(left("love \u{2764}\u{FE0F}", is_letter), "love \u{2764}\u{FE0F}".len());
        assert_eq!(left("a\u{3000}\t ", is_space), 1);
        let long = "\u{3000}".repeat(1000);
        assert_eq!(long.len() - trim_end(long.as_bytes(), is_space).len(), MAX_TRIMMED.next_multiple_of(3));
        assert_eq!(left("", is_space), 0);
    }
}
