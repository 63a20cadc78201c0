//! Letters without their accents, in Latin and Greek.

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

/// Letters of Greek with an accent, and what they are without: how far they are from U+0380.
const GREEK: [[u8; 2]; 11] = [
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
];

/// A small letter of Latin or Greek without its accent; any other character stays.
#[inline(never)]
pub(crate) fn without_accent(c: char) -> char {
    let mut at = match u32::from(c) {
        code @ 0x380..0x400 => {
            let bare = GREEK.iter().find(|[accented, _]| u32::from(*accented) == code - 0x380);
            return bare.and_then(|&[_, bare]| char::from_u32(0x380 + u32::from(bare))).unwrap_or(c);
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{fold, may_be_same};

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
    fn first_bytes_tell_what_letters_may_be() {
        for c in ('\u{80}'..='\u{FFFF}').filter(|&c| without_accent(fold(c)) != fold(c)) {
            let key = without_accent(fold(c));
            let [mut letter, mut typed] = [[0; 4]; 2];
            let (letter, typed) = (c.encode_utf8(&mut letter).as_bytes(), key.encode_utf8(&mut typed).as_bytes());
            assert!(may_be_same(letter[0], typed[0]), "{c} {key}");
        }
    }
}
