//! Which characters words are made of, in any script; for suggestions and for whoever lists words for them.
//!
//! Letters and numbers are in the vocabulary's table; marks, such as vowel signs, have one here. The standard library
//! has no such rule, and its tables take 3 KB.

use crate::vocab::{CharClass, class_of};

/// Letters, numbers and the marks on them, in any script.
#[inline(never)] // each copy is large
pub fn is_letter(c: char) -> bool {
    match class_of(c) {
        CharClass::Letter | CharClass::Number => true,
        CharClass::Space => false,
        CharClass::Other => is_mark(c),
    }
}

/// What may stand within a word: [`is_letter`], apostrophes and hyphens.
pub fn is_word_char(c: char) -> bool {
    matches!(c, '\'' | '-' | '\u{2019}') || is_letter(c)
}

/// White space, as Unicode has it.
pub(crate) fn is_space(c: char) -> bool {
    class_of(c) == CharClass::Space
}

/// A text without the characters at its end for which `is_cut` holds.
#[inline(never)] // one for all rules
pub fn trim_end(text: &str, is_cut: fn(char) -> bool) -> &str {
    let mut chars = text.chars();
    loop {
        let rest = chars.as_str();
        if !chars.next_back().is_some_and(is_cut) {
            return rest;
        }
    }
}

/// Whether one of the characters that are no letters, numbers or spaces is a mark rather than a sign.
fn is_mark(c: char) -> bool {
    let Some(mut at) = u32::from(c).checked_sub(FIRST_MARK) else { return false };
    let (mut len, mut is_mark) = (0, true);
    for &byte in &MARKS {
        len = len << 7 | u32::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            if at < len {
                return is_mark;
            }
            (at, len, is_mark) = (at - len, 0, !is_mark);
        }
    }
    false
}

const FIRST_MARK: u32 = 0x300;

// Lengths of runs, marks and signs by turns, seven bits per byte, highest first. Letters, numbers, spaces and what is not
// assigned may be in any. Made by the test below, which prints it when it is out of date.
#[rustfmt::skip]
static MARKS: [u8; 315] = [
    117, 130, 14, 129, 87, 55, 45, 1, 1, 1, 2, 1, 2, 1, 44, 29, 11, 48, 31, 6, 100, 2, 7, 2, 10, 1, 19, 20,
    129, 101, 7, 1, 24, 26, 41, 5, 57, 75, 1, 129, 1, 29, 113, 12, 120, 11, 111, 10, 118, 18, 113, 13, 119, 10, 3, 56,
    129, 19, 8, 34, 8, 115, 61, 14, 8, 8, 98, 80, 23, 2, 27, 1, 1, 1, 1, 1, 4, 71, 1, 56, 8, 1, 100, 31,
    12, 72, 133, 63, 3, 135, 50, 35, 29, 129, 2, 9, 35, 11, 3, 1, 130, 49, 129, 87, 7, 55, 75, 16, 129, 30, 29, 9,
    12, 124, 40, 23, 129, 21, 3, 1, 133, 105, 154, 50, 10, 129, 6, 129, 1, 132, 42, 6, 105, 2, 129, 235, 84, 4, 1, 10,
    32, 84, 130, 16, 38, 4, 10, 74, 78, 18, 24, 7, 47, 25, 24, 33, 65, 36, 119, 31, 99, 13, 5, 5, 102, 129, 8, 8,
    1, 232, 20, 182, 30, 11, 133, 119, 16, 135, 77, 131, 34, 140, 98, 79, 129, 21, 11, 132, 52, 74, 130, 61, 2, 79, 89, 45,
    4, 122, 71, 41, 75, 7, 11, 51, 64, 5, 47, 12, 69, 4, 4, 1, 13, 81, 12, 6, 107, 54, 129, 117, 13, 106, 19, 104,
    129, 105, 18, 27, 101, 106, 14, 100, 31, 129, 112, 15, 129, 117, 20, 129, 13, 17, 2, 91, 8, 83, 131, 21, 18, 81, 132, 101,
    9, 67, 23, 123, 168, 107, 236, 46, 129, 2, 5, 59, 7, 136, 24, 129, 19, 2, 129, 153, 56, 1, 2, 164, 97, 80, 132, 21,
    5, 3, 6, 8, 8, 2, 7, 30, 4, 129, 20, 3, 143, 59, 55, 4, 50, 8, 1, 14, 1, 22, 141, 52, 130, 95, 81, 131,
    109, 130, 19, 133, 81, 129, 14,
];

#[cfg(test)]
mod tests {
    extern crate std;
    use std::format;
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

    fn runs() -> Vec<u8> {
        let mut signs = std::vec![None; 0x110000];
        characters(WORD_MARKS).into_iter().for_each(|c| signs[c as usize] = Some(false));
        characters(SIGNS).into_iter().for_each(|c| signs[c as usize] = Some(true));
        let (mut bytes, mut start, mut in_signs) = (Vec::new(), FIRST_MARK as usize, false);
        for (at, &is_sign) in signs.iter().enumerate().skip(start) {
            if is_sign.is_some_and(|is_sign| is_sign != in_signs) {
                let len = at - start;
                for shift in [14, 7].into_iter().filter(|shift| len >> shift > 0) {
                    bytes.push((len >> shift) as u8 | 0x80);
                }
                bytes.push((len & 0x7F) as u8);
                (start, in_signs) = (at, !in_signs);
            }
        }
        bytes
    }

    #[test]
    fn table_is_that_of_the_regex_crate() {
        let runs = runs();
        let lines: Vec<_> = runs.chunks(28).map(|line| format!("{line:?}").replace(['[', ']'], "")).collect();
        let table = lines.join(",\n    ");
        assert!(runs == MARKS, "the table should be:\nstatic MARKS: [u8; {}] = [\n    {table},\n];", runs.len());
    }

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
        assert_eq!(trim_end("see you", is_letter), "see ");
        assert_eq!(trim_end("हिन्दी", is_letter), "");
        assert_eq!(trim_end("love \u{2764}\u{FE0F}", is_letter), "love \u{2764}\u{FE0F}");
        assert_eq!(trim_end("a\u{3000}\t ", is_space), "a");
        assert_eq!(trim_end("", is_space), "");
    }
}
