//! From a blob's vocabulary back to a tokenizer.json.

use anyhow::{Result, anyhow, ensure};
use embedded_gpt::{TokenId, Vocab};
use tokenizers::AddedToken;
use tokenizers::models::bpe::{self, BPE};

use super::byte_level::byte_chars;
use super::train::byte_level_tokenizer;
use super::vocabulary::{Base, PreTokenizer, Vocabulary};
use crate::checkpoint::SpecialTokens;

/// The tokenizer.json that a byte-level vocabulary was made from. `section` is the vocabulary in the blob.
///
/// # Errors
/// If it is not byte-level with GPT-2's pre-tokenizer, or tells tokens apart that tokenizer.json does not.
pub fn tokenizer_json(section: &[u8], n_vocab: usize) -> Result<String> {
    let vocab = Vocab::parse(section, n_vocab)?;
    ensure!(section.starts_with(&[Base::Bytes as u8, PreTokenizer::Gpt2 as u8]), OTHER_KIND);
    let chars = byte_chars();
    let text = |token: TokenId| -> String {
        let mut room = [0; Vocab::MAX_TOKEN_BYTES];
        vocab.bytes(token, &mut room).iter().map(|&byte| chars[usize::from(byte)]).collect()
    };
    let tokens = 0..n_vocab as TokenId;
    let named: Vec<(TokenId, &str)> =
        tokens.clone().filter_map(|token| Some((token, vocab.special_name(token)?))).collect();
    let texts = tokens.filter(|&token| !vocab.is_special(token)).map(|token| (text(token), u32::from(token)));
    let special = named.iter().map(|&(token, name)| (name.to_owned(), u32::from(token)));
    let merges = vocab.merges().map(|[left, right, _]| (text(left), text(right))).collect();
    let model = BPE::builder().vocab_and_merges(texts.chain(special).collect::<bpe::Vocab>(), merges);
    let folded = vocab.folds_case().then(|| vocab.language());
    let mut tokenizer = byte_level_tokenizer(model.build().map_err(|error| anyhow!(error))?, folded)?;
    let added: Vec<AddedToken> = named.iter().map(|&(_, name)| AddedToken::from(name, true)).collect();
    tokenizer.add_special_tokens(added).map_err(|error| anyhow!(error))?;
    let json = tokenizer.to_string(true).map_err(|error| anyhow!(error))?;
    let special = SpecialTokens { bos: vocab.bos(), eos: vocab.eos(), pad: vocab.pad() };
    // A language that changes no token is not in the file.
    let language = vocab.language();
    let again = Vocabulary { special, language, ..Vocabulary::from_json(&serde_json::from_str(&json)?, n_vocab)? };
    ensure!(again.section(n_vocab).is_ok_and(|again| again == section), OTHER_KIND);
    Ok(json)
}

const OTHER_KIND: &str = "its vocabulary is not byte-level as egpt train makes it, and cannot be turned back into a \
                          tokenizer.json: go back to the checkpoint that the blob was exported from";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vocabularies_come_back_if_they_are_byte_level() {
        let tokens: Vec<Vec<u8>> =
            (0..=255).map(|byte| vec![byte]).chain([b"he".to_vec(), b" he".to_vec(), "\u{e9}".into()]).collect();
        let vocabulary = Vocabulary::from_ranks(&tokens, vec![(259, "<|endoftext|>".into())]).unwrap();
        let section = |vocabulary: &Vocabulary| {
            let bytes = vocabulary.section(260).unwrap();
            crate::blob_file::BlobFile::new(&bytes)
        };
        let json = tokenizer_json(section(&vocabulary).bytes(), 260).unwrap();
        let tokenizer: tokenizers::Tokenizer = json.parse().unwrap();
        assert_eq!(tokenizer.encode("he he\u{e9}", false).unwrap().get_ids(), [256, 257, 258]);

        let whole = Vocabulary { pre_tokenizer: PreTokenizer::None, ..vocabulary };
        let error = tokenizer_json(section(&whole).bytes(), 260).unwrap_err();
        assert!(error.to_string().contains("not byte-level"), "{error}");
    }
}
