//! Capital and small letters, and the one folding of case that all comparisons of words use.
//!
//! Rules are those of Unicode for single characters, whatever the language. A language's own are in
//! [`Language`](super::Language).

use super::utf8::{decode, utf8_word};
use crate::part::tail;

/// Capitals from one to another, and how far from them their small letters are; 1 stands for a capital and a small
/// letter in turn. Of two capitals of one small letter the usual one comes first.
const RUNS: [(u16, u16, i16); 33] = [
    (0xC0, 0xD6, 32),
    (0xD8, 0xDE, 32),
    (0x100, 0x12F, 1),
    (0x130, 0x130, -199),
    (0x132, 0x137, 1),
    (0x139, 0x148, 1),
    (0x14A, 0x177, 1),
    (0x178, 0x178, -121),
    (0x179, 0x17E, 1),
    (0x1A0, 0x1A0, 1),
    (0x1AF, 0x1AF, 1),
    (0x1CD, 0x1DC, 1),
    (0x1DE, 0x1EF, 1),
    (0x1F8, 0x21F, 1),
    (0x222, 0x233, 1),
    (0x386, 0x386, 38),
    (0x388, 0x38A, 37),
    (0x38C, 0x38C, 64),
    (0x38E, 0x38F, 63),
    (0x391, 0x3A1, 32),
    (0x3A3, 0x3AB, 32),
    (0x400, 0x40F, 80),
    (0x410, 0x42F, 32),
    (0x460, 0x481, 1),
    (0x48A, 0x4BF, 1),
    (0x4C0, 0x4C0, 15),
    (0x4C1, 0x4CE, 1),
    (0x4D0, 0x52F, 1),
    (0x531, 0x556, 48),
    (0x1E00, 0x1E95, 1),
    (0x1E9E, 0x1E9E, -7615),
    (0x1EA0, 0x1EFF, 1),
    (0x212A, 0x212A, -8383),
];

/// The small letter of a capital; anything else stays.
#[inline(never)]
pub(crate) fn small(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let code = u32::from(c);
    let run = RUNS.iter().find(|(first, last, _)| (u32::from(*first)..=u32::from(*last)).contains(&code));
    let of = |&(first, _, apart): &(u16, u16, i16)| match apart {
        1 => code + (code - u32::from(first) + 1) % 2,
        _ => code.wrapping_add_signed(apart.into()),
    };
    run.map(of).and_then(char::from_u32).unwrap_or(c)
}

/// The capital of a small letter; anything else stays, such as a letter whose capital is several letters.
#[inline(never)]
pub(crate) fn capital(c: char) -> char {
    match c {
        'ı' => return 'I',
        'ς' => return 'Σ',
        'ß' => return c,
        _ if c.is_ascii() => return c.to_ascii_uppercase(),
        _ => {}
    }
    let of = |&(first, last, apart): &(u16, u16, i16)| {
        let large = char::from_u32(u32::from(c).wrapping_add_signed(-i32::from(apart)))?;
        ((first.into()..=last.into()).contains(&u32::from(large)) && small(large) == c).then_some(large)
    };
    RUNS.iter().find_map(of).unwrap_or(c)
}

/// What two letters have in common that differ in their case or form only: the small letter, without the forms that
/// Greek and old German have for one place in a word. Apostrophes of all forms are one.
pub(crate) fn fold(c: char) -> char {
    match small(c) {
        '\u{3C2}' => '\u{3C3}',
        '\u{17F}' => 's',
        c => straight(c),
    }
}

/// The apostrophe of a typewriter for one of typography; anything else stays.
pub(crate) fn straight(c: char) -> char {
    if matches!(c, '\u{2019}' | '\u{2BC}') { '\'' } else { c }
}

/// The letter that a text begins with, changed by a rule: its UTF-8 with the first byte lowest, and the bytes that it
/// has in the text. A byte that is no UTF-8 stays.
#[inline(never)]
pub(crate) fn start_in(text: &[u8], rule: fn(char) -> char) -> (u32, usize) {
    match decode(text) {
        (Some(c), len) => (utf8_word(rule(c).into()), len),
        (None, len) => (text.first().copied().unwrap_or_default().into(), len),
    }
}

/// Whether two words are the same but for the case of letters.
pub(crate) fn is_same_word(mut one: &[u8], mut other: &[u8]) -> bool {
    while !one.is_empty() && !other.is_empty() {
        let ((letter, len), (other_letter, other_len)) = (start_in(one, fold), start_in(other, fold));
        if letter != other_letter {
            return false;
        }
        (one, other) = (tail(one, len), tail(other, other_len));
    }
    one.is_empty() && other.is_empty()
}

/// The first byte of a letter of several that may have another case.
pub(crate) fn has_cases(lead: u8) -> bool {
    matches!(lead, 0xC3..=0xD6 | 0xE1)
}

/// Whether two letters that begin with these bytes may be the same but for case, form and accent: quick, and wrong only
/// where it says yes.
#[inline]
pub(crate) fn may_be_same(one: u8, other: u8) -> bool {
    if (one | other) < 0x80 {
        return one == other || one ^ other == 0x20 && one.is_ascii_alphabetic();
    }
    // Many letters are ASCII in another case or without an accent, so what goes on in one may stand beside any letter.
    one & other >= 0x80 || matches!(one.max(other), 0x80..=0xCA | 0xE1..=0xE2)
}

/// Classes of letters by their first bytes.
pub(crate) const N_LETTER_CLASS: usize = 32;

/// The class of a letter with some first byte, in whatever case.
pub(crate) fn byte_class(first: u8) -> usize {
    let small = match first {
        0xC4..=0xC5 => 0xC3,
        0xCF | 0xD1 => first - 1,
        0xD5..=0xD6 => 0xD4,
        _ => first.to_ascii_lowercase(),
    };
    usize::from(small) % N_LETTER_CLASS
}

/// The class of the letter that a text begins with.
pub(crate) fn letter_class(text: &[u8]) -> usize {
    byte_class(start_in(text, fold).0 as u8)
}

/// Numbers of capital and of small letters. As `ß` has no capital on keyboards it counts as one behind others.
pub(crate) fn count_cases(mut text: &[u8]) -> [usize; 2] {
    let mut counts = [0; 2];
    while !text.is_empty() {
        let (c, len) = decode(text);
        if let Some(c) = c {
            counts[0] += usize::from(small(c) != c);
            counts[1] += usize::from(capital(c) != c);
            counts[usize::from(counts[0] < 2)] += usize::from(c == 'ß');
        }
        text = tail(text, len);
    }
    counts
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    /// What the standard library makes of a character, if it is one character.
    fn only(mut chars: impl Iterator<Item = char>) -> Option<char> {
        chars.next().filter(|_| chars.next().is_none())
    }

    /// All of these alphabets' letters have both cases here, but for `IRREGULAR`.
    const ALPHABETS: [core::ops::RangeInclusive<u32>; 11] = [
        0x20..=0x17F,
        0x1A0..=0x1A1,
        0x1AF..=0x1B0,
        0x1CD..=0x1DC,
        0x1DE..=0x1EF,
        0x1F8..=0x21F,
        0x222..=0x233,
        0x384..=0x3CE,
        0x400..=0x52F,
        0x531..=0x586,
        0x1E00..=0x1EFF,
    ];
    /// Letters whose other case is several letters, another alphabet's, or another form of the letter.
    const IRREGULAR: &str = "İıſςµŉΐΰևẖẗẘẙẚẛẞßÿǰ";

    #[test]
    fn letters_are_those_of_unicode() {
        for c in ('\0'..='\u{FFFF}').filter(|c| !IRREGULAR.contains(*c)) {
            let (small, large) = (small(c), capital(c));
            let (their_small, their_large) = (only(c.to_lowercase()), only(c.to_uppercase()));
            let is_ours = ALPHABETS.iter().any(|all| all.contains(&u32::from(c)));
            assert!(their_small == Some(small) || !is_ours && small == c, "{c} {small}");
            assert!(their_large == Some(large) || !is_ours && large == c, "{c} {large}");
            assert!(small.len_utf8() <= c.len_utf8(), "{c}");
        }
        assert_eq!(['İ', 'ẞ', '\u{212A}', 'ς', 'ı'].map(small), ['i', 'ß', 'k', 'ς', 'ı']);
        assert_eq!(['ı', 'ς', 'ß', 'ÿ'].map(capital), ['I', 'Σ', 'ß', 'Ÿ']);
        assert_eq!(['Σ', 'ς', 'σ', 'ſ', 'S', 'ẞ'].map(fold), ['σ', 'σ', 'σ', 's', 's', 'ß']);
        assert_eq!(['’', 'ʼ', '\'', '‘'].map(fold), ['\'', '\'', '\'', '‘']);
    }

    #[test]
    fn words_are_the_same_in_any_case_and_in_none() {
        for (one, other) in [
            ("Über", "über"),
            ("РАБОТА", "работа"),
            ("Έλα", "έλα"),
            ("Ÿ", "ÿ"),
            ("țară", "Țară"),
            ("日本", "日本"),
            ("STRAẞE", "straße"),
            ("İzmir", "izmir"),
            ("ΣΑΣ", "σας"),
            ("VIỆT", "việt"),
            ("ƯỚC", "ước"),
            ("\u{212A}ilo", "kilo"),
            ("Don’t", "don't"),
            ("Пʼять", "п'ять"),
            ("", ""),
        ] {
            assert!(is_same_word(one.as_bytes(), other.as_bytes()), "{one} {other}");
        }
        // Bytes that differ by the bit that tells cases apart in other letters.
        for (one, other) in
            [("日", "旼"), ("×", "÷"), ("ß", "ÿ"), ("е", "э"), ("а", "б"), ("é", "e"), ("ab", "a"), ("ı", "i")]
        {
            assert!(!is_same_word(one.as_bytes(), other.as_bytes()), "{one} {other}");
        }
    }

    #[test]
    fn what_is_quick_lets_all_through_that_fit() {
        for c in '\u{80}'..='\u{FFFF}' {
            let folded = fold(c);
            let [mut one, mut other] = [[0; 4]; 2];
            let (one, other) = (c.encode_utf8(&mut one).as_bytes(), folded.encode_utf8(&mut other).as_bytes());
            assert!(may_be_same(one[0], other[0]) && may_be_same(other[0], one[0]), "{c}");
            assert_eq!(letter_class(one), letter_class(other), "{c}");
            assert!(one.len() != other.len() || byte_class(one[0]) == byte_class(other[0]), "{c}");
            assert!(
                one[0] == other[0] || other[0] < 0x80 || one[0] == 0xE1 || has_cases(one[0]) && has_cases(other[0])
            );
        }
    }

    #[test]
    fn capital_and_small_letters_are_counted() {
        assert_eq!(count_cases("ÜBer Ж1".as_bytes()), [3, 2]);
        assert_eq!(count_cases("STRAßE".as_bytes()), [6, 0]);
        assert_eq!(count_cases("Fuß".as_bytes()), [1, 2]);
        assert_eq!(count_cases(&[0xC3]), [0, 0], "half a character");
    }
}
