//! The classifier to beat: naive Bayes over the words of a text.

use std::collections::{HashMap, HashSet};

use super::Labelled;

/// Multinomial naive Bayes: how often each word occurs under each label, one occurrence more for all.
#[derive(Clone, Debug)]
pub struct NaiveBayes {
    /// Per label: texts, words in all, and occurrences of each word.
    counts: Vec<(f64, f64, HashMap<String, f64>)>,
    n_words: f64,
}

impl NaiveBayes {
    /// Counts the words of texts with labels below `n_labels`.
    pub fn new<'t>(texts: impl Iterator<Item = &'t Labelled>, n_labels: usize) -> Self {
        let mut counts = vec![(0.0, 0.0, HashMap::new()); n_labels];
        let mut all = HashSet::new();
        for Labelled { text, label } in texts {
            let (texts, words, by_word) = &mut counts[*label];
            *texts += 1.0;
            for word in words_of(text) {
                *words += 1.0;
                all.insert(word.clone());
                *by_word.entry(word).or_insert(0.0) += 1.0;
            }
        }
        Self { counts, n_words: all.len() as f64 }
    }

    /// The likeliest label of a text.
    pub fn classify(&self, text: &str) -> usize {
        let words: Vec<String> = words_of(text).collect();
        let score = |(texts, total, by_word): &(f64, f64, HashMap<String, f64>)| -> f64 {
            let prior = (texts + 1.0).ln();
            let word = |word: &String| ((by_word.get(word).unwrap_or(&0.0) + 1.0) / (total + self.n_words + 1.0)).ln();
            prior + words.iter().map(word).sum::<f64>()
        };
        let scores: Vec<f64> = self.counts.iter().map(score).collect();
        (0..scores.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b]).then(b.cmp(&a))).unwrap_or(0)
    }
}

fn words_of(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()).map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_decide_and_then_the_commoner_label() {
        let texts = [("Win money now", 1), ("money, money!", 1), ("see you tomorrow", 0)];
        let texts = texts.map(|(text, label)| Labelled { text: text.into(), label });
        let bayes = NaiveBayes::new(texts.iter(), 2);
        assert_eq!(["free MONEY", "see you", "unheard of"].map(|text| bayes.classify(text)), [1, 0, 1]);
    }
}
