//! Character classes of Unicode 16 in about 1 KB, for pre-tokenizers and for what words are made of.
//!
//! The standard library knows numbers and spaces but not `\p{L}`, and its tables change with the
//! compiler; a vocabulary must split text the same way for good.

/// The classes that pre-tokenizers and words tell apart. The numbers are those of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CharClass {
    /// `\p{L}`
    Letter = 0,
    /// A character of no other class.
    Other = 1,
    /// A mark that belongs to a letter, such as a vowel sign. Marks that change how a sign looks are
    /// [`Other`](Self::Other).
    Mark = 2,
    /// `\p{N}`
    Number = 3,
    /// `\s`: Unicode's White_Space
    Space = 4,
}

/// Fewest bits of a run's length.
const LEN_BITS: u32 = 2;

/// The class of a character. A character that is not assigned has the class of the one before it.
///
/// The table is a string of bits, the highest of a byte first: runs of one class each, all characters in order. A
/// run begins with a class: as many zeros as there are classes to pass over, and a one. Classes are in the order of
/// their numbers, without that of the run before. Then comes the length, less 1 and plus 2^`LEN_BITS`, in binary,
/// after a zero for each bit more than `LEN_BITS` + 1.
#[inline(never)] // called in four places
pub(crate) fn class_of(c: char) -> CharClass {
    let (mut left, mut class, mut at) = (u32::from(c), u32::MAX, 0);
    // Bits from a place on, 25 at least.
    let bits = |at: u32| {
        let bytes = CLASSES.get(at as usize / 8..)?.first_chunk()?;
        Some(u32::from_be_bytes(*bytes) << (at % 8))
    };
    while let Some(start) = bits(at) {
        let passed = start.leading_zeros();
        class = passed + u32::from(passed >= class);
        let more = (start << passed << 1).leading_zeros();
        at += passed + 1 + more;
        let n_bit = more + LEN_BITS + 1;
        let len = (bits(at).unwrap_or_default() >> (32 - n_bit)) + 1 - (1 << LEN_BITS);
        if left < len {
            break;
        }
        left -= len;
        at += n_bit;
    }
    match class {
        0 => CharClass::Letter,
        2 => CharClass::Mark,
        3 => CharClass::Number,
        4 => CharClass::Space,
        _ => CharClass::Other,
    }
}

// The table is made by the test below, which prints what is out of date. What is not assigned may be in any run.
#[rustfmt::skip]
static CLASSES: [u8; 1055] = [
    88, 40, 74, 140, 73, 22, 170, 157, 166, 118, 209, 137, 209, 139, 50, 163, 89, 156, 102, 97, 204, 154, 200, 139, 32, 115, 126, 249,
    26, 42, 204, 201, 68, 57, 209, 149, 229, 27, 153, 14, 57, 4, 118, 42, 131, 78, 152, 178, 180, 96, 198, 49, 172, 107, 22, 68,
    209, 2, 229, 17, 114, 96, 181, 250, 200, 102, 204, 84, 213, 58, 214, 63, 75, 123, 114, 79, 25, 16, 162, 8, 92, 93, 36, 91,
    18, 44, 223, 230, 54, 101, 248, 179, 29, 138, 146, 115, 138, 27, 21, 229, 85, 44, 139, 83, 108, 68, 145, 203, 177, 43, 138, 173,
    107, 75, 89, 38, 248, 233, 152, 147, 177, 69, 47, 45, 221, 41, 110, 98, 168, 233, 16, 72, 22, 155, 204, 92, 248, 233, 152, 149,
    149, 121, 106, 204, 93, 29, 51, 17, 13, 47, 45, 102, 18, 102, 71, 201, 90, 146, 68, 130, 65, 68, 116, 204, 78, 218, 242, 81,
    133, 76, 199, 50, 58, 102, 34, 42, 30, 93, 169, 72, 233, 184, 147, 202, 57, 133, 92, 242, 89, 149, 62, 18, 19, 229, 230, 164,
    35, 54, 106, 230, 84, 173, 133, 168, 170, 51, 102, 172, 185, 89, 124, 81, 52, 213, 36, 187, 24, 198, 49, 143, 108, 104, 151, 99,
    104, 70, 138, 216, 143, 34, 228, 190, 22, 169, 165, 254, 236, 118, 170, 231, 200, 47, 198, 22, 158, 216, 94, 200, 9, 145, 203, 9,
    169, 57, 56, 99, 200, 9, 191, 101, 6, 78, 209, 9, 220, 116, 72, 144, 150, 114, 233, 84, 140, 170, 70, 55, 68, 110, 207, 199,
    17, 26, 231, 49, 132, 156, 52, 54, 37, 100, 60, 162, 53, 37, 176, 65, 146, 40, 150, 105, 83, 99, 132, 92, 68, 106, 178, 180,
    44, 70, 73, 75, 52, 181, 40, 177, 123, 162, 20, 134, 150, 197, 233, 151, 196, 233, 165, 4, 135, 22, 196, 251, 8, 114, 110, 98,
    99, 217, 75, 53, 208, 100, 161, 14, 7, 3, 51, 174, 233, 14, 144, 162, 238, 23, 34, 1, 170, 6, 35, 33, 137, 51, 56, 165,
    70, 22, 169, 147, 134, 92, 252, 219, 115, 58, 138, 115, 51, 51, 63, 46, 223, 162, 143, 204, 35, 109, 40, 64, 91, 36, 126, 133,
    18, 101, 1, 60, 145, 10, 1, 27, 224, 232, 167, 221, 87, 152, 216, 115, 146, 100, 49, 162, 52, 101, 144, 58, 99, 31, 166, 39,
    11, 10, 89, 70, 157, 191, 11, 109, 111, 100, 46, 228, 18, 250, 122, 216, 142, 51, 147, 136, 203, 81, 9, 91, 9, 36, 70, 90,
    138, 137, 36, 10, 28, 0, 206, 28, 33, 192, 2, 180, 156, 33, 198, 59, 2, 33, 210, 101, 176, 144, 246, 45, 100, 68, 216, 73,
    45, 53, 20, 89, 176, 213, 176, 244, 206, 103, 178, 105, 67, 222, 82, 182, 55, 189, 177, 170, 117, 164, 153, 43, 79, 102, 107, 11,
    103, 213, 182, 105, 54, 200, 141, 241, 146, 69, 35, 132, 139, 104, 101, 165, 177, 146, 107, 153, 91, 203, 223, 53, 216, 232, 213, 152,
    237, 109, 13, 198, 79, 237, 202, 27, 203, 225, 119, 36, 105, 135, 101, 108, 121, 39, 0, 26, 1, 192, 12, 129, 192, 68, 44, 183,
    32, 139, 137, 32, 91, 165, 96, 130, 137, 47, 137, 210, 104, 67, 130, 74, 80, 181, 84, 237, 51, 183, 67, 236, 71, 2, 7, 81,
    25, 172, 35, 196, 161, 168, 116, 65, 13, 12, 108, 34, 40, 140, 144, 151, 50, 178, 152, 165, 108, 69, 145, 158, 17, 148, 20, 100,
    156, 24, 89, 1, 117, 97, 92, 214, 149, 69, 68, 121, 60, 81, 50, 88, 200, 138, 17, 35, 243, 116, 132, 60, 73, 69, 106, 201,
    52, 156, 64, 107, 34, 2, 38, 175, 39, 212, 148, 36, 227, 202, 166, 202, 230, 202, 231, 36, 200, 90, 131, 244, 166, 39, 94, 78,
    196, 74, 25, 17, 65, 170, 68, 113, 115, 93, 9, 239, 136, 11, 98, 37, 199, 167, 165, 94, 139, 102, 9, 232, 141, 209, 194, 73,
    113, 16, 153, 173, 181, 241, 130, 229, 75, 157, 17, 146, 103, 68, 233, 34, 215, 227, 98, 246, 54, 215, 70, 105, 31, 247, 177, 165,
    185, 153, 228, 69, 23, 175, 82, 205, 66, 20, 89, 84, 100, 148, 36, 202, 35, 150, 226, 86, 165, 52, 34, 24, 237, 57, 140, 201,
    4, 69, 28, 37, 126, 130, 215, 178, 21, 18, 251, 150, 16, 89, 198, 73, 84, 215, 162, 120, 205, 40, 235, 201, 52, 71, 23, 36,
    50, 162, 16, 226, 4, 177, 123, 224, 239, 73, 33, 162, 16, 200, 138, 52, 73, 99, 49, 171, 200, 83, 141, 18, 121, 152, 159, 197,
    177, 90, 172, 122, 181, 152, 186, 49, 73, 187, 37, 97, 78, 12, 56, 146, 72, 147, 140, 146, 153, 36, 68, 109, 136, 208, 227, 26,
    38, 49, 97, 39, 22, 164, 107, 32, 80, 229, 158, 177, 184, 200, 205, 36, 144, 45, 33, 102, 76, 152, 69, 208, 8, 6, 67, 154,
    78, 0, 183, 73, 40, 4, 51, 147, 101, 41, 200, 0, 179, 5, 42, 64, 54, 156, 4, 198, 72, 182, 20, 201, 56, 141, 66, 232,
    205, 82, 207, 188, 150, 128, 131, 120, 131, 78, 16, 201, 164, 54, 66, 147, 49, 8, 176, 165, 152, 159, 128, 4, 201, 252, 106, 0,
    65, 80, 147, 64, 64, 104, 83, 64, 67, 10, 28, 165, 90, 182, 170, 68, 47, 65, 46, 228, 63, 16, 134, 134, 50, 10, 56, 11,
    19, 39, 50, 34, 201, 204, 136, 178, 115, 34, 44, 156, 200, 139, 39, 50, 210, 53, 64, 64, 104, 233, 232, 213, 91, 18, 44, 76,
    160, 17, 162, 4, 13, 25, 195, 18, 29, 35, 53, 86, 18, 57, 2, 137, 16, 165, 98, 247, 146, 72, 29, 73, 247, 144, 113, 196,
    45, 194, 69, 3, 201, 7, 81, 97, 25, 194, 58, 170, 9, 20, 6, 44, 71, 204, 57, 132, 16, 12, 32, 212, 131, 206, 2, 19,
    36, 16, 5, 115, 16, 8, 39, 0, 0, 96, 0, 36, 0, 6, 0, 4, 0, 0, 0,
];

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;
    use std::{format, string::String};

    use super::*;

    /// Marks that belong to words; those that change how a sign looks, such as an emoji, do not.
    const WORD_MARKS: &str = r"[\p{M}&&[^\u{20D0}-\u{20FF}\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]]";

    /// Class of every code point; none for those that may have any.
    fn expected() -> Vec<Option<u8>> {
        let mut classes = std::vec![None; 0x110000];
        for (class, pattern) in [(1, r"\p{Assigned}"), (0, r"\p{L}"), (2, WORD_MARKS), (3, r"\p{N}"), (4, r"\s")] {
            let hir = regex_syntax::parse(pattern).unwrap();
            let regex_syntax::hir::HirKind::Class(regex_syntax::hir::Class::Unicode(ranges)) = hir.into_kind() else {
                panic!("not a class");
            };
            for range in ranges.iter() {
                classes[range.start() as usize..=range.end() as usize].fill(Some(class));
            }
        }
        classes
    }

    fn table(classes: &[Option<u8>]) -> Vec<u8> {
        let mut runs: Vec<(u8, u32)> = Vec::new();
        for &class in classes {
            match (class, runs.last_mut()) {
                (Some(class), Some((last, _))) if class != *last => runs.push((class, 1)),
                (_, Some((_, len))) => *len += 1,
                (class, None) => runs.push((class.unwrap(), 1)),
            }
        }
        let (mut bits, mut before) = (String::new(), u8::MAX);
        for (class, len) in runs {
            bits += &"0".repeat(usize::from(class - u8::from(class > before)));
            let len = format!("{:b}", len - 1 + (1 << LEN_BITS));
            bits = bits + "1" + &"0".repeat(len.len() - 1 - LEN_BITS as usize) + &len;
            before = class;
        }
        let byte = |bits: &[u8]| bits.iter().enumerate().fold(0, |byte, (i, bit)| byte | (bit & 1) << (7 - i));
        let mut table: Vec<u8> = bits.as_bytes().chunks(8).map(byte).collect();
        // The last run's length is read with three bytes more.
        table.extend([0; 3]);
        table
    }

    #[test]
    fn the_table_is_that_of_the_regex_crate() {
        let expected = table(&expected());
        let lines: Vec<String> = expected.chunks(28).map(|l| format!("{l:?}").replace(['[', ']'], "")).collect();
        let (n, lines) = (expected.len(), lines.join(",\n    "));
        assert!(expected == CLASSES, "the table should be:\nstatic CLASSES: [u8; {n}] = [\n    {lines},\n];");
    }

    #[test]
    fn every_assigned_character_has_the_class_of_the_regex_crate() {
        let classes = expected();
        for c in '\0'..=char::MAX {
            assert!(classes[c as usize].is_none_or(|class| class_of(c) as u8 == class), "{c:?}");
        }
    }
}
