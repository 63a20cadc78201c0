//! What keys of several letters may be read as.

use embedded_gpt::text::MAX_WORD_BYTES;
use embedded_gpt::{Keyboard, Suggester, Suggestion};
use heapless::{String, Vec};

/// Digits and the letters on their keys.
pub const GROUPS: [&str; 8] = ["2abc", "3def", "4ghi", "5jkl", "6mno", "7pqrs", "8tuv", "9wxyz"];
/// Most readings of the same keys.
const MAX_READINGS: usize = 12;

/// A word, or its start.
pub type Word = String<{ 2 * MAX_WORD_BYTES }>;

/// The readings of the keys of a word: the likeliest one that has a letter for each key, then others and words that go
/// on from there. Without keys the first one is empty.
#[derive(Clone, Debug, Default)]
pub struct Readings {
    words: Vec<Word, MAX_READINGS>,
    /// Whether a word was found.
    is_known: bool,
}

impl Readings {
    /// Takes what a suggester found, which has finished its work. `typed` is the word: letters, then keys.
    pub fn of(suggester: &mut Suggester<'_, impl Keyboard>, typed: &str) -> Self {
        let mut slots = [Suggestion::EMPTY; MAX_READINGS];
        let exact = suggester.correction();
        let found = suggester.best(&mut slots);
        let mut new = Self { words: Vec::new(), is_known: exact.is_some() || !found.is_empty() };
        let is_spelled = !typed.contains(|char: char| char.is_ascii_digit());
        let likeliest = found.iter().max_by_key(|word| word.percent());
        match (exact, likeliest) {
            _ if is_spelled => new.add(typed),
            (Some(exact), _) => new.add(exact.as_str()),
            (None, Some(longer)) => new.add(start_of(longer.as_str(), n_letters(typed))),
            (None, None) => new.add_first_letters(typed),
        }
        found.iter().for_each(|word| new.add(word.as_str()));
        new
    }

    /// The reading of a number.
    pub fn get(&self, at: usize) -> &str {
        self.words.get(at).map_or("", String::as_str)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether a word was found that may be meant.
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    fn add(&mut self, word: &str) {
        if !self.iter().any(|other| other == word)
            && let Ok(word) = Word::try_from(word)
        {
            let _ = self.words.push(word);
        }
    }

    fn add_first_letters(&mut self, typed: &str) {
        let mut word = Word::new();
        let letter = |char: char| if char.is_ascii_digit() { letter_after(char) } else { char };
        typed.chars().for_each(|char| drop(word.push(letter(char))));
        let _ = self.words.push(word);
    }
}

/// The letter behind another one on the same key, or behind its digit. Capitals follow the last one, and the first one
/// follows those.
pub fn letter_after(char: char) -> char {
    let (small, is_capital) = (char.to_ascii_lowercase(), char.is_ascii_uppercase());
    let mut letters = group_of(char).chars().skip_while(|&other| other != small);
    let first = group_of(char).chars().nth(1).unwrap_or(char);
    let (next, is_capital) = letters.nth(1).map_or((first, !is_capital), |next| (next, is_capital));
    if is_capital { next.to_ascii_uppercase() } else { next }
}

/// The digit and the letters of a key; nothing for what is on no key.
pub fn group_of(char: char) -> &'static str {
    let small = char.to_ascii_lowercase();
    GROUPS.into_iter().find(|group| group.contains(small)).unwrap_or_default()
}

/// How many keys a word takes, without its apostrophes.
fn n_letters(word: &str) -> usize {
    word.chars().filter(|&char| char != '\'').count()
}

/// The start of a word that takes so many keys, with the apostrophes within.
pub fn start_of(word: &str, n: usize) -> &str {
    let end = word.char_indices().filter(|&(_, char)| char != '\'').nth(n);
    let end = end.map_or(word.len(), |(at, _)| at);
    word.get(..end).unwrap_or_default().trim_end_matches('\'')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_a_key_follow_each_other() {
        let round = |first: char| {
            core::iter::successors(Some(first), |&char| Some(letter_after(char)))
                .take(7)
                .collect::<std::string::String>()
        };
        assert_eq!(round('2'), "2abcABC");
        assert_eq!(round('Z'), "ZwxyzWX");
        assert_eq!(round('-'), "-------");
        assert_eq!([group_of('s'), group_of('S'), group_of('7'), group_of('1')], ["7pqrs", "7pqrs", "7pqrs", ""]);
    }

    #[test]
    fn starts_of_words_have_their_apostrophes() {
        for (word, n, start) in [("don't", 3, "don"), ("don't", 4, "don't"), ("o'clock", 2, "o'c"), ("", 1, "")] {
            assert_eq!(start_of(word, n), start, "{word} {n}");
        }
    }
}
