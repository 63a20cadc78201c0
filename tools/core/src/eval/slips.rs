//! Slips of a finger, drawn at random: which keys somebody presses for a word.

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use unicode_normalization::UnicodeNormalization;

const SEED: u64 = 1;

/// What goes wrong at a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A neighbouring key instead.
    Neighbour,
    /// No key at all.
    LeftOut,
    /// The next letter comes first.
    Swapped,
    /// The key twice, or a neighbour before or behind it.
    TooMany,
}

/// How often each kind is among 100 slips. One that cannot happen at a letter leaves its share to the others: there may
/// be no next letter, or no key for a letter.
const SHARES: [(Kind, u32); 4] = [(Kind::Neighbour, 45), (Kind::LeftOut, 25), (Kind::Swapped, 15), (Kind::TooMany, 15)];

/// Somebody whose finger slips.
#[derive(Clone, Copy, Debug)]
pub struct Slips {
    /// Rows of the keyboard, each half a key to the right of the one above it.
    pub rows: &'static [&'static str],
    /// The share of the letters that go wrong, 0 to 1.
    pub rate: f64,
}

/// What is pressed for a letter, or for two that are swapped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Press {
    /// The characters that appear; none if the letter is left out.
    pub keys: String,
    /// Whether that is not the letter that was meant.
    pub is_slip: bool,
}

impl Slips {
    /// What is pressed for a word. It depends on nothing but the word and its number in the text: slips do not depend
    /// on what is offered.
    pub fn presses(&self, word: &str, number: usize) -> Vec<Press> {
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        rng.set_stream(number as u64);
        let mut letters = word.chars().peekable();
        let mut presses = Vec::new();
        while let Some(letter) = letters.next() {
            let is_slip = rng.random_bool(self.rate);
            let keys = if is_slip {
                let (keys, takes_next) = self.slip(letter, letters.peek().copied(), &mut rng);
                letters.next_if(|_| takes_next);
                keys
            } else {
                letter.into()
            };
            presses.push(Press { keys, is_slip });
        }
        presses
    }

    /// The keys pressed instead of a letter, and whether they stand for the next one as well.
    fn slip(&self, letter: char, next: Option<char>, rng: &mut impl Rng) -> (String, bool) {
        let near = neighbours(self.rows, letter);
        let next = next.filter(|&next| next != letter);
        let is_possible = |&(kind, _): &(Kind, u32)| match kind {
            Kind::Neighbour => !near.is_empty(),
            Kind::Swapped => next.is_some(),
            Kind::LeftOut | Kind::TooMany => true,
        };
        let kinds: Vec<_> = SHARES.into_iter().filter(is_possible).collect();
        let kind = kinds.choose_weighted(rng, |&(_, share)| share).map_or(Kind::LeftOut, |&(kind, _)| kind);
        match kind {
            Kind::Neighbour => (near.choose(rng).into_iter().collect(), false),
            Kind::LeftOut => (String::new(), false),
            Kind::Swapped => (next.into_iter().chain([letter]).collect(), true),
            Kind::TooMany => {
                let other = [&near[..], &[letter]].concat().choose(rng).copied().unwrap_or(letter);
                let pair = if rng.random() { [other, letter] } else { [letter, other] };
                (pair.into_iter().collect(), false)
            }
        }
    }
}

/// The letters on the keys around that of a letter, in its case. A letter with an accent that has no key of its own is
/// on the key of the one without.
fn neighbours(rows: &[&str], letter: char) -> Vec<char> {
    let keys = || rows.iter().zip(0i32..).flat_map(|(row, y)| row.chars().zip(0i32..).map(move |(c, x)| (c, x, y)));
    let place = |c: char| keys().find(|&(key, ..)| key == c);
    let small: Vec<char> = letter.to_lowercase().collect();
    let base = || small.iter().copied().nfd().next().and_then(place);
    let Some((own, x, y)) = small.first().copied().and_then(place).or_else(base) else { return Vec::new() };
    // In halves of a key.
    let is_near = |&(key, x2, y2): &(char, i32, i32)| {
        let apart = (2 * x2 + y2 - 2 * x - y).abs();
        key != own && (y2 == y && apart == 2 || (y2 - y).abs() == 1 && apart == 1)
    };
    let is_capital = letter.is_uppercase();
    let in_case = |(key, ..): (char, i32, i32)| if is_capital { key.to_uppercase().next().unwrap_or(key) } else { key };
    keys().filter(is_near).map(in_case).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const QWERTY: &[&str] = &["qwertyuiop", "asdfghjkl", "zxcvbnm"];

    fn typed(slips: Slips, word: &str, number: usize) -> String {
        slips.presses(word, number).into_iter().map(|press| press.keys).collect()
    }

    #[test]
    fn without_slips_a_word_is_typed_letter_by_letter() {
        let presses = Slips { rows: QWERTY, rate: 0.0 }.presses("größe", 7);
        assert_eq!(presses.iter().map(|press| &press.keys[..]).collect::<Vec<_>>(), ["g", "r", "ö", "ß", "e"]);
        assert!(presses.iter().all(|press| !press.is_slip));
    }

    #[test]
    fn neighbours_are_those_around_a_key() {
        let sorted = |letter| {
            let mut near = neighbours(QWERTY, letter);
            near.sort_unstable();
            String::from_iter(near)
        };
        assert_eq!(['g', 'q', 'M', 'é', 'p'].map(sorted), ["bfhtvy", "aw", "JKN", "drsw", "lo"]);
        assert_eq!([sorted('ж'), sorted('7'), sorted('\'')], [""; 3]);
        assert!(neighbours(&["qwertzuiopü", "asdfghjklöä"], 'ö').contains(&'ä'));
    }

    #[test]
    fn as_many_letters_go_wrong_as_asked_for_and_in_these_shares() {
        let slips = Slips { rows: QWERTY, rate: 0.1 };
        let mut counts = [0usize; 4];
        let n_word = 20_000;
        for number in 0..n_word {
            // The second letter alone.
            let presses = slips.presses("hg", number);
            let [first, second] = &presses[..] else { continue };
            if first.is_slip || !second.is_slip {
                continue;
            }
            let keys: Vec<char> = second.keys.chars().collect();
            counts[match keys[..] {
                [] => 0,
                [_] => 1,
                ['g', 'g'] => 2,
                _ => 3,
            }] += 1;
        }
        let all: usize = counts.iter().sum();
        // One time in ten after a first letter that is right; nothing to swap with, so the other shares grow.
        assert!((1700..1900).contains(&all), "{all}");
        let shares = counts.map(|count| 100 * count / all);
        assert!((27..=31).contains(&shares[0]) && (50..=55).contains(&shares[1]), "{shares:?}");
        assert!((1..=4).contains(&shares[2]) && (12..=17).contains(&shares[3]), "{shares:?}");
    }

    #[test]
    fn letters_are_swapped_as_often() {
        let slips = Slips { rows: QWERTY, rate: 1.0 };
        let n_swapped = (0..10_000).filter(|&number| typed(slips, "ab", number) == "ba").count();
        assert!((1400..1600).contains(&n_swapped), "{n_swapped}");
        assert!((0..1000).all(|number| slips.presses("aa", number).len() == 2), "nothing to swap");
    }

    #[test]
    fn the_same_word_at_the_same_place_slips_alike() {
        let slips = Slips { rows: QWERTY, rate: 0.5 };
        let all = |word: &str| (0..50).map(|number| typed(slips, word, number)).collect::<Vec<_>>();
        assert_eq!(all("tomorrow"), all("tomorrow"));
        assert!(all("tomorrow").windows(2).any(|pair| pair[0] != pair[1]));
    }
}
