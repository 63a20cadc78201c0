//! Special tokens put behind the others of a tokenizer.json.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::bpe::n_ids;
use crate::replace_file::replace_file;

/// Gives special tokens of these names the ids after all others, and writes the file to `out`; those that it has
/// already keep theirs. Returns the number of tokens there are then.
///
/// # Errors
/// If the file cannot be read or written, or there are more tokens than ids.
pub fn add_special_tokens(tokenizer: &Path, names: &[String], out: &Path) -> Result<usize> {
    let text = fs::read(tokenizer).with_context(|| format!("cannot read {}", tokenizer.display()))?;
    let mut json: Value =
        serde_json::from_slice(&text).with_context(|| format!("{} is malformed", tokenizer.display()))?;
    let mut next = n_ids(&json);
    let mut tokens = json["added_tokens"].as_array().cloned().unwrap_or_default();
    for name in names {
        if tokens.iter().all(|token| token["content"] != **name) {
            tokens.push(json!({
                "id": next, "content": name, "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": true,
            }));
            next += 1;
        }
    }
    ensure!(next <= 65_535, "no ids are left for {} more tokens", names.len());
    json["added_tokens"] = tokens.into();
    replace_file(out, &serde_json::to_vec_pretty(&json)?).with_context(|| format!("cannot write {}", out.display()))?;
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::{TrainSettings, n_vocab, train};

    #[test]
    fn new_names_get_the_next_ids_and_old_ones_keep_theirs() {
        let dir = tempfile::tempdir().unwrap();
        let (first, second) = (dir.path().join("a.json"), dir.path().join("b.json"));
        let n = train(["hello hello"; 9].into_iter(), TrainSettings { n_vocab: 260, ..Default::default() }, &first);
        let n = n.unwrap();
        let names = ["<|class|>", "<|class:a|>"].map(String::from);
        assert_eq!(add_special_tokens(&first, &names, &second).unwrap(), n + 2);
        assert_eq!(n_vocab(&second).unwrap(), n + 2);
        let more = ["<|class:a|>", "<|class:b|>"].map(String::from);
        assert_eq!(add_special_tokens(&second, &more, &first).unwrap(), n + 3);
        let tokenizer = tokenizers::Tokenizer::from_file(&first).unwrap();
        assert_eq!(tokenizer.token_to_id("<|class:b|>"), Some(n as u32 + 2));
    }
}
