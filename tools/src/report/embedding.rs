//! Which words the model holds to be alike: neighbours and a map of the embeddings of tokens that are words.

use std::collections::HashMap;

use egpt_core::weights::Weights;
use egpt_core::words::count_words;
use embedded_gpt::format::tensor::Role;
use embedded_gpt::{TokenId, Vocab};
use nalgebra::DMatrix;

/// Words that are looked at.
const MAX_WORDS: usize = 1000;
/// Words of the text among which those that are tokens are looked for.
const FREQUENT: usize = 4000;
const MIN_LETTERS: usize = 2;
/// Words on the map.
const ON_MAP: usize = 260;
/// Words whose neighbours are listed, spread over so many of the first.
const N_LISTED: usize = 18;
const LISTED_FROM: usize = 400;
const N_NEIGHBOURS: usize = 6;

/// The most frequent words of a text that follow a space, most frequent first.
pub(super) fn frequent_words(documents: &[String]) -> Vec<String> {
    let counts = count_words(documents.iter().map(String::as_str));
    let words = counts.words.iter().filter_map(|(word, _)| word.strip_prefix(' '));
    words.filter(|word| is_word(word)).take(FREQUENT).map(str::to_owned).collect()
}

fn is_word(text: &str) -> bool {
    text.chars().all(char::is_alphabetic) && text.chars().count() >= MIN_LETTERS
}

/// Tokens that are one of the words with the space before it, in the order of the words. Where no words are known,
/// all tokens that look like it, in the order of the vocabulary: those of a BPE's most frequent pairs come first.
pub(super) fn words(vocab: &Vocab<'_>, frequent: &[String]) -> Vec<(TokenId, String)> {
    let mut buffer = [0; Vocab::MAX_TOKEN_BYTES];
    let word = |token: usize| {
        let token = token as TokenId;
        let word = std::str::from_utf8(vocab.bytes(token, &mut buffer)).ok()?.strip_prefix(' ')?.to_owned();
        (is_word(&word) && !vocab.is_special(token)).then_some((token, word))
    };
    let mut words: Vec<_> = (0..vocab.len()).filter_map(word).collect();
    if !frequent.is_empty() {
        let ranks: HashMap<&str, usize> =
            frequent.iter().enumerate().map(|(rank, word)| (word.as_str(), rank)).collect();
        words.retain(|(_, word)| ranks.contains_key(word.as_str()));
        words.sort_by_key(|(_, word)| ranks[word.as_str()]);
    }
    words.truncate(MAX_WORDS);
    words
}

/// Words as unit vectors around their mean.
pub(super) struct Space {
    words: Vec<String>,
    vectors: Vec<Vec<f64>>,
}

impl Space {
    pub fn new(weights: &Weights, words: Vec<(TokenId, String)>) -> Self {
        let width = weights.config.n_embd;
        let table = weights.get(Role::TokenEmbedding, 0).unwrap_or_default();
        let row = |token: TokenId| table[usize::from(token) * width..][..width].iter();
        let vectors = words.iter().map(|&(token, _)| row(token).map(|&x| f64::from(x)).collect()).collect();
        Self::of_vectors(words.into_iter().map(|(_, word)| word).collect(), vectors)
    }

    fn of_vectors(words: Vec<String>, mut vectors: Vec<Vec<f64>>) -> Self {
        let width = vectors.first().map_or(0, Vec::len);
        let mean = |i: usize| vectors.iter().map(|v| v[i]).sum::<f64>() / vectors.len() as f64;
        let mean: Vec<f64> = (0..width).map(mean).collect();
        for vector in &mut vectors {
            vector.iter_mut().zip(&mean).for_each(|(x, mean)| *x -= mean);
            normalize(vector);
        }
        Self { words, vectors }
    }

    /// Words with those nearest to them, by cosine.
    pub fn neighbours(&self) -> Vec<(&str, Vec<&str>)> {
        let n = self.words.len().min(LISTED_FROM);
        (0..n)
            .step_by((n / N_LISTED).max(1))
            .take(N_LISTED)
            .map(|i| (self.words[i].as_str(), self.nearest(i)))
            .collect()
    }

    fn nearest(&self, i: usize) -> Vec<&str> {
        let mut others: Vec<(f64, usize)> = (0..self.words.len())
            // "You" is no news about "you".
            .filter(|&j| self.words[j].to_lowercase() != self.words[i].to_lowercase())
            .map(|j| (dot(&self.vectors[i], &self.vectors[j]), j))
            .collect();
        others.sort_by(|a, b| b.0.total_cmp(&a.0));
        others.iter().take(N_NEIGHBOURS).map(|&(_, j)| self.words[j].as_str()).collect()
    }

    /// The first words on the plane in which they differ most (principal components).
    pub fn map(&self) -> Vec<(String, [f64; 2])> {
        let vectors = &self.vectors[..self.vectors.len().min(ON_MAP)];
        let [first, second] = principal_axes(vectors);
        let places = vectors.iter().map(|vector| [dot(vector, &first), dot(vector, &second)]);
        self.words.iter().cloned().zip(places).collect()
    }
}

/// The two directions in which vectors differ most, at right angles to one another.
fn principal_axes(vectors: &[Vec<f64>]) -> [Vec<f64>; 2] {
    let width = vectors.first().map_or(0, Vec::len);
    if width == 0 {
        return Default::default();
    }
    let rows = DMatrix::from_row_iterator(vectors.len(), width, vectors.iter().flatten().copied());
    let spread = (rows.transpose() * rows).symmetric_eigen();
    let mut order: Vec<usize> = (0..width).collect();
    order.sort_by(|&a, &b| spread.eigenvalues[b].total_cmp(&spread.eigenvalues[a]));
    let axis = |i: usize| order.get(i).map(|&column| spread.eigenvectors.column(column).iter().copied().collect());
    [0, 1].map(|i| axis(i).unwrap_or_default())
}

fn normalize(vector: &mut [f64]) {
    let length = dot(vector, vector).sqrt().max(f64::MIN_POSITIVE);
    vector.iter_mut().for_each(|x| *x /= length);
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alike_words_are_neighbours_and_close_on_the_map() {
        let words = ["cat", "dog", "Dog", "run", "walk"].map(String::from).to_vec();
        let vectors = vec![
            vec![5.0, 1.0, 0.1],
            vec![5.0, 1.2, 0.0],
            vec![5.0, 1.2, 0.0],
            vec![1.0, 5.0, 0.1],
            vec![1.2, 5.0, 0.2],
        ];
        let space = Space::of_vectors(words, vectors);
        assert_eq!(space.nearest(1)[0], "cat", "not Dog");
        assert_eq!(space.nearest(3)[0], "walk");
        let map = space.map();
        let distance = |a: usize, b: usize| (map[a].1[0] - map[b].1[0]).hypot(map[a].1[1] - map[b].1[1]);
        assert!(distance(0, 1) < 0.5 * distance(0, 3) && distance(3, 4) < 0.5 * distance(0, 3), "{map:?}");
    }

    #[test]
    fn principal_directions_are_those_of_the_greatest_spread() {
        let vectors = [[3.0, 0.0, 0.0], [-3.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, -2.0, 0.0], [0.0, 0.0, 0.5]];
        let vectors: Vec<Vec<f64>> = vectors.map(|v| v.to_vec()).to_vec();
        let [first, second] = principal_axes(&vectors);
        assert!(first[0].abs() > 0.999 && second[1].abs() > 0.999, "{first:?} {second:?}");
    }

    #[test]
    fn frequent_words_follow_a_space() {
        let words = frequent_words(&["so is it, is he 3 times? I is".to_owned(), "a he".to_owned()]);
        assert_eq!(words, ["is", "he", "it", "times"]);
    }

    #[test]
    fn there_may_be_no_words() {
        let space = Space::of_vectors(Vec::new(), Vec::new());
        assert!(space.map().is_empty() && space.neighbours().is_empty());
    }
}
