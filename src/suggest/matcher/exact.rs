//! Every key is a letter of the word, in whatever case.

use super::Rule;
use crate::part::tail;
use crate::suggest::log_prob::{LogProb, NAT};
use crate::text::{decode, fold, has_cases, letter_class, may_be_same};

/// What it costs that letters have another case than was typed.
const OTHER_CASE: LogProb = NAT;

/// The rule of a keyboard with a key for every letter: the text begins with what was typed, but for the case of
/// letters.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::suggest) struct Exact;

/// Bytes of the keys that the text has accounted for.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::suggest) struct At(u8);

impl Rule for Exact {
    type State = At;

    #[inline(always)]
    fn take(&self, At(at): &mut At, keys: &[u8], text: &[u8]) -> bool {
        let Some((&key, &byte)) = keys.get(usize::from(*at)).zip(text.last()) else { return true };
        if (byte | key) < 0x80 {
            *at += 1;
            return byte.eq_ignore_ascii_case(&key);
        }
        take_wide(at, keys, text)
    }

    #[inline(always)]
    fn is_complete(&self, &At(at): &At, keys: &[u8]) -> bool {
        usize::from(at) >= keys.len()
    }

    fn cost(&self, _: &At, keys: &[u8], text: &[u8]) -> LogProb {
        if text.starts_with(keys) { 0 } else { OTHER_CASE }
    }

    fn may_take(&self, &At(at): &At, keys: &[u8], byte: u8) -> bool {
        // Within a letter any byte may come.
        keys.get(usize::from(at)).is_none_or(|&key| may_be_same(byte, key))
    }

    #[inline(never)] // one for all loops over a vocabulary
    fn may_start(&self, keys: &[u8], start: [u8; 2]) -> bool {
        start[0] != 0 && start.iter().zip(keys).all(|(&byte, &key)| byte == 0 || may_be_same(byte, key))
    }

    fn first_classes(&self, letters: &[u8]) -> u32 {
        1 << letter_class(letters)
    }

    fn written<'w>(&self, letters: &'w [u8], _: &'w [u8]) -> &'w [u8] {
        letters
    }
}

/// A byte of a letter that has several, or a key that has.
#[inline(never)]
fn take_wide(at: &mut u8, keys: &[u8], text: &[u8]) -> bool {
    let keys = tail(keys, (*at).into());
    let start = text.iter().rposition(|&byte| byte >> 6 != 2).unwrap_or_default();
    let letter = tail(text, start);
    let (key, len) = decode(keys);
    match decode(letter).0 {
        Some(c) => {
            *at += len as u8;
            key.is_some_and(|key| fold(key) == fold(c))
        }
        // A token may end within a letter.
        None => {
            keys.starts_with(letter) || [letter, keys].iter().all(|of| of.first().is_some_and(|&lead| has_cases(lead)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Spelled, Typed};
    use super::*;
    use crate::text::Text;

    fn typed(keys: &str) -> Typed<Exact> {
        let mut text = Text::new();
        keys.bytes().for_each(|byte| assert!(text.push(byte)));
        Typed::new(text)
    }

    /// Whether the text is complete, its cost, and the bytes that stand for the keys; `None` if it does not fit.
    fn matched(keys: &str, text: &str) -> Option<(bool, LogProb, usize)> {
        let typed = typed(keys);
        let mut spelled = Spelled::new();
        text.bytes().all(|byte| spelled.push(&typed, byte)).then(|| {
            let cost = if spelled.is_complete(&typed) { spelled.cost(&typed) } else { 0 };
            (spelled.is_complete(&typed), cost, spelled.covered())
        })
    }

    #[test]
    fn another_case_costs_a_nat_and_another_letter_everything() {
        assert_eq!(matched(" tom", " tomorrow"), Some((true, 0, 4)));
        assert_eq!(matched(" tom", " Tomorrow"), Some((true, NAT, 4)));
        assert_eq!(matched(" TOM", " tomorrow"), Some((true, NAT, 4)));
        assert_eq!(matched(" tom", " to"), Some((false, 0, 3)));
        assert_eq!(matched(" tom", " ten"), None);
        assert_eq!(matched("", "any"), Some((true, 0, 0)));
        assert_eq!(matched("über", "Über"), Some((true, NAT, 5)));
        assert_eq!(matched("日本", "日本語"), Some((true, 0, 6)));
        assert_eq!(matched("日本", "旼"), None);
    }

    #[test]
    fn letters_match_whose_cases_differ_in_length() {
        for (keys, text, covered) in [
            ("STRAẞ", "straße", 6),
            ("straß", "STRAẞE", 7),
            ("\u{212A}a", "kant", 2),
            ("İst", "istanbul", 3),
            ("ΣΑΣ", "σας", 6),
            ("Việ", "VIỆT", 5),
            ("ĐẤ", "đất", 5),
            ("ſa", "sagen", 2),
        ] {
            assert_eq!(matched(keys, text), Some((true, NAT, covered)), "{keys} {text}");
        }
        assert_eq!(matched("ı", "i"), None, "Turkish has two letters here");
        assert_eq!(matched("ss", "ß"), None);
        assert_eq!(matched("s", "ſ"), None, "a letter of several bytes needs a key of several");
    }

    #[test]
    fn the_quick_looks_let_all_through_that_fits() {
        let typed_letters = [" t", "t", "é", "É", "\u{212A}a", "ka", "İs", "is", "ſa", "sa", "ẞ", "ß", "日", "Đ", "Σ"];
        let texts = [
            " tom",
            "Tom",
            "été",
            "ÉTÉ",
            "\u{212A}ant",
            "kant",
            "İst",
            "ist",
            "ſag",
            "sag",
            "ẞ",
            "ß",
            "日本",
            "đa",
            "ςa",
        ];
        let mut n_fit = 0;
        for (keys, text) in typed_letters.iter().flat_map(|keys| texts.map(|text| (*keys, text))) {
            let mut spelled = Spelled::new();
            let typed = typed(keys);
            let mut bytes = text.bytes();
            let start = [bytes.next().unwrap(), bytes.next().unwrap()];
            let fits = text.bytes().all(|byte| spelled.push(&typed, byte));
            n_fit += usize::from(fits);
            assert!(!fits || typed.may_start(start), "{keys} {text}");
            assert!(!fits || typed.may_start([start[0], 0]), "{keys} {text}");
            assert!(!fits || Spelled::new().may_take(&typed, start[0]), "{keys} {text}");
        }
        assert!(n_fit > 15, "{n_fit}");
    }

    #[test]
    fn spelling_goes_back() {
        let typed = typed("he");
        let mut spelled = Spelled::new();
        assert!(spelled.push(&typed, b'h'));
        let place = spelled.place();
        assert!(!spelled.push(&typed, b'o'));
        spelled.back_to(place);
        assert!(spelled.push(&typed, b'e') && spelled.push(&typed, b'y'));
        assert_eq!((&**spelled.text(), spelled.covered()), (&b"hey"[..], 2));
    }
}
