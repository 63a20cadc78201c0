//! Splits text into the pieces that are encoded one by one.
//!
//! GPT-2 splits with this regular expression, which [`gpt2_piece`] follows branch by branch:
//! `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
//! A byte that is not part of UTF-8 counts as the third kind, neither letter nor number nor space.

use crate::text::{CharClass, class_of, decode};

#[inline(never)] // called in three places, and each copy is large
fn class_at(text: &[u8], at: usize) -> Option<(CharClass, usize)> {
    let (c, len) = decode(text.get(at..).filter(|rest| !rest.is_empty())?);
    let class = c.map_or(CharClass::Other, class_of);
    Some((if class == CharClass::Mark { CharClass::Other } else { class }, len))
}

/// Length of the first piece of a text by GPT-2's rule; 0 for an empty text. With `folds_case` the rule ignores
/// case. With `one_digit` each number character is a piece, and the rule holds for what is between them.
pub(super) fn gpt2_piece(text: &[u8], folds_case: bool, one_digit: bool) -> usize {
    let contraction = contraction(text, folds_case);
    if contraction > 0 {
        return contraction;
    }
    let is_alone = |class: CharClass| one_digit && class == CharClass::Number;
    let mut end = usize::from(text.first() == Some(&b' '));
    let class = match class_at(text, end) {
        Some((class, len)) if is_alone(class) && end == 0 => return len,
        Some((class, _)) if class != CharClass::Space && !is_alone(class) => class,
        _ => {
            end = 0;
            CharClass::Space
        }
    };
    let mut last = end;
    let mut next = class_at(text, end);
    while let Some((_, len)) = next.filter(|&(found, _)| found == class) {
        last = end;
        end += len;
        next = class_at(text, end);
    }
    // The last of several spaces belongs to the word that follows.
    let goes_on = next.is_some_and(|(next, _)| !is_alone(next));
    if class == CharClass::Space && goes_on && last > 0 { last } else { end }
}

fn contraction(text: &[u8], folds_case: bool) -> usize {
    let letter = |at: usize| match text.get(at).copied().unwrap_or_default() {
        byte if folds_case => byte.to_ascii_lowercase(),
        byte => byte,
    };
    match [letter(0), letter(1), letter(2)] {
        [b'\'', b's' | b't' | b'm' | b'd', _] => 2,
        [b'\'', b'r' | b'v', b'e'] | [b'\'', b'l', b'l'] => 3,
        _ => 0,
    }
}

/// Length of the spaces and the word that a text starts with: up to the first space after something else.
pub(super) fn word_piece(text: &[u8]) -> usize {
    let space = |&byte: &u8| byte == b' ';
    let spaces = text.iter().take_while(|byte| space(byte)).count();
    spaces + text.iter().skip(spaces).take_while(|byte| !space(byte)).count()
}
