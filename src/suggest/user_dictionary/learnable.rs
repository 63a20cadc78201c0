//! Which words are learned, how they are written, and which of them may be slips.

use crate::part::sides;
use crate::suggest::word_rule::is_word;
use crate::text::{BytesIn, CharClass, Language, MAX_WORD_BYTES, Reads, Text, class_of, count_cases, decode};

/// Letters of a word that is compared with listed ones. Of shorter ones nearly all are near to another, longer ones are
/// too much work.
const COMPARED: core::ops::RangeInclusive<usize> = 4..=16;

/// Whether a word is learned: not if it is long, nor with digits. Signs at its end are cut off as far as the work for
/// that is bounded.
pub(super) fn may_be_learned(word: &str) -> bool {
    let has_digit = word.chars().any(|c| class_of(c) == CharClass::Number);
    word.len() <= MAX_WORD_BYTES && !has_digit && is_word(word.as_bytes())
}

/// A word without the capital that it has for being the first of a sentence.
pub(super) fn own_spelling(word: &str, starts_sentence: bool) -> Text {
    let (first, rest) = sides(word.as_bytes(), decode(word.as_bytes()).1);
    let small = Some(Language::Any).filter(|_| starts_sentence && count_cases(rest)[0] == 0);
    let mut own = Text::new();
    BytesIn::new(first, Reads { small, ..Reads::AS_WRITTEN }).chain(rest.iter().copied()).all(|byte| own.push(byte));
    own
}

/// Whether a word of ASCII would be known but for one letter: left out, too many, another one, or two swapped.
pub(super) fn is_slip(word: &str, is_known: &impl Fn(&str) -> bool) -> bool {
    let letters = word.as_bytes();
    if !letters.iter().all(u8::is_ascii_alphabetic) || !COMPARED.contains(&letters.len()) {
        return false;
    }
    let is_known = |before: &[u8], middle: &[u8], after: &[u8]| {
        let mut text = Text::new();
        let bytes = [before, middle, after].into_iter().flatten().copied();
        bytes.map(|byte| byte.to_ascii_lowercase()).all(|byte| text.push(byte))
            && core::str::from_utf8(&text).is_ok_and(is_known)
    };
    (0..=letters.len()).any(|at| {
        let (before, after) = letters.split_at_checked(at).unwrap_or_default();
        let rest = after.get(1..);
        let is_swapped = matches!(after, [a, b, rest @ ..] if is_known(before, &[*b, *a], rest));
        let of_letter =
            |letter| is_known(before, &[letter], after) || rest.is_some_and(|r| is_known(before, &[letter], r));
        is_swapped || rest.is_some_and(|rest| is_known(before, &[], rest)) || (b'a'..=b'z').any(of_letter)
    })
}
