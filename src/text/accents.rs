//! Letters without their accents, in Latin and Greek.

use super::case::fold;
use super::utf8::decode;
use crate::part::tail;

/// What small letters are without their accents: those from à to ÿ, one of each pair from Ā to ț, and one of each pair
/// from Ạ to Ỹ. `@` stands for a letter of its own.
const LETTERS: &[u8; 219] = b"aaaaaa@ceeeeiiiidnooooo@ouuuuy@y\
    aaaccccddeeeeegggghhiiiii@jk@lllllnnnnooo@rrrsssstttuuuuuuwy@zzz@@@@@@@@@@@@@@@@o@@@@@@@u\
    @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@st\
    aaaaaaaaaaaaeeeeeeeeiioooooooooooouuuuuuuyyyy";

/// Runs of equal letters of [`LETTERS`]: the low bits of the letter, above them the length of the run less one.
const RUNS: [u8; 59] = {
    let (mut runs, mut n, mut at) = ([0; 59], 0, 0);
    while at < LETTERS.len() {
        let (start, letter) = (at, LETTERS[at]);
        while at < LETTERS.len() && at < start + 8 && LETTERS[at] == letter {
            at += 1;
        }
        runs[n] = ((at - start - 1) as u8) << 5 | letter & 31;
        n += 1;
    }
    assert!(n == runs.len());
    runs
};

/// Letters of Greek and Cyrillic with an accent, and what they are without: how far they are from U+0380.
const OTHER_ALPHABETS: [[u8; 2]; 15] = [
    [0x10, 0x39],
    [0x2C, 0x31],
    [0x2D, 0x35],
    [0x2E, 0x37],
    [0x2F, 0x39],
    [0x30, 0x45],
    [0x4A, 0x39],
    [0x4B, 0x45],
    [0x4C, 0x3F],
    [0x4D, 0x45],
    [0x4E, 0x49],
    [0xB9, 0xB8],
    [0xD1, 0xB5],
    [0xD7, 0xD6],
    [0xDE, 0xC3],
];

/// A small letter of Latin or Greek without its accent; any other character stays.
#[inline(never)]
pub(crate) fn without_accent(c: char) -> char {
    let mut at = match u32::from(c) {
        0x380..0x400 => return without_accent_of_other(c),
        code @ 0xE0..0x100 => code - 0xE0,
        // Capitals and small letters in turn.
        code @ 0x100..0x21C => 0x20 + (code - 0x100) / 2,
        code @ 0x1EA0..0x1EFA => 0xAE + (code - 0x1EA0) / 2,
        _ => return c,
    };
    for run in RUNS {
        let n = u32::from(run >> 5) + 1;
        if at < n {
            return if run & 31 == 0 { c } else { (run & 31 | 0x60).into() };
        }
        at -= n;
    }
    c
}

/// A letter of Greek or Cyrillic without its accent; any other character stays.
#[inline(never)]
fn without_accent_of_other(c: char) -> char {
    let bare = OTHER_ALPHABETS.iter().find(|[accented, _]| 0x380 + u32::from(*accented) == c.into());
    bare.and_then(|&[_, bare]| char::from_u32(0x380 + u32::from(bare))).unwrap_or(c)
}

/// What a small letter is without its accent, in Cyrillic, too, where a letter with an accent is one of its own.
fn base(c: char) -> char {
    without_accent_of_other(without_accent(c))
}

/// Bytes at the start of what was typed that are the letter `c`, which is [folded](super::fold), in its decomposed
/// form: a letter and the combining accents behind it. `None` if there are no such accents, or it is another letter.
///
/// Any accents will do for those of the letter, so that no table has to tell them apart: who types them wants one.
pub(crate) fn decomposed_len(typed: &[u8], c: char) -> Option<usize> {
    let (letter, letter_len) = decode(typed);
    let letter = fold(letter?);
    let marks = tail(typed, letter_len);
    let marks_len = accents_len(marks);
    // The capital of the Turkish i has its dot for an accent.
    let is_other = c != letter || c == 'i' && marks.starts_with("\u{307}".as_bytes());
    (marks_len > 0 && is_other && base(c) == base(letter)).then_some(letter_len + marks_len)
}

/// Bytes of the combining accents that a text begins with.
pub(crate) fn accents_len(text: &[u8]) -> usize {
    // The first bytes of U+0300 and the accents behind it.
    2 * text.chunks_exact(2).take_while(|mark| matches!(mark, [0xCC | 0xCD, _])).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::may_be_same;

    #[test]
    fn letters_lose_their_accents() {
        for (letter, accented) in [
            ('a', "àáâãäåāăąạảấầẩẫậắằẳẵặ"),
            ('c', "çćĉċč"),
            ('d', "ðďđ"),
            ('e', "èéêëēĕėęěẹẻẽếềểễệ"),
            ('g', "ĝğġģ"),
            ('h', "ĥħ"),
            ('i', "ìíîïĩīĭįıỉị"),
            ('j', "ĵ"),
            ('k', "ķ"),
            ('l', "ĺļľŀł"),
            ('n', "ñńņňŉŋ"),
            ('o', "òóôõöøōŏőơọỏốồổỗộớờởỡợ"),
            ('r', "ŕŗř"),
            ('s', "śŝşšș"),
            ('t', "ţťŧț"),
            ('u', "ùúûüũūŭůűųưụủứừửữự"),
            ('w', "ŵ"),
            ('y', "ýÿŷỳỵỷỹ"),
            ('z', "źżž"),
            ('α', "ά"),
            ('ε', "έ"),
            ('η', "ή"),
            ('ι', "ίϊΐ"),
            ('ο', "ό"),
            ('υ', "ύϋΰ"),
            ('ω', "ώ"),
        ] {
            for c in accented.chars() {
                assert_eq!(without_accent(c), letter, "{c}");
            }
        }
        for c in ['a', 'z', '\'', '-', '1', 'ß', 'æ', 'œ', 'þ', '÷', 'ĳ', 'ĸ', 'ǝ', 'ɐ', 'α', 'й', '日'] {
            assert_eq!(without_accent(c), c);
        }
    }

    #[test]
    fn accents_may_be_typed_behind_their_letters() {
        for (typed, c, len) in [
            ("e\u{301}cole", 'é', 3),
            ("E\u{301}", 'é', 3),
            ("n\u{303}", 'ñ', 3),
            ("s\u{326}", 'ș', 3),
            ("α\u{301}λλα", 'ά', 4),
            ("ι\u{308}\u{301}", 'ΐ', 6),
            ("и\u{306}", 'й', 4),
            ("і\u{308}", 'ї', 4),
            ("e\u{323}\u{302}t", 'ệ', 5),
            ("ê\u{323}t", 'ệ', 4),
            ("ơ\u{301}", 'ớ', 4),
            ("o\u{31B}\u{301}", 'ớ', 5),
            ("I\u{307}", 'i', 3),
        ] {
            assert_eq!(decomposed_len(typed.as_bytes(), c), Some(len), "{typed} {c}");
        }
        for (typed, c) in [("e", 'é'), ("e\u{301}", 'e'), ("e\u{301}", 'á'), ("и", 'й'), ("", 'é'), ("\u{301}", 'é')]
        {
            assert_eq!(decomposed_len(typed.as_bytes(), c), None, "{typed} {c}");
        }
        assert_eq!(decomposed_len(&[b'e', 0xCC], 'é'), None, "half a mark");
    }

    #[test]
    fn first_bytes_tell_what_letters_may_be() {
        for c in ('\u{80}'..='\u{FFFF}').filter(|&c| without_accent(fold(c)) != fold(c)) {
            let key = without_accent(fold(c));
            let [mut letter, mut typed] = [[0; 4]; 2];
            let (letter, typed) = (c.encode_utf8(&mut letter).as_bytes(), key.encode_utf8(&mut typed).as_bytes());
            assert!(may_be_same(letter[0], typed[0]), "{c} {key}");
        }
    }
}
