//! Vocabularies given as the tokens' bytes in order of rank, as tiktoken has them.

use std::collections::HashMap;

use anyhow::{Result, bail, ensure};
use embedded_gpt::TokenId;
use embedded_gpt::text::Language;

use super::vocabulary::{Base, PreTokenizer, Vocabulary};
use crate::checkpoint::SpecialTokens;

impl Vocabulary {
    /// A byte-level vocabulary with GPT-2's pre-tokenizer from the bytes of each token; the id is the rank, and the
    /// first 256 are single bytes. `named` are special tokens with ids of their own.
    ///
    /// # Errors
    /// If a token is not made from two earlier ones, or there are more than 65,535.
    pub fn from_ranks(tokens: &[Vec<u8>], named: Vec<(TokenId, String)>) -> Result<Self> {
        ensure!(tokens.len() <= 65_535, "{} tokens; at most 65,535 are supported", tokens.len());
        let ranks: HashMap<&[u8], TokenId> = (0..).zip(tokens).map(|(rank, token)| (&token[..], rank)).collect();
        let byte_of: Vec<u8> = tokens.iter().map_while(|token| (token.len() == 1).then_some(token[0])).collect();
        ensure!(byte_of.len() == 256, "the first {} tokens are single bytes, instead of 256", byte_of.len());
        let mut merges = Vec::with_capacity(tokens.len() - 256);
        for (rank, token) in (256..).zip(&tokens[256..]) {
            match parts_below(&ranks, token, rank)[..] {
                [left, right] => merges.push([left, right]),
                _ => bail!("token {rank} is not made from two earlier tokens"),
            }
        }
        Ok(Self {
            base: Base::Bytes,
            pre_tokenizer: PreTokenizer::Gpt2,
            space_prefix: None,
            folds_case: false,
            language: Language::Any,
            first_byte: 0,
            byte_of,
            first_merge: 256,
            merges,
            first_char: 0,
            chars: Vec::new(),
            special: SpecialTokens::default(),
            named,
        })
    }
}

/// What a text becomes by the merges of rank below `limit`.
fn parts_below(ranks: &HashMap<&[u8], TokenId>, text: &[u8], limit: TokenId) -> Vec<TokenId> {
    let mut parts: Vec<&[u8]> = text.chunks(1).collect();
    loop {
        let ranked = (1..parts.len()).filter_map(|i| {
            let start = parts[..i - 1].iter().map(|part| part.len()).sum::<usize>();
            let joined = &text[start..start + parts[i - 1].len() + parts[i].len()];
            ranks.get(joined).filter(|&&rank| rank < limit).map(|rank| (rank, i, joined))
        });
        let Some((_, i, joined)) = ranked.min() else {
            return parts.iter().map(|part| ranks[part]).collect();
        };
        parts[i - 1] = joined;
        parts.remove(i);
    }
}
