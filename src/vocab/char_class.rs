//! Classes of Unicode 16's characters, in about 1 KB; for pre-tokenizers and for what words are made of.
//!
//! The standard library knows numbers and spaces but not `\p{L}`, and its tables change with the
//! compiler; a vocabulary must split text the same way for good.

/// What pre-tokenizers tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CharClass {
    /// None of the following.
    Other,
    /// `\p{L}`
    Letter,
    /// `\p{N}`
    Number,
    /// `\s`: Unicode's White_Space
    Space,
}

/// The class of a character; for one that is not assigned, that of one before it.
pub(crate) fn class_of(c: char) -> CharClass {
    match class_in(&CLASSES, c) {
        1 => CharClass::Letter,
        2 => CharClass::Number,
        3 => CharClass::Space,
        _ => CharClass::Other,
    }
}

/// Whether a character that is no letter, number or space is a mark, such as a vowel sign, rather than a sign.
pub(crate) fn is_mark(c: char) -> bool {
    class_in(&MARKS, c) == 1
}

/// The class of a character in a table of runs of one class each, as half-bytes, high one first: the length, three bits at a
/// time, highest first, with 8 added to all but the last. After a run of another class comes one of class 0, after
/// that one of class 1; each 0 before the length makes it the next class.
#[inline(never)] // one for both tables
fn class_in(table: &[u8], c: char) -> u8 {
    let (mut at, mut class, mut len) = (u32::from(c), 0, 0);
    for nibble in table.iter().flat_map(|byte| [byte >> 4, byte & 15]) {
        len = len << 3 | u32::from(nibble & 7);
        if nibble > 7 {
            continue;
        }
        if len == 0 {
            class += 1;
            continue;
        }
        if at < len {
            return class;
        }
        at -= len;
        (class, len) = (u8::from(class == 0), 0);
    }
    0
}

// Both tables are made by the test below, which prints what is out of date. What is not assigned may be in any run, and in that of
// marks also what is a letter, number or space.
#[rustfmt::skip]
static CLASSES: [u8; 947] = [
    145, 0, 90, 32, 1, 151, 9, 39, 178, 107, 41, 32, 1, 178, 0, 25, 17, 112, 33, 19, 1, 1, 16, 49, 167, 27, 113, 249,
    36, 148, 150, 87, 17, 26, 129, 81, 144, 21, 33, 25, 214, 26, 147, 144, 186, 6, 209, 152, 124, 61, 93, 58, 80, 146, 66, 25,
    195, 17, 151, 39, 32, 9, 32, 50, 26, 1, 27, 107, 89, 177, 147, 151, 0, 146, 12, 25, 18, 67, 58, 100, 25, 17, 49, 167,
    177, 125, 1, 122, 13, 47, 46, 99, 26, 33, 121, 36, 9, 33, 160, 78, 113, 26, 9, 21, 100, 9, 32, 34, 6, 33, 144, 231,
    181, 149, 0, 146, 35, 160, 231, 17, 162, 162, 64, 146, 145, 25, 62, 113, 27, 102, 64, 146, 17, 0, 160, 31, 58, 39, 151, 9,
    90, 46, 113, 27, 41, 36, 10, 17, 7, 17, 78, 113, 27, 117, 64, 147, 2, 161, 231, 33, 160, 21, 49, 7, 3, 64, 163, 23,
    73, 133, 180, 9, 73, 126, 1, 41, 71, 145, 9, 44, 126, 1, 41, 25, 57, 0, 148, 12, 91, 112, 164, 148, 225, 167, 89, 227,
    211, 164, 16, 9, 38, 100, 67, 19, 39, 52, 149, 148, 17, 9, 38, 155, 49, 153, 193, 148, 10, 112, 160, 160, 156, 1, 153, 212,
    42, 16, 0, 16, 178, 89, 147, 48, 48, 193, 149, 163, 150, 162, 150, 162, 150, 228, 195, 20, 19, 12, 10, 0, 160, 9, 197, 44,
    33, 158, 108, 96, 146, 10, 128, 0, 150, 194, 167, 145, 229, 211, 12, 7, 25, 181, 215, 161, 145, 32, 146, 209, 182, 149, 32, 9,
    32, 212, 178, 196, 180, 9, 80, 48, 9, 32, 196, 41, 128, 209, 65, 97, 35, 184, 105, 128, 239, 81, 19, 147, 57, 83, 149, 89,
    51, 0, 147, 181, 0, 37, 0, 29, 112, 1, 160, 1, 3, 0, 101, 16, 9, 38, 160, 156, 33, 65, 41, 33, 19, 86, 17, 17,
    17, 65, 147, 36, 85, 65, 16, 227, 2, 0, 89, 186, 96, 244, 153, 96, 166, 153, 230, 11, 106, 157, 75, 197, 100, 55, 64, 18,
    158, 10, 9, 192, 153, 113, 250, 0, 1, 66, 0, 27, 16, 145, 117, 32, 48, 36, 155, 4, 49, 155, 33, 170, 66, 4, 146, 192,
    224, 160, 192, 9, 43, 96, 144, 16, 151, 192, 9, 44, 112, 151, 216, 9, 207, 128, 152, 13, 186, 160, 152, 13, 98, 201, 83, 160,
    0, 146, 9, 133, 160, 183, 41, 134, 0, 146, 199, 145, 41, 199, 41, 231, 19, 20, 26, 121, 80, 105, 46, 73, 110, 43, 64, 160,
    162, 99, 17, 33, 9, 32, 180, 146, 167, 177, 192, 77, 123, 65, 0, 150, 37, 25, 32, 9, 32, 215, 167, 49, 144, 64, 148, 74,
    115, 19, 226, 17, 50, 37, 33, 27, 66, 147, 115, 148, 155, 33, 150, 105, 227, 149, 10, 0, 186, 136, 9, 204, 128, 152, 182, 25,
    33, 169, 12, 29, 211, 162, 159, 124, 25, 73, 228, 169, 122, 16, 146, 123, 38, 178, 147, 159, 44, 12, 128, 112, 224, 145, 15, 26,
    16, 43, 228, 156, 1, 11, 112, 192, 0, 149, 10, 64, 1, 9, 0, 6, 12, 105, 43, 113, 224, 16, 215, 10, 192, 0, 160, 10,
    247, 25, 188, 113, 9, 0, 167, 32, 112, 199, 0, 241, 11, 48, 5, 10, 96, 9, 17, 183, 152, 31, 64, 2, 2, 0, 152, 0,
    25, 125, 9, 0, 160, 160, 181, 0, 33, 181, 0, 195, 9, 1, 180, 96, 90, 15, 23, 176, 0, 144, 11, 0, 9, 0, 177, 160,
    9, 167, 11, 242, 0, 96, 196, 148, 11, 32, 183, 107, 123, 162, 12, 0, 211, 89, 148, 75, 80, 9, 32, 183, 147, 4, 179, 162,
    214, 165, 0, 179, 12, 3, 229, 178, 11, 97, 34, 146, 77, 92, 12, 0, 10, 3, 196, 151, 9, 36, 18, 212, 57, 35, 224, 150,
    73, 48, 146, 1, 17, 64, 183, 13, 74, 50, 247, 209, 125, 122, 16, 160, 94, 98, 26, 39, 101, 182, 240, 177, 17, 29, 78, 90,
    36, 80, 146, 89, 161, 164, 33, 145, 0, 174, 0, 215, 209, 76, 78, 10, 73, 64, 10, 12, 13, 57, 81, 112, 152, 0, 181, 163,
    9, 68, 189, 73, 228, 152, 0, 11, 112, 225, 151, 17, 25, 96, 154, 0, 225, 160, 17, 27, 65, 146, 208, 113, 165, 25, 61, 106,
    49, 162, 154, 11, 128, 193, 151, 10, 0, 215, 161, 25, 112, 192, 44, 9, 214, 225, 165, 25, 16, 160, 13, 41, 105, 0, 13, 128,
    10, 57, 113, 30, 11, 64, 146, 154, 106, 0, 10, 93, 58, 136, 0, 9, 224, 160, 221, 225, 151, 168, 224, 161, 107, 26, 234, 246,
    162, 11, 186, 0, 153, 192, 0, 150, 41, 160, 0, 160, 12, 10, 14, 10, 4, 148, 10, 48, 152, 146, 48, 186, 0, 152, 0, 10,
    121, 209, 153, 113, 25, 130, 153, 113, 27, 76, 234, 180, 152, 154, 64, 160, 175, 128, 9, 128, 156, 0, 172, 0, 155, 129, 27, 17,
    183, 27, 17, 183, 27, 17, 183, 27, 17, 183, 27, 17, 146, 0, 226, 188, 128, 200, 14, 9, 183, 158, 30, 7, 145, 0, 150, 1,
    216, 27, 106, 45, 68, 9, 127, 161, 180, 64, 188, 0, 182, 33, 0, 150, 252, 27, 199, 0, 145, 224, 152, 71, 80, 9, 105, 202,
    48, 243, 16, 49, 9, 245, 16, 186, 16, 190, 9, 138, 0, 149, 219, 195, 10, 138, 0, 184, 136, 136, 16,
];
#[rustfmt::skip]
static MARKS: [u8; 295] = [
    156, 128, 158, 92, 150, 186, 126, 125, 81, 17, 33, 33, 212, 181, 147, 224, 183, 105, 196, 39, 41, 33, 163, 164, 188, 87, 27, 11,
    45, 21, 241, 153, 49, 168, 27, 89, 225, 148, 159, 9, 57, 215, 146, 158, 106, 41, 225, 149, 158, 121, 35, 240, 170, 57, 12, 41,
    9, 227, 245, 150, 144, 144, 156, 41, 160, 167, 43, 49, 17, 17, 73, 135, 31, 9, 1, 156, 75, 121, 73, 144, 154, 247, 57, 238,
    44, 59, 90, 130, 145, 195, 147, 49, 206, 27, 167, 126, 121, 147, 160, 171, 107, 89, 25, 73, 244, 208, 167, 170, 83, 25, 189, 30,
    206, 41, 42, 134, 168, 25, 141, 38, 157, 18, 250, 250, 68, 25, 44, 9, 164, 202, 12, 100, 146, 153, 41, 150, 162, 176, 125, 123,
    27, 12, 25, 129, 196, 158, 123, 121, 195, 149, 85, 156, 106, 144, 144, 27, 168, 164, 157, 203, 105, 57, 190, 122, 9, 249, 94, 194,
    185, 194, 153, 122, 165, 147, 152, 228, 153, 44, 245, 41, 151, 155, 29, 84, 159, 41, 135, 209, 153, 55, 147, 227, 152, 5, 215, 148,
    152, 84, 65, 149, 154, 25, 70, 157, 62, 107, 229, 149, 157, 42, 57, 208, 189, 26, 43, 57, 197, 157, 41, 105, 196, 183, 190, 9,
    123, 229, 164, 169, 90, 18, 155, 57, 9, 163, 234, 90, 41, 161, 153, 197, 145, 152, 58, 121, 243, 154, 157, 59, 184, 214, 168, 37,
    243, 122, 139, 10, 163, 44, 234, 240, 18, 153, 156, 25, 160, 152, 165, 83, 105, 9, 2, 123, 100, 170, 67, 190, 243, 231, 78, 41,
    1, 150, 26, 107, 174, 77, 183, 154, 31, 213, 202, 57, 186, 26, 150,
];

#[cfg(test)]
mod tests {
    extern crate std;
    use std::vec::Vec;
    use std::{format, string::String};

    use super::*;

    /// Marks that belong to words; those that change how a sign looks, such as an emoji, do not.
    const WORD_MARKS: &str = r"[\p{M}&&[^\u{20D0}-\u{20FF}\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]]";
    const SIGNS: &str = r"[\p{P}\p{S}[\p{C}&&\p{Assigned}]\u{20D0}-\u{20FF}\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]";

    fn fill(classes: &mut [Option<u8>], class: u8, pattern: &str) {
        let hir = regex_syntax::parse(pattern).unwrap();
        let regex_syntax::hir::HirKind::Class(regex_syntax::hir::Class::Unicode(ranges)) = hir.into_kind() else {
            panic!("not a class");
        };
        for range in ranges.iter() {
            classes[range.start() as usize..=range.end() as usize].fill(Some(class));
        }
    }

    /// Class of every code point of the two tables; none for those that may have any.
    fn expected() -> [Vec<Option<u8>>; 2] {
        let mut classes = std::vec![None; 0x110000];
        for (class, pattern) in [(0, r"\p{Assigned}"), (1, r"\p{L}"), (2, r"\p{N}"), (3, r"\s")] {
            fill(&mut classes, class, pattern);
        }
        let mut marks = std::vec![None; 0x110000];
        fill(&mut marks, 0, SIGNS);
        fill(&mut marks, 1, WORD_MARKS);
        [classes, marks]
    }

    fn table(classes: &[Option<u8>]) -> Vec<u8> {
        let mut runs = std::vec![(0u8, 0u32)];
        for &class in classes {
            let (last, len) = *runs.last().unwrap();
            match class {
                Some(class) if class != last => runs.push((class, 1)),
                _ => runs.last_mut().unwrap().1 = len + 1,
            }
        }
        // What no run of another class follows is of class 0 without being in the table.
        runs.pop_if(|(class, _)| *class == 0);
        let (mut nibbles, mut last) = (Vec::new(), 1);
        for (class, len) in runs {
            let first = u8::from(last == 0);
            nibbles.extend((first..class).map(|_| 0));
            let n_group = (32 - len.leading_zeros()).div_ceil(3);
            nibbles.extend((0..n_group).rev().map(|i| (len >> (3 * i) & 7) as u8 | if i > 0 { 8 } else { 0 }));
            last = class;
        }
        nibbles.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or_default()).collect()
    }

    #[test]
    fn tables_are_those_of_the_regex_crate() {
        let [classes, marks] = expected().map(|classes| table(&classes));
        for (name, expected, table) in [("CLASSES", classes, &CLASSES[..]), ("MARKS", marks, &MARKS)] {
            let lines: Vec<String> = expected.chunks(28).map(|l| format!("{l:?}").replace(['[', ']'], "")).collect();
            let (n, lines) = (expected.len(), lines.join(",\n    "));
            assert!(expected == table, "the table should be:\nstatic {name}: [u8; {n}] = [\n    {lines},\n];");
        }
    }

    #[test]
    fn every_assigned_character_has_the_class_of_the_regex_crate() {
        let [classes, marks] = expected();
        for c in '\0'..=char::MAX {
            assert!(classes[c as usize].is_none_or(|class| class_of(c) as u8 == class), "{c:?}");
            assert!(marks[c as usize].is_none_or(|class| is_mark(c) == (class == 1)), "{c:?}");
        }
    }
}
