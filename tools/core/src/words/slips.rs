//! Slips of a hand that make one word look like another: a letter left out, doubled, swapped with the next, or another
//! one.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

/// What makes a word of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slip {
    /// Two neighbours have changed places.
    Swapped,
    /// A letter stands there once more.
    Doubled,
    /// A letter that should stand there twice stands there once.
    Undoubled,
    /// A letter is left out.
    LeftOut,
    /// A letter is there that should not be.
    Added,
    /// Another letter stands there.
    Replaced,
}

/// The slip that makes `written` of `meant`, and the place of the first letter that differs.
pub(super) fn slip(written: &[char], meant: &[char]) -> Option<(Slip, usize)> {
    let place = written.iter().zip(meant).take_while(|(a, b)| a == b).count();
    let rest = |letters: &[char], n: usize| letters.get(place + n..).map(<[char]>::to_vec);
    if written == meant {
        return None;
    }
    let found = match written.len().cmp(&meant.len()) {
        Ordering::Equal => {
            let is_swapped = written.get(place) == meant.get(place + 1) && written.get(place + 1) == meant.get(place);
            if is_swapped && rest(written, 2) == rest(meant, 2) {
                Slip::Swapped
            } else if rest(written, 1) == rest(meant, 1) {
                Slip::Replaced
            } else {
                return None;
            }
        }
        Ordering::Less => {
            if rest(written, 0) != rest(meant, 1) {
                return None;
            }
            let is_double = place > 0 && meant.get(place) == meant.get(place - 1);
            if is_double { Slip::Undoubled } else { Slip::LeftOut }
        }
        Ordering::Greater => {
            if rest(written, 1) != rest(meant, 0) {
                return None;
            }
            let is_double = place > 0 && written.get(place) == written.get(place - 1);
            if is_double { Slip::Doubled } else { Slip::Added }
        }
    };
    Some((found, place))
}

/// Words that can be found by those a slip makes of them.
#[derive(Debug, Default)]
pub(super) struct Near<'w> {
    /// Words by what is left of them without one letter, and by themselves.
    words: HashMap<String, Vec<&'w str>>,
}

impl<'w> Near<'w> {
    pub(super) fn of(words: impl IntoIterator<Item = &'w str>) -> Self {
        let mut near = Self::default();
        for word in words {
            for key in keys(word) {
                near.words.entry(key).or_default().push(word);
            }
        }
        near
    }

    /// Words of which a slip may make this one, each once, in alphabetical order; there may be others among them.
    pub(super) fn to(&self, word: &str) -> BTreeSet<&'w str> {
        keys(word).iter().filter_map(|key| self.words.get(key)).flatten().copied().collect()
    }
}

fn keys(word: &str) -> BTreeSet<String> {
    let without = |(at, letter): (usize, char)| format!("{}{}", &word[..at], &word[at + letter.len_utf8()..]);
    word.char_indices().map(without).chain([word.to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(written: &str, meant: &str) -> Option<(Slip, usize)> {
        let letters = |word: &str| word.chars().collect::<Vec<_>>();
        slip(&letters(written), &letters(meant))
    }

    #[test]
    fn slips_are_told_apart() {
        for (written, meant, expected) in [
            ("becuase", "because", Some((Slip::Swapped, 3))),
            ("teh", "the", Some((Slip::Swapped, 1))),
            ("goodnesss", "goodness", Some((Slip::Doubled, 8))),
            ("writting", "writing", Some((Slip::Doubled, 4))),
            ("realy", "really", Some((Slip::Undoubled, 4))),
            ("remeber", "remember", Some((Slip::LeftOut, 4))),
            ("becausse", "because", Some((Slip::Doubled, 6))),
            ("excercise", "exercise", Some((Slip::Added, 2))),
            ("definately", "definitely", Some((Slip::Replaced, 5))),
            ("größe", "grösse", None),
            ("über", "uber", Some((Slip::Replaced, 0))),
            ("abcd", "badc", None),
            ("same", "same", None),
            ("a", "", Some((Slip::Added, 0))),
        ] {
            assert_eq!(between(written, meant), expected, "{written} {meant}");
        }
    }

    #[test]
    fn whatever_a_slip_makes_of_a_word_leads_to_it() {
        let near = Near::of(["because", "über", "really"]);
        for written in ["becuase", "becaus", "becausee", "bexause", "because"] {
            assert!(near.to(written).contains("because"), "{written}");
        }
        assert!(near.to("uber").contains("über") && near.to("übre").contains("über"));
        assert!(near.to("rally").contains("really") && !near.to("rall").contains("really"));
    }
}
