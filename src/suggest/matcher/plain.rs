//! Every key is a letter of the word, in whatever case; apostrophes and accents need no keys.

use super::Rule;
use crate::part::{head, tail};
use crate::suggest::log_prob::{LogProb, NAT};
use crate::text::{decode, decomposed_len, fold, has_cases, is_utf8, letter_class, may_be_same, without_accent};

/// What it costs that the text is not what was typed: in another case, or with another form of apostrophe.
const NOT_AS_TYPED: LogProb = NAT;
/// What it costs on top of that if apostrophes or accents were not typed, however many: who leaves out one leaves out
/// the others.
const MORE_THAN_TYPED: LogProb = 2 * NAT;

/// How far a text has accounted for the keys. It begins with what was typed, but for the case of letters. It may have
/// accents (in Latin) and apostrophes that were not typed; those that were typed it has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// Bytes of the keys.
    n: u8,
    /// Whether there are accents or apostrophes that were not typed.
    is_more: bool,
}

/// The rule of a keyboard with a key for every letter, none of which is ever missed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain;

impl Rule for Plain {
    type State = Progress;
    type PathCost = ();

    #[inline(always)]
    fn take(&self, at: &mut Progress, keys: &[u8], text: &[u8]) -> Option<bool> {
        let Some((&key, &byte)) = keys.get(usize::from(at.n)).zip(text.last()) else { return Some(false) };
        if (byte | key) < 0x80 {
            if byte.eq_ignore_ascii_case(&key) {
                at.n += 1;
                return Some(true);
            }
            if byte != b'\'' {
                return None;
            }
        }
        take_wide(at, keys, text).then_some(true)
    }

    #[inline(always)]
    fn is_complete(&self, at: &Progress, keys: &[u8]) -> bool {
        usize::from(at.n) >= keys.len()
    }

    fn cost(&self, at: &Progress, keys: &[u8], text: &[u8]) -> LogProb {
        let more = if at.is_more { MORE_THAN_TYPED } else { 0 };
        if text.starts_with(keys) { 0 } else { NOT_AS_TYPED + more }
    }

    fn whole_cost(&self, keys: &[u8], text: &[u8]) -> Option<LogProb> {
        let (mut at, mut covered) = (Progress::default(), 0);
        for n in 1..=text.len() {
            if self.take(&mut at, keys, head(text, n))? {
                covered = n;
            }
        }
        (self.is_complete(&at, keys) && covered == text.len()).then(|| self.cost(&at, keys, text))
    }

    fn may_end_token(&self, at: &Progress, text: &[u8]) -> bool {
        // Half a letter may get any accent, and stands for too much.
        !at.is_more || is_utf8(text)
    }

    fn may_take(&self, at: &Progress, keys: &[u8], byte: u8) -> bool {
        // Within a letter any byte may come.
        keys.get(usize::from(at.n)).is_none_or(|&key| may_stand_for(byte, key))
    }

    #[inline(never)] // one for all loops over a vocabulary
    fn may_start(&self, keys: &[u8], start: [u8; 2]) -> bool {
        start[0] != 0 && start.iter().zip(keys).all(|(&byte, &key)| byte == 0 || may_stand_for(byte, key))
    }

    fn first_classes(&self, letters: &[u8]) -> u32 {
        // Letters with accents are left to the word list: so few are first that they are no reason for another step.
        1 << letter_class(letters)
    }
}

/// What it costs that a text begins with another case than what was typed.
pub(super) fn cost_of_case(keys: &[u8], text: &[u8]) -> LogProb {
    let differs = |(text, key): (&u8, &u8)| text ^ key == 0x20;
    if text.iter().zip(keys).take(2).any(differs) { NOT_AS_TYPED } else { 0 }
}

/// Whether a letter that begins with a byte may stand where a key is next: quick, and wrong only where it says yes.
#[inline(never)]
fn may_stand_for(byte: u8, key: u8) -> bool {
    may_be_same(byte, key) || byte == b'\''
}

/// An apostrophe, a byte of a letter that has several, or a key that has several.
#[inline(never)]
fn take_wide(at: &mut Progress, keys: &[u8], text: &[u8]) -> bool {
    let rest = tail(keys, at.n.into());
    let start = text.iter().rposition(|&byte| byte >> 6 != 2).unwrap_or_default();
    let letter = tail(text, start);
    let (key, len) = decode(rest);
    let Some(c) = decode(letter).0.map(fold) else {
        // A token may end within a letter.
        let Some((&first, &key)) = letter.first().zip(rest.first()) else { return false };
        let may_be = key < 0x80 && may_be_same(first, key);
        at.is_more |= may_be;
        return may_be || rest.starts_with(letter) || has_cases(first) && has_cases(key);
    };
    if let Some(len) = decomposed_len(rest, c) {
        at.n += len as u8;
        return true;
    }
    let key = key.map(fold);
    if key == Some(c) || key == Some(without_accent(c)) {
        at.n += len as u8;
        at.is_more |= key != Some(c);
        return true;
    }
    // An apostrophe after a letter.
    at.is_more = true;
    c == '\'' && !matches!(head(keys, at.n.into()).last(), None | Some(b' '))
}

#[cfg(test)]
mod tests {
    use super::super::{Spelled, Typed};
    use super::*;
    use crate::text::Text;

    fn typed(keys: &str) -> Typed<Plain> {
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
        assert_eq!(matched("e\u{301}c", "école"), Some((true, NOT_AS_TYPED + MORE_THAN_TYPED, 3)));
        assert_eq!(matched("vie\u{323}\u{302}", "việt"), Some((true, NOT_AS_TYPED + MORE_THAN_TYPED, 5)));
        assert_eq!(matched("и\u{306}о", "йога"), Some((true, NOT_AS_TYPED, 4)));
        assert_eq!(matched("e\u{301}c", "ecole"), None);
        assert_eq!(matched("ss", "ß"), None);
        assert_eq!(matched("s", "ſ"), Some((true, NOT_AS_TYPED + MORE_THAN_TYPED, 2)));
    }

    #[test]
    fn the_quick_looks_let_all_through_that_fits() {
        let typed_letters = [
            " t",
            "t",
            "é",
            "É",
            "\u{212A}a",
            "ka",
            "İs",
            "is",
            "ſa",
            "sa",
            "ẞ",
            "ß",
            "日",
            "Đ",
            "Σ",
            "e",
            "et",
            " e",
            "Da",
            "ia",
            "i'",
            "i\u{2019}",
            "im",
        ];
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
            " été",
            "i'm",
            "i\u{2019}m",
            "ịa",
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
    fn apostrophes_and_accents_need_no_keys() {
        let more = NOT_AS_TYPED + MORE_THAN_TYPED;
        for (keys, text, covered) in [
            (" dont", " don't", 6),
            ("Im", "I'm", 3),
            ("oclock", "o'clock", 7),
            ("rocknroll", "rock'n'roll", 11),
            ("lété", "l'été", 7),
            ("dont", "don\u{2019}t", 7),
            ("don't", "don\u{2019}t", 7),
            (" ecr", " écrire", 5),
            ("ECR", "écrire", 4),
            ("uber", "Über", 5),
            ("lozko", "łóżko", 8),
            ("viet", "việt", 6),
            ("lete", "l'été", 7),
            ("пять", "п'ять", 9),
        ] {
            assert_eq!(matched(keys, text), Some((true, more, covered)), "{keys} {text}");
        }
        for (keys, text) in [
            ("é", "e"),
            ("é", "ê"),
            ("don't", "dont"),
            (" tis", " 'tis"),
            ("tis", "'tis"),
            ("ecr", "éac"),
            ("e", "ß"),
            ("dont", "don-t"),
            ("и", "й"),
        ] {
            assert_eq!(matched(keys, text), None, "{keys} {text}");
        }
        // What follows the typed letters is free, and costs nothing.
        assert_eq!(matched("don", "don't"), Some((true, 0, 3)));
        assert_eq!(matched("im", "important"), Some((true, 0, 2)));
    }

    #[test]
    fn apostrophes_of_all_forms_are_one() {
        for (keys, text, covered) in [("don\u{2019}t", "don't", 5), ("don\u{2BC}t", "don't", 5)] {
            assert_eq!(matched(keys, text), Some((true, NAT, covered)), "{keys} {text}");
        }
        assert_eq!(matched("l\u{2019}h", "l\u{2019}homme"), Some((true, 0, 5)));
        assert_eq!(matched("\u{2018}t", "'t"), None);
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
