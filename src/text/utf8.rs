//! UTF-8 in texts and tokens, which are any bytes, some of them characters.

use crate::part::{sides, tail};

/// The character that `text` starts with, and its bytes. Where that is not UTF-8: no character, and one byte.
#[inline(never)]
pub(crate) fn decode(text: &[u8]) -> (Option<char>, usize) {
    let Some((&first, rest)) = text.split_first() else { return (None, 1) };
    let n_ones = first.leading_ones();
    if n_ones == 0 {
        return (Some(first.into()), 1);
    }
    let mut code = u32::from(first) & (0x7F >> n_ones);
    let mut len = 1;
    for &byte in rest.iter().take_while(|&&byte| byte >> 6 == 2).take(n_ones as usize - 1) {
        code = code << 6 | u32::from(byte & 0x3F);
        len += 1;
    }
    // Neither cut off, nor longer than it has to be.
    match char::from_u32(code) {
        Some(c) if len > 1 && c.len_utf8() == len && n_ones as usize == len => (Some(c), len),
        _ => (None, 1),
    }
}

/// The character that `text` ends with, and what is before it. `None` if there is nothing, or no UTF-8 at the end.
pub(crate) fn split_last_char(text: &[u8]) -> Option<(char, &[u8])> {
    let start = text.iter().rposition(|&byte| byte >> 6 != 2)?;
    let (before, last) = sides(text, start);
    match decode(last) {
        (Some(c), len) if len == last.len() => Some((c, before)),
        _ => None,
    }
}

/// Whether bytes are UTF-8.
pub(crate) fn is_utf8(mut text: &[u8]) -> bool {
    while !text.is_empty() {
        let (c, len) = decode(text);
        if c.is_none() {
            return false;
        }
        text = tail(text, len);
    }
    true
}

/// The UTF-8 of a character, the first byte lowest and zeros above the last one. Smaller than the library's way.
#[inline(never)] // called in four places
pub(crate) fn utf8_word(code: u32) -> u32 {
    if code < 0x80 {
        return code;
    }
    // The first byte has room for one bit less with every byte that follows.
    let (mut rest, mut later, mut room) = (code, 0, 0x40);
    while rest >= room {
        later = (later | 0x80 | rest & 0x3F) << 8;
        (rest, room) = (rest >> 6, room >> 1);
    }
    later | (!(2 * room - 1) & 0xFF) | rest
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;

    use super::*;

    #[test]
    fn agrees_with_the_library_on_all_beginnings() {
        const TAILS: [[u8; 2]; 6] =
            [[0x80, 0x80], [0x8F, 0xBF], [0x90, 0x80], [0xBF, 0xBF], [0x41, 0x80], [0x80, 0xC3]];
        for (first, second) in (0..=255u8).flat_map(|first| (0..=255u8).map(move |second| (first, second))) {
            for tail in TAILS {
                let bytes: Vec<u8> = [first, second].into_iter().chain(tail).collect();
                let lossless = (1..=4).find_map(|len| core::str::from_utf8(&bytes[..len]).ok());
                let expected = lossless.map_or((None, 1), |s| (s.chars().next(), s.len()));
                assert_eq!(decode(&bytes), expected, "{bytes:X?}");
                for len in 0..=4 {
                    assert_eq!(is_utf8(&bytes[..len]), core::str::from_utf8(&bytes[..len]).is_ok(), "{bytes:X?}");
                }
            }
        }
        assert_eq!(decode(b""), (None, 1));
    }

    #[test]
    fn last_characters_are_split_off() {
        for c in ['a', 'é', '天', '😀'] {
            let text = std::format!("x{c}");
            assert_eq!(split_last_char(text.as_bytes()), Some((c, &b"x"[..])));
        }
        assert_eq!(split_last_char(b""), None);
        assert_eq!(split_last_char(b"a\x80"), None);
    }

    #[test]
    fn characters_have_the_bytes_that_the_library_gives_them() {
        for c in '\0'..=char::MAX {
            let mut utf8 = [0; 4];
            c.encode_utf8(&mut utf8);
            assert_eq!(utf8_word(c.into()).to_le_bytes(), utf8, "{c:?}");
        }
    }
}
