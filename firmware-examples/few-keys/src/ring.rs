//! What is on the ring of a knob, the likeliest first.

use embedded_gpt::{Keyboard, NextLetters, Suggester, Suggestion};
use heapless::Vec;

/// Most words on the ring.
const MAX_WORDS: usize = 4;
/// Items of a ring.
const MAX_ITEMS: usize = 48;
/// Words that are less likely are not on the ring, in percent.
const MIN_WORD: u8 = 3;
/// How many steps it takes to delete, at most.
const DELETE_AT: usize = 6;
/// How much of the probability of a word's end is that of a full stop, and of another sign.
const STOP: u32 = 8;
const OTHER_MARK: u32 = 16;
/// What may stand within words.
const IN_WORDS: &str = "abcdefghijklmnopqrstuvwxyz'-";
/// Signs that are picked from a ring of their own.
pub const MARKS: &str = ",?!:;/@()\"&+";
/// And digits.
pub const DIGITS: &str = "1234567890:.-/";

/// What a press of the knob does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// The word of a number is taken, with a space.
    Word(usize),
    /// A letter or sign is added.
    Char(char),
    /// The word ends.
    Space,
    /// The sentence ends.
    Stop,
    /// The last character goes.
    Delete,
    /// Other signs.
    Marks,
    /// A number.
    Digits,
    /// The next letter is a capital.
    Capital,
    /// Back to letters.
    Back,
    /// The line ends.
    Line,
}

/// Words and letters in the order in which they are reached.
#[derive(Clone, Debug)]
pub struct Ring {
    items: Vec<Item, MAX_ITEMS>,
    words: [Suggestion; MAX_WORDS],
}

impl Ring {
    /// Only a few signs, with a way back.
    pub fn of(signs: &str) -> Self {
        let items = signs.chars().map(Item::Char).chain([Item::Delete, Item::Back]).collect();
        Self { items, words: [Suggestion::EMPTY; MAX_WORDS] }
    }

    /// What may follow a text, when suggester and letters have finished their work for it.
    pub fn after(text: &str, suggester: &mut Suggester<'_, impl Keyboard>, letters: &NextLetters) -> Self {
        let mut words = [Suggestion::EMPTY; MAX_WORDS];
        let n_words = suggester.best(&mut words).len();
        let begun = text.get(Suggester::word_start(text)..).unwrap_or_default();
        let mut ranked = Vec::<(u32, Item), MAX_ITEMS>::new();
        // Before letters, which come behind words that are as likely.
        for (number, word) in words.iter().enumerate().take(n_words) {
            if word.percent() >= MIN_WORD && !word.as_str().eq_ignore_ascii_case(begun) {
                rank(&mut ranked, u32::from(word.percent()) * (ONE / 100), Item::Word(number));
            }
        }
        let n_begun = begun.chars().count();
        for letter in IN_WORDS.chars() {
            // Whoever wants a word that is on the ring does not spell it.
            let goes_on = |word: &Item| match *word {
                Item::Word(number) => words[number].as_str().chars().nth(n_begun).is_some_and(|char| is(char, letter)),
                _ => false,
            };
            let offered: u32 = ranked.iter().filter(|(_, item)| goes_on(item)).map(|(share, _)| share).sum();
            let share = share_of(letters.log_prob(Some(letter)));
            rank(&mut ranked, share.saturating_sub(offered).max(share / 8), Item::Char(letter));
        }
        let end = if begun.is_empty() { 1 } else { share_of(letters.log_prob(None)) };
        rank(&mut ranked, end, Item::Space);
        rank(&mut ranked, end / STOP, Item::Stop);
        rank(&mut ranked, end / OTHER_MARK, Item::Marks);
        let mut items: Vec<Item, MAX_ITEMS> = ranked.iter().map(|&(_, item)| item).collect();
        let _ = items.insert(DELETE_AT.min(items.len()), Item::Delete);
        for rest in [Item::Digits, Item::Capital, Item::Line] {
            let _ = items.push(rest);
        }
        Self { items, words }
    }

    /// The item at a place.
    pub fn get(&self, at: usize) -> Item {
        self.items.get(at).copied().unwrap_or(Item::Delete)
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// The word of a number.
    pub fn word(&self, number: usize) -> &str {
        self.words.get(number).map_or("", Suggestion::as_str)
    }

    /// A suggested word that differs from `letters` in capitals alone.
    pub fn spelling_of(&self, letters: &str) -> Option<&str> {
        let mut words = self.words.iter().map(Suggestion::as_str);
        words.find(|word| !word.is_empty() && word.eq_ignore_ascii_case(letters))
    }
}

/// Shares of all that may come next are counted in units of 1/`ONE`.
const ONE: u32 = 1 << 20;

/// `exp` of a logarithm in units of 1/65536, as a share.
fn share_of(log_prob: i32) -> u32 {
    // To base 2, with straight lines between whole numbers: exact enough for an order.
    let log2 = (-i64::from(log_prob.min(0)) * 94_548) >> 16;
    let (whole, rest) = ((log2 >> 16) as u32, (log2 & 0xFFFF) as u32);
    (ONE - rest * (ONE >> 17)).checked_shr(whole).unwrap_or(0)
}

/// Puts an item behind all that are as likely.
fn rank(ranked: &mut Vec<(u32, Item), MAX_ITEMS>, share: u32, item: Item) {
    let at = ranked.iter().position(|&(other, _)| other < share).unwrap_or(ranked.len());
    let _ = ranked.insert(at, (share, item));
}

fn is(char: char, letter: char) -> bool {
    char.eq_ignore_ascii_case(&letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_about_right() {
        for prob in [1.0, 0.7, 0.5, 0.1, 0.003] {
            let share = f64::from(share_of((f64::ln(prob) * 65536.0) as i32)) / f64::from(ONE);
            assert!((share - prob).abs() < 0.07 * prob, "{share} {prob}");
        }
        assert_eq!(share_of(i32::MIN), 0);
    }
}
