//! Spellings of a word, with a space or a capital or without, learn from each other.
//!
//! " what", "What" and " What" are tokens of their own. Each row of the embedding is thought of as a part of its own
//! plus a part that all spellings of the word share, and AdamW updates both. The sum is what is stored, so neither the
//! model nor its file knows of it.

use std::collections::HashMap;

use embedded_gpt::{TokenId, Vocab};

use super::adamw::{Stretch, Update};
use crate::network::norm::add;

/// Tokens of a vocabulary that spell the same word, two or more in a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spellings(Vec<Vec<TokenId>>);

impl Spellings {
    /// Spellings in these groups.
    pub fn new(groups: Vec<Vec<TokenId>>) -> Self {
        Self(groups)
    }

    /// Groups the tokens that consist of letters, with or without one space before them.
    pub fn of(vocab: &Vocab<'_>) -> Self {
        let mut groups: HashMap<String, Vec<TokenId>> = HashMap::new();
        for token in 0..vocab.len() as TokenId {
            let mut room = [0; Vocab::MAX_TOKEN_BYTES];
            let Ok(text) = str::from_utf8(vocab.bytes(token, &mut room)) else { continue };
            let word = text.strip_prefix(' ').unwrap_or(text);
            if !word.is_empty() && word.chars().all(char::is_alphabetic) {
                groups.entry(word.to_lowercase()).or_default().push(token);
            }
        }
        let mut groups: Vec<_> = groups.into_values().filter(|tokens| tokens.len() > 1).collect();
        groups.sort_unstable();
        Self(groups)
    }

    /// Numbers in each of the moments of the shared parts, for embeddings of this width.
    pub(super) fn moments_len(&self, n_embd: usize) -> usize {
        self.0.len() * n_embd
    }

    /// Moves the rows of each group by what their shared part moves.
    pub(super) fn update(&self, update: Update, rows: &mut [f32], gradients: &[f32], moments: &mut SharedMoments) {
        if self.0.is_empty() {
            return;
        }
        let SharedMoments { first, second } = moments;
        let n_embd = first.len() / self.0.len();
        let place = |token: TokenId| usize::from(token) * n_embd..(usize::from(token) + 1) * n_embd;
        let mut sums = vec![0.0; first.len()];
        for (sum, group) in sums.chunks_exact_mut(n_embd).zip(&self.0) {
            group.iter().for_each(|&token| add(sum, &gradients[place(token)]));
        }
        let mut moves = vec![0.0; first.len()];
        update.apply(Stretch {
            values: &mut moves,
            gradients: &sums,
            first_moment: first,
            second_moment: second,
            decays: false,
        });
        for (step, group) in moves.chunks_exact(n_embd).zip(&self.0) {
            group.iter().for_each(|&token| add(&mut rows[place(token)], step));
        }
    }
}

/// AdamW's moments of the shared parts, (groups, n_embd) each; empty where nothing is shared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SharedMoments {
    pub first: Vec<f32>,
    pub second: Vec<f32>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob_file::BlobFile;
    use crate::train::adamw::AdamW;

    #[test]
    fn groups_are_spellings_of_one_word() {
        let file = BlobFile::new(include_bytes!("../../../../models/demo.egpt"));
        let model = file.model().unwrap();
        let vocab = model.vocab();
        let Spellings(groups) = Spellings::of(&vocab);
        let text = |&token: &TokenId| {
            let mut room = [0; Vocab::MAX_TOKEN_BYTES];
            String::from_utf8(vocab.bytes(token, &mut room).to_vec()).unwrap()
        };
        let groups: Vec<Vec<String>> = groups.iter().map(|group| group.iter().map(text).collect()).collect();
        let of = |word: &str| groups.iter().find(|group| group.iter().any(|text| text == word)).unwrap();
        assert!([" what", "What", "what"].iter().all(|word| of(" what").contains(&word.to_string())));
        assert!(!of(" what").contains(&" whatever".to_owned()));
        let words = groups.iter().flatten();
        assert!(words.clone().all(|text| text.trim_start().chars().all(char::is_alphabetic)));
    }

    #[test]
    fn a_rare_spelling_learns_what_a_common_one_does() {
        let spellings = Spellings::new(vec![vec![0, 2]]);
        let len = spellings.moments_len(2);
        let mut moments = SharedMoments { first: vec![0.0; len], second: vec![0.0; len] };
        let (mut rows, gradients) = (vec![1.0; 6], [0.5, -0.5, 9.0, 9.0, 0.0, 0.0]);
        let update = AdamW::default().update(1, 0.01, 1.0);
        spellings.update(update, &mut rows, &gradients, &mut moments);
        assert_eq!(rows[..2], rows[4..]);
        assert!((rows[0] - 0.99).abs() < 1e-6 && (rows[1] - 1.01).abs() < 1e-6, "{rows:?}");
        assert_eq!(rows[2..4], [1.0; 2], "of another word");
        Spellings::default().update(update, &mut rows, &gradients, &mut SharedMoments::default());
    }
}
