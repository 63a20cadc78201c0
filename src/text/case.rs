//! Letter case: of ASCII, and of the alphabets whose letters take two bytes (Latin, Greek, Cyrillic, Armenian). A
//! letter keeps its number of bytes, so typed letters lie over those of a word.

use crate::part::tail;

/// How a text agrees with the typed letters, as far as both go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    #[default]
    No,
    /// The letters agree, but not their case.
    Case,
    Exact,
}

/// Ranges of capitals: first, last, and the distance to their small letters. A distance of 1 means that capitals
/// and small letters alternate.
const RUNS: [(u16, u16, i16); 23] = [
    (0xC0, 0xD6, 32),
    (0xD8, 0xDE, 32),
    (0x100, 0x12F, 1),
    (0x132, 0x137, 1),
    (0x139, 0x148, 1),
    (0x14A, 0x177, 1),
    (0x178, 0x178, -121),
    (0x179, 0x17E, 1),
    (0x218, 0x21B, 1),
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
];

/// Whether a byte is the first of a two-byte letter that may have another case.
fn is_lead(byte: u8) -> bool {
    matches!(byte, 0xC3..=0xD6)
}

fn code(lead: u8, second: u8) -> u16 {
    u16::from(lead & 0x1F) << 6 | u16::from(second & 0x3F)
}

/// The small letter of a capital; anything else stays.
fn small(code: u16) -> u16 {
    if code < 0x80 {
        return u16::from((code as u8).to_ascii_lowercase());
    }
    let capitals = RUNS.iter().find(|(first, last, _)| (*first..=*last).contains(&code));
    capitals.map_or(code, |&(first, _, apart)| match apart {
        1 => code + (code - first + 1) % 2,
        _ => code.wrapping_add_signed(apart),
    })
}

/// The capital of a small letter; anything else stays.
fn capital(code: u16) -> u16 {
    if code < 0x80 {
        return u16::from((code as u8).to_ascii_uppercase());
    }
    let of = |&(first, last, apart): &(u16, u16, i16)| {
        let large = code.wrapping_sub(apart as u16);
        ((first..=last).contains(&large) && small(large) == code).then_some(large)
    };
    RUNS.iter().find_map(of).unwrap_or(code)
}

/// How a byte agrees with the byte of a letter in the same place. `before` are the bytes before the two, which
/// agree.
pub(crate) fn byte_fit(before: [Option<&u8>; 2], byte: u8, letter: u8) -> Fit {
    if byte < 0x80 || letter < 0x80 {
        return match byte == letter {
            true => Fit::Exact,
            false if byte.eq_ignore_ascii_case(&letter) => Fit::Case,
            false => Fit::No,
        };
    }
    wide_byte_fit(before, byte, letter)
}

#[inline(never)]
fn wide_byte_fit(before: [Option<&u8>; 2], byte: u8, letter: u8) -> Fit {
    let codes = match before {
        [Some(&mine), Some(&theirs)] if is_lead(mine) && is_lead(theirs) => [code(mine, byte), code(theirs, letter)],
        // The second byte decides.
        _ if byte != letter && is_lead(byte) && is_lead(letter) => return Fit::Case,
        _ => [byte, letter].map(u16::from),
    };
    match codes {
        [mine, theirs] if mine == theirs => Fit::Exact,
        [mine, theirs] if before[0].is_some_and(|&lead| is_lead(lead)) && small(mine) == small(theirs) => Fit::Case,
        _ => Fit::No,
    }
}

/// Whether a byte may agree with a byte of a letter when case is ignored. The test is quick, and exact for ASCII
/// only.
pub(crate) fn may_fit(byte: u8, letter: u8) -> bool {
    byte.eq_ignore_ascii_case(&letter) || byte & letter >= 0x80
}

/// Whether two words are equal when case is ignored.
pub(crate) fn is_same_word(one: &[u8], other: &[u8]) -> bool {
    let before = |at: usize| [one.get(at.wrapping_sub(1)), other.get(at.wrapping_sub(1))];
    let agree = |(at, (&a, &b)): (usize, (&u8, &u8))| byte_fit(before(at), a, b) != Fit::No;
    one.len() == other.len() && one.iter().zip(other).enumerate().all(agree)
}

/// A number that the first bytes of a letter share in both cases.
pub(crate) fn without_case(first: u8) -> u8 {
    match first {
        0xC4..=0xC5 => 0xC3,
        0xCF | 0xD1 => first - 1,
        0xD5..=0xD6 => 0xD4,
        _ => first.to_ascii_lowercase(),
    }
}

/// The letter of one or two bytes that a text begins with; 0 for anything else.
fn first_letter(text: &[u8]) -> u16 {
    match *text {
        [lead, second @ 0x80..=0xBF, ..] if is_lead(lead) => code(lead, second),
        [byte, ..] if byte < 0x80 => byte.into(),
        _ => 0,
    }
}

/// UTF-8 of a letter from U+0080 to U+07FF.
fn two_bytes(code: u16) -> [u8; 2] {
    [0xC0 | (code >> 6) as u8, 0x80 | (code & 0x3F) as u8]
}

/// The letter or byte that a text begins with, as a small letter, and how many of the two bytes it takes.
pub(crate) fn small_start(text: &[u8]) -> ([u8; 2], usize) {
    match first_letter(text) {
        letter @ 0x80.. => (two_bytes(small(letter)), 2),
        _ => ([text.first().copied().unwrap_or_default().to_ascii_lowercase(), 0], 1),
    }
}

/// A byte of a text as it is when the text is written in small letters.
pub(crate) fn small_byte(text: &[u8], at: usize) -> Option<u8> {
    let before = at.checked_sub(1).and_then(|before| text.get(before)).copied().unwrap_or_default();
    match *text.get(at)? {
        0x80..=0xBF if is_lead(before) => small_start(tail(text, at - 1)).0.last().copied(),
        _ => small_start(tail(text, at)).0.first().copied(),
    }
}

/// How many capitals and how many small letters a text has.
pub(crate) fn count_cases(mut text: &[u8]) -> [usize; 2] {
    let mut counts = [0; 2];
    while !text.is_empty() {
        let letter = first_letter(text);
        counts[0] += usize::from(small(letter) != letter);
        counts[1] += usize::from(capital(letter) != letter);
        text = tail(text, if letter < 0x80 { 1 } else { 2 });
    }
    counts
}

/// Makes the letter that a text begins with a capital. Returns its bytes.
pub(crate) fn capitalize(text: &mut [u8]) -> usize {
    let letter = first_letter(text);
    let large = capital(letter);
    match text {
        [lead, second, ..] if letter >= 0x80 => {
            [*lead, *second] = two_bytes(large);
            2
        }
        [byte, ..] if letter > 0 => {
            *byte = large as u8;
            1
        }
        _ => 1,
    }
}

/// Makes all letters of a text capitals.
pub(crate) fn capitalize_all(mut text: &mut [u8]) {
    while !text.is_empty() {
        let len = capitalize(text);
        text = text.get_mut(len..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::borrow::ToOwned;
    use std::string::String;

    /// What the standard library makes of a character, if it is one character.
    fn only(mut chars: impl Iterator<Item = char>) -> Option<char> {
        chars.next().filter(|_| chars.next().is_none())
    }

    #[test]
    fn letters_are_those_of_unicode() {
        for code in 1..0x600u16 {
            let c = char::from_u32(code.into()).unwrap();
            let (small, large) = (small(code), capital(code));
            let (their_small, their_large) = (only(c.to_lowercase()), only(c.to_uppercase()));
            if small != code {
                assert_eq!(Some(small.into()), their_small.map(u32::from), "{c}");
            }
            if large != code {
                assert_eq!(Some(large.into()), their_large.map(u32::from), "{c}");
            }
            let alphabets = [0x20..=0x17F, 0x218..=0x21B, 0x384..=0x3CE, 0x400..=0x52F, 0x531..=0x586];
            let has_its_own = |c: char| matches!(c, 'İ' | 'ı' | 'ſ' | 'ς' | 'µ' | 'ŉ');
            if alphabets.iter().any(|all| all.contains(&code)) && !has_its_own(c) {
                let two_bytes = |c: &char| u32::from(*c) < 0x800;
                assert_eq!(Some(u32::from(small)), their_small.filter(two_bytes).or(Some(c)).map(u32::from), "{c}");
                assert_eq!(Some(u32::from(large)), their_large.filter(two_bytes).or(Some(c)).map(u32::from), "{c}");
            }
        }
    }

    #[test]
    fn words_are_the_same_in_any_case_and_in_none() {
        for (one, other) in
            [("Über", "über"), ("РАБОТА", "работа"), ("Έλα", "έλα"), ("Ÿ", "ÿ"), ("țară", "Țară"), ("日本", "日本")]
        {
            assert!(is_same_word(one.as_bytes(), other.as_bytes()), "{one} {other}");
        }
        // Bytes that differ by the bit that tells cases apart in other letters.
        for (one, other) in [("日", "旼"), ("×", "÷"), ("ß", "ÿ"), ("е", "э"), ("а", "б"), ("é", "e"), ("ab", "a")]
        {
            assert!(!is_same_word(one.as_bytes(), other.as_bytes()), "{one} {other}");
        }
    }

    #[test]
    fn what_is_quick_lets_all_through_that_fit() {
        for code in 0x80..0x800u32 {
            let c = char::from_u32(code).unwrap();
            let Some(small) = only(c.to_lowercase()) else { continue };
            let [mut one, mut other] = [[0; 4]; 2];
            let (one, other) = (c.encode_utf8(&mut one).as_bytes(), small.encode_utf8(&mut other).as_bytes());
            if is_same_word(one, other) {
                assert!(one.iter().zip(other).all(|(&a, &b)| may_fit(a, b)));
                assert_eq!(without_case(one[0]), without_case(other[0]), "{c}");
            }
        }
    }

    #[test]
    fn capitals_of_words() {
        let capital = |word: &str| {
            let mut bytes = word.to_owned().into_bytes();
            capitalize(&mut bytes);
            String::from_utf8(bytes).unwrap()
        };
        for (word, expected) in [("über", "Über"), ("ёлка", "Ёлка"), ("a", "A"), ("日本", "日本"), ("", ""), ("ß", "ß")]
        {
            assert_eq!(capital(word), expected);
        }
        assert_eq!(count_cases("ÜBer Ж1".as_bytes()), [3, 2]);
        assert_eq!(capitalize(&mut [0xC3]), 1, "half a character");
    }
}
