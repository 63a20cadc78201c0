//! Words that a text spells wrongly, found by rules that know no language: they look like a much commoner word, and
//! stand where that one does.
//!
//! A right word may be rare and look like a common one, as `form` does like `from`. So less is asked of a slip that is
//! hardly ever the start of another word, and of long words, than of others; and what keeps its own company, or has
//! relatives in the text, is right. A dictionary knows better: with one, fewer misspelt words are missed, and no right
//! ones are taken for them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::capitals::CAPITAL_SHARE;
use super::company::{Company, pairs};
use super::dictionary::{Dictionary, plain};
use super::slips::{Near, Slip, slip};
use super::{Ngram, WordCounts, WordStatistics};

/// Share of its neighbours that a misspelt word has in common with the right one.
const SAME_COMPANY: f64 = 0.85;
/// The share for a word that is in no dictionary and looks like one that is.
const SIMILAR_COMPANY: f64 = 0.5;
/// The share, and how much commoner a word with an apostrophe is than it is without. Words that lack it may be in a
/// dictionary (`its`, `hows`), and be meant.
const WITHOUT_APOSTROPHE: [(f64, f64); 2] = [(0.95, 1.2), (0.8, 2.5)];
/// How much commoner it is where nothing is known of the company.
const WITHOUT_APOSTROPHE_ALONE: f64 = 4.0;
/// How much commoner two words in a row are than the same in one.
const WITHOUT_SPACE: f64 = 2.0;
/// Shorter words in one are no two words.
const MIN_LETTERS_OF_TWO: usize = 4;
/// How much commoner a word is whose slip looks like a name.
const NAME: f64 = 64.0;
/// How much commoner a word is that no dictionary has, if another such word is a slip of it.
const UNKNOWN_TO_DICTIONARY: f64 = 16.0;
/// Letters from which on relatives count, and of them at most so many are an ending.
const MIN_LETTERS_OF_RELATIVES: usize = 6;
const MAX_ENDING: usize = 3;
/// Words that are seen less often are not listed in any case.
const MIN_LISTED: u32 = 2;
/// Words that are seen less often have no slips that could be listed.
const MIN_COUNT: u32 = 2 * MIN_LISTED;

/// The words that a text spells wrongly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Misspelt {
    /// What each of them means; nothing for stretched words (`sooo`).
    meant: BTreeMap<String, Option<String>>,
}

impl Misspelt {
    /// The words that are misspelt in a text. Those of a dictionary are not, but where they lack an apostrophe.
    pub fn of(statistics: &WordStatistics, dictionary: Option<&Dictionary>) -> Self {
        let words = Counted::of(&statistics.counts);
        let company = Company::of(&statistics.ngrams);
        let is_right = |word: &str| dictionary.is_some_and(|dictionary| dictionary.has(word));
        let mut meant = BTreeMap::new();
        for word in words.count.keys().filter(|word| is_stretched(word) && !is_right(word)) {
            meant.insert(word.clone(), None);
        }
        let mut add = |(word, right): (String, String)| _ = meant.entry(word).or_insert(Some(right));
        words.without_apostrophe(&company, is_right).into_iter().for_each(&mut add);
        words.without_space(&statistics.ngrams, &company, dictionary).into_iter().for_each(&mut add);
        let known: HashSet<String> = meant.keys().cloned().collect();
        let slips = words.slips(&company, dictionary, &known);
        meant.extend(slips.into_iter().map(|(word, right)| (word, Some(right))));
        Self { meant }
    }

    /// Number of words.
    pub fn len(&self) -> usize {
        self.meant.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.meant.is_empty()
    }

    /// Whether a word is one of them, in whatever letter case.
    pub fn has(&self, word: &str) -> bool {
        self.meant.contains_key(&plain(word))
    }

    /// What a misspelt word means, if that is known.
    pub fn meaning(&self, word: &str) -> Option<&str> {
        self.meant.get(&plain(word))?.as_deref()
    }

    /// The words that are most frequent in a text, each with what it means.
    pub fn commonest(&self, statistics: &WordStatistics, n: usize) -> Vec<(String, Option<String>)> {
        let count = Counted::of(&statistics.counts).count;
        let mut words: Vec<_> = self.meant.iter().collect();
        words.sort_by_key(|(word, _)| Reverse(count.get(*word)));
        words.into_iter().take(n).map(|(word, meaning)| (word.clone(), meaning.clone())).collect()
    }
}

impl WordCounts {
    /// Counts without misspelt words, which count as what they mean where that is written so, too: `Dont` as
    /// `Don't`.
    pub(super) fn without(self, misspelt: &Misspelt) -> Self {
        let (out, kept): (Vec<_>, Vec<_>) = self.words.into_iter().partition(|(word, _)| misspelt.has(word));
        let mut kept: HashMap<String, u32> = kept.into_iter().collect();
        for (word, count) in out {
            let right = misspelt.meaning(&word).map(|meaning| written_as(meaning, &word));
            if let Some(same) = right.and_then(|right| kept.get_mut(&right)) {
                *same += count;
            }
        }
        Self::new(kept, self.total)
    }
}

/// A word in small letters as another one is written: with its space and its capital.
fn written_as(word: &str, other: &str) -> String {
    let space = if other.starts_with(' ') { " " } else { "" };
    let mut letters = word.chars();
    match letters.next().filter(|_| other.trim_start().starts_with(char::is_uppercase)) {
        Some(first) => format!("{space}{}{}", first.to_uppercase(), letters.as_str()),
        None => format!("{space}{word}"),
    }
}

/// Words with their counts, in small letters.
#[derive(Debug, Default)]
struct Counted {
    count: HashMap<String, u32>,
    names: HashSet<String>,
}

impl Counted {
    fn of(counts: &WordCounts) -> Self {
        let mut all = Self::default();
        let mut inside = HashMap::<String, [u32; 2]>::new();
        for (text, count) in &counts.words {
            let word = plain(text);
            if text.starts_with(' ') {
                let is_capital = text.trim_start().starts_with(char::is_uppercase);
                inside.entry(word.clone()).or_default()[usize::from(is_capital)] += count;
            }
            *all.count.entry(word).or_default() += count;
        }
        all.count.retain(|_, count| *count >= MIN_LISTED);
        let is_name = |[small, capital]: [u32; 2]| f64::from(capital) >= CAPITAL_SHARE * f64::from(small + capital);
        all.names = inside.into_iter().filter(|(_, counts)| is_name(*counts)).map(|(word, _)| word).collect();
        all
    }

    /// How much commoner a word is than another one.
    fn ratio(&self, more: u32, word: &str) -> f64 {
        f64::from(more) / f64::from(self.count.get(word).copied().unwrap_or(1))
    }

    /// Words like `dont`, with what they mean.
    fn without_apostrophe(&self, company: &Company<'_>, is_right: impl Fn(&str) -> bool) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (right, &count) in self.count.iter().filter(|(word, _)| word.contains('\'')) {
            let word = right.replace('\'', "");
            if !self.count.contains_key(&word) {
                continue;
            }
            let ratio = self.ratio(count, &word);
            let is_meant = match company.shared(&word, [right; 2]) {
                Some(shared) => WITHOUT_APOSTROPHE.iter().any(|&(share, least)| shared >= share && ratio >= least),
                None => ratio >= WITHOUT_APOSTROPHE_ALONE && !is_right(&word),
            };
            if is_meant {
                found.push((word, right.clone()));
            }
        }
        found.sort();
        found
    }

    /// Words like `alot`, with what they mean.
    fn without_space(
        &self,
        ngrams: &[Ngram],
        company: &Company<'_>,
        dictionary: Option<&Dictionary>,
    ) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (first, last, count) in pairs(ngrams) {
            let word = format!("{first}{last}");
            let is_long = word.chars().count() >= MIN_LETTERS_OF_TWO && word.chars().all(char::is_alphabetic);
            let is_right = dictionary.is_some_and(|dictionary| dictionary.has(&word));
            if !is_long || is_right || !self.count.contains_key(&word) || self.ratio(count, &word) < WITHOUT_SPACE {
                continue;
            }
            let shared = company.shared(&word, [first, last]);
            let is_meant = match dictionary {
                None => shared.is_some_and(|shared| shared >= SAME_COMPANY),
                Some(_) => shared.is_none_or(|shared| shared >= SIMILAR_COMPANY),
            };
            if is_meant {
                found.push((word, format!("{first} {last}")));
            }
        }
        found
    }

    /// Words that a slip has made of commoner ones, but for those that are `known` already.
    fn slips(
        &self,
        company: &Company<'_>,
        dictionary: Option<&Dictionary>,
        known: &HashSet<String>,
    ) -> Vec<(String, String)> {
        let near = Near::of(self.count.iter().filter(|(_, count)| **count >= MIN_COUNT).map(|(word, _)| word.as_str()));
        let mut found = BTreeMap::new();
        for word in self.count.keys().filter(|word| !known.contains(*word)) {
            if word.contains(|c: char| c.is_ascii_digit()) || dictionary.is_some_and(|dictionary| dictionary.has(word))
            {
                continue;
            }
            let candidates = near.to(word);
            let mut meant: Vec<_> = candidates.into_iter().filter(|right| !known.contains(*right)).collect();
            meant.sort_by_key(|right| Reverse(self.count[*right]));
            if let Some(right) = meant.into_iter().find(|right| self.is_slip(word, right, company, dictionary)) {
                found.insert(word.as_str(), right);
            }
        }
        if dictionary.is_none() {
            let relatives: BTreeSet<&str> =
                self.count.keys().map(String::as_str).filter(|word| !found.contains_key(word)).collect();
            found.retain(|word, right| !self.has_relatives(word, right, &relatives, known));
        }
        found.into_iter().map(|(word, right)| (word.to_owned(), right.to_owned())).collect()
    }

    fn is_slip(&self, word: &str, right: &str, company: &Company<'_>, dictionary: Option<&Dictionary>) -> bool {
        let letters = [word, right].map(|word| word.chars().collect::<Vec<_>>());
        let Some((slip, place)) = slip(&letters[0], &letters[1]) else { return false };
        // Those are told apart by their company.
        if word == right.replace('\'', "") {
            return false;
        }
        let ratio = self.ratio(self.count[right], word);
        let is_known = dictionary.is_some_and(|dictionary| dictionary.has(right));
        let least = match dictionary {
            Some(_) => least_ratio_of_unknown(slip, place, &letters),
            None => least_ratio(slip, place, &letters),
        };
        if least.is_none_or(|least| ratio < least)
            || self.names.contains(word) && !self.names.contains(right) && ratio < NAME
            || dictionary.is_some() && !is_known && ratio < UNKNOWN_TO_DICTIONARY
        {
            return false;
        }
        let share = if is_known { SIMILAR_COMPANY } else { SAME_COMPANY };
        company.shared(word, [right; 2]).is_none_or(|shared| shared >= share)
    }

    /// Whether a commoner word goes on as this one does beyond the slip: `waited` has `wait`, `becuase` has none.
    fn has_relatives(&self, word: &str, right: &str, all: &BTreeSet<&str>, known: &HashSet<String>) -> bool {
        let letters = [word, right].map(|word| word.chars().collect::<Vec<_>>());
        let n = letters[0].len();
        let Some((slip, place)) = slip(&letters[0], &letters[1]) else { return false };
        if n < MIN_LETTERS_OF_RELATIVES || matches!(slip, Slip::Swapped | Slip::Doubled) {
            return false;
        }
        let stem: String = letters[0].iter().take((place + 1).max(n - MAX_ENDING)).collect();
        let with_stem = all.range(stem.as_str()..).take_while(|other| other.starts_with(&stem));
        let mut relatives =
            with_stem.filter(|other| **other != word && !right.starts_with(**other) && !known.contains(**other));
        relatives.any(|other| self.count[*other] > self.count[word])
    }
}

/// Whether a letter stands three times in a row.
fn is_stretched(word: &str) -> bool {
    let letters: Vec<char> = word.chars().collect();
    letters.windows(3).any(|three| three[0].is_alphabetic() && three[0] == three[1] && three[1] == three[2])
}

/// How much commoner the right word must be than one that a slip makes of it. Right words differ at the ends most
/// often (`like`, `liked`); `None` where nothing tells.
fn least_ratio(slip: Slip, place: usize, [written, meant]: &[Vec<char>; 2]) -> Option<f64> {
    use Slip::{Added, Doubled, LeftOut, Replaced, Swapped, Undoubled};
    if place == 0 && slip != Swapped || is_at_end(slip, place, [written, meant]) {
        return None;
    }
    match (written.len(), slip) {
        (0..=2, _) | (3, Doubled) | (3 | 4, Undoubled | LeftOut | Added | Replaced) => None,
        (3, _) => Some(512.0),
        (4, _) => Some(64.0),
        (5, Swapped | Doubled) => Some(16.0),
        (5, Undoubled) => Some(32.0),
        (5, _) => Some(1024.0),
        (6 | 7, Swapped | Doubled | Undoubled) => Some(8.0),
        (6 | 7, LeftOut) => Some(32.0),
        (6 | 7, Added) => Some(64.0),
        (6 | 7, Replaced) => Some(128.0),
        (_, Swapped | Doubled | Undoubled) => Some(4.0),
        _ => Some(16.0),
    }
}

/// How much commoner the right word must be than one that is in no dictionary.
fn least_ratio_of_unknown(slip: Slip, place: usize, [written, meant]: &[Vec<char>; 2]) -> Option<f64> {
    use Slip::{Doubled, Swapped, Undoubled};
    let [clear, undoubled, other] = match written.len() {
        0..=2 => return None,
        3 if !matches!(slip, Swapped | Doubled) => return None,
        3 => [64.0; 3],
        4 => [8.0, 16.0, 32.0],
        5 => [4.0, 4.0, 12.0],
        _ => [2.0, 2.0, 4.0],
    };
    Some(match slip {
        Swapped | Doubled => clear,
        _ if is_at_end(slip, place, [written, meant]) => 2.0 * other,
        Undoubled => undoubled,
        _ => other,
    })
}

/// Whether a slip is at the end of a word, where right words differ: `like` and `liked`, `honesty` and `honestly`.
fn is_at_end(slip: Slip, place: usize, [written, meant]: [&Vec<char>; 2]) -> bool {
    match slip {
        Slip::Swapped | Slip::Doubled => false,
        Slip::Undoubled => place + 1 == meant.len(),
        Slip::LeftOut | Slip::Added | Slip::Replaced => place + 1 >= written.len().min(meant.len()),
    }
}

#[cfg(test)]
#[path = "misspelt_tests.rs"]
mod tests;
