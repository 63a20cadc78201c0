//! Which of several merges that make the same token ever does.
//!
//! Where a token stands in an encoded text, no merge has crossed its ends. So the merges within it were those of its
//! text alone, in the same order, and the last one of them made it. Of all merges that could make a token at most one
//! ever does, and the others change nothing.

use std::collections::HashMap;

use anyhow::{Result, ensure};
use embedded_gpt::TokenId;

/// All merges of a tokenizer: the rank of a pair, and the token that it makes.
#[derive(Debug, Default)]
pub(super) struct Ways {
    merges: HashMap<[TokenId; 2], (usize, TokenId)>,
}

impl Ways {
    /// Adds a merge behind all others.
    ///
    /// # Errors
    /// If the pair is there already: readers of the file do not agree on which of its ranks counts.
    pub(super) fn push(&mut self, pair: [TokenId; 2], token: TokenId) -> Result<()> {
        let rank = self.merges.len();
        ensure!(self.merges.insert(pair, (rank, token)).is_none(), "the merge of ids {pair:?} is listed twice");
        Ok(())
    }

    /// The pair that makes a token, whose text is that of these base tokens; `None` if the token never comes about.
    pub(super) fn pair_of(&self, token: TokenId, base: &[TokenId]) -> Option<[TokenId; 2]> {
        let mut tokens = base.to_vec();
        let mut last = None;
        while let Some((at, pair, made)) = self.first_merge(&tokens) {
            tokens.splice(at..at + 2, [made]);
            last = Some(pair);
        }
        last.filter(|_| tokens == [token])
    }

    /// The merge of the lowest rank, the leftmost of equals.
    fn first_merge(&self, tokens: &[TokenId]) -> Option<(usize, [TokenId; 2], TokenId)> {
        let merges = tokens.windows(2).enumerate().filter_map(|(at, pair)| {
            let pair = [pair[0], pair[1]];
            let &(rank, made) = self.merges.get(&pair)?;
            Some((rank, at, pair, made))
        });
        merges.min().map(|(_, at, pair, made)| (at, pair, made))
    }
}

/// The base tokens of each merged token, the first one of which is `first`, by the pair that was found for it.
pub(super) fn bases(first: TokenId, merges: &[[TokenId; 2]]) -> Vec<Vec<TokenId>> {
    let mut bases: Vec<Vec<TokenId>> = Vec::new();
    for pair in merges {
        let of = |part: &TokenId| {
            let merged = part.checked_sub(first).and_then(|at| bases.get(usize::from(at)));
            merged.cloned().unwrap_or_else(|| vec![*part])
        };
        bases.push(pair.iter().flat_map(of).collect());
    }
    bases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_that_a_token_comes_about_is_found() {
        // b c, then a b, then (a, bc) and (ab, c).
        let mut ways = Ways::default();
        for (pair, token) in [([2, 3], 10), ([1, 2], 11), ([1, 10], 12), ([11, 3], 12), ([3, 1], 13), ([10, 1], 14)] {
            ways.push(pair, token).unwrap();
        }
        assert!(ways.push([1, 2], 11).is_err());
        assert_eq!(ways.pair_of(12, &[1, 2, 3]), Some([1, 10]));
        assert_eq!(ways.pair_of(11, &[1, 2]), Some([1, 2]));
        // c a is joined only after b c.
        assert_eq!(ways.pair_of(14, &[2, 3, 1]), Some([10, 1]));
        assert_eq!(ways.pair_of(13, &[3, 1, 2]), None);
        assert_eq!(bases(10, &[[2, 3], [1, 2], [1, 10]]), [vec![2, 3], vec![1, 2], vec![1, 2, 3]]);
    }
}
