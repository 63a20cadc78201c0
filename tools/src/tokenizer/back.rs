//! From a blob's vocabulary back to a tokenizer.json.

use anyhow::{Result, anyhow, ensure};
use embedded_gpt::{MAX_TOKEN_BYTES, TokenId, Vocab};
use tokenizers::AddedToken;
use tokenizers::models::bpe::{self, BPE};

use super::Vocabulary;
use super::byte_level::byte_chars;
use super::train::byte_level_tokenizer;
use crate::checkpoint::SpecialTokens;

/// The tokenizer.json that a byte-level vocabulary was made from. `section` is the vocabulary in the blob.
///
/// # Errors
/// If it is not byte-level with GPT-2's pre-tokenizer, or tells tokens apart that tokenizer.json does not.
pub fn tokenizer_json(section: &[u8], n_vocab: usize) -> Result<String> {
    let vocab = Vocab::parse(section, n_vocab)?;
    let chars = byte_chars();
    let text = |token: TokenId| -> String {
        let mut room = [0; MAX_TOKEN_BYTES];
        vocab.bytes(token, &mut room).iter().map(|&byte| chars[usize::from(byte)]).collect()
    };
    let tokens = 0..n_vocab as TokenId;
    let named: Vec<(TokenId, &str)> =
        tokens.clone().filter_map(|token| Some((token, vocab.special_name(token)?))).collect();
    let texts = tokens.filter(|&token| !vocab.is_special(token)).map(|token| (text(token), u32::from(token)));
    let special = named.iter().map(|&(token, name)| (name.to_owned(), u32::from(token)));
    let merges = vocab.merges().map(|[left, right, _]| (text(left), text(right))).collect();
    let model = BPE::builder().vocab_and_merges(texts.chain(special).collect::<bpe::Vocab>(), merges);
    let mut tokenizer = byte_level_tokenizer(model.build().map_err(|error| anyhow!(error))?)?;
    let added: Vec<AddedToken> = named.iter().map(|&(_, name)| AddedToken::from(name, true)).collect();
    tokenizer.add_special_tokens(added).map_err(|error| anyhow!(error))?;
    let json = tokenizer.to_string(true).map_err(|error| anyhow!(error))?;
    let special = SpecialTokens { bos: vocab.bos(), eos: vocab.eos(), pad: vocab.pad() };
    let again = Vocabulary { special, ..Vocabulary::from_json(&serde_json::from_str(&json)?, n_vocab)? };
    ensure!(
        again.section(n_vocab).is_ok_and(|again| again == section),
        "its vocabulary is of a kind that cannot be turned back into a tokenizer.json; \
         egpt train and egpt import hf of byte-level models make such as can"
    );
    Ok(json)
}
