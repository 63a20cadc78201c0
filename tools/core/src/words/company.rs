//! Which words stand beside a word in the text: a misspelt one stands where the right one does.

use std::collections::HashMap;

use super::Ngram;

/// Fewer neighbours tell nothing.
const MIN_NEIGHBOURS: u32 = 6;

/// The words before and after each word, with how often they stand there, as far as the table of n-grams knows.
#[derive(Debug, Default)]
pub(super) struct Company<'s> {
    before: HashMap<&'s str, HashMap<&'s str, u32>>,
    after: HashMap<&'s str, HashMap<&'s str, u32>>,
}

impl<'s> Company<'s> {
    pub(super) fn of(ngrams: &'s [Ngram]) -> Self {
        let mut company = Self::default();
        for (first, last, count) in pairs(ngrams) {
            company.after.entry(first).or_default().insert(last, count);
            company.before.entry(last).or_default().insert(first, count);
        }
        company
    }

    /// The share of a word's neighbours that `first` has before it or `last` behind it; `None` where too few are known.
    /// The two are one word twice, or two words that stand in its place.
    pub(super) fn shared(&self, word: &str, [first, last]: [&str; 2]) -> Option<f64> {
        let (mut all, mut shared) = (0, 0);
        for (side, other) in [(&self.before, first), (&self.after, last)] {
            for (neighbour, count) in side.get(word).into_iter().flatten() {
                all += count;
                let is_shared = side.get(other).is_some_and(|neighbours| neighbours.contains_key(neighbour));
                shared += if is_shared { *count } else { 0 };
            }
        }
        (all >= MIN_NEIGHBOURS).then(|| f64::from(shared) / f64::from(all))
    }
}

/// Words that stand in a row, and how often.
pub(super) fn pairs(ngrams: &[Ngram]) -> impl Iterator<Item = (&str, &str, u32)> {
    ngrams.iter().filter_map(|ngram| match &ngram.words[..] {
        [first, last] => Some((first.as_str(), last.as_str(), ngram.count)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_keeps_the_company_of_the_right_one() {
        let ngram =
            |words: &str, count| Ngram { words: words.split(' ').map(str::to_owned).collect(), count, prob: 0.5 };
        let ngrams = [
            ngram("i dont", 4),
            ngram("dont know", 4),
            ngram("i don't", 9),
            ngram("don't know", 9),
            ngram("the desert", 5),
            ngram("desert sand", 5),
            ngram("for dessert", 9),
            ngram("what is dont", 7),
            ngram("has alot", 3),
            ngram("alot of", 4),
            ngram("has a", 3),
            ngram("lot of", 3),
        ];
        let company = Company::of(&ngrams);
        assert_eq!(company.shared("dont", ["don't"; 2]), Some(1.0));
        assert_eq!(company.shared("desert", ["dessert"; 2]), Some(0.0));
        assert_eq!(company.shared("alot", ["a", "lot"]), Some(1.0));
        assert_eq!(company.shared("alot", ["lot"; 2]), Some(4.0 / 7.0));
        assert_eq!(company.shared("know", ["dont"; 2]), Some(0.0));
        assert_eq!(company.shared("sand", ["desert"; 2]), None, "too few");
    }
}
