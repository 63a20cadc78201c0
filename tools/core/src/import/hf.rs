//! Hugging Face directories of other makers, written out again as ours: one file, f32, our names.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::checkpoint::Checkpoint;
use crate::tokenizer::TokenizerKind;

/// Reads a directory of any family in [`crate::checkpoint`] without some keys of its config.json, checks that its
/// tokenizer can be carried to a device, and writes both as a checkpoint directory. Returns also what its user should
/// know, because something is taken otherwise than the directory says.
///
/// # Errors
/// If a file cannot be read or written, or model or tokenizer is of a kind that is not
/// supported; the text says which part.
pub fn import(
    dir: &Path,
    out: &Path,
    ignored_keys: &[String],
) -> Result<(Checkpoint, TokenizerKind, Option<String>)> {
    let (checkpoint, note) = Checkpoint::load_with_note(dir, ignored_keys)?;
    let tokenizer = checkpoint.tokenizer.as_ref().with_context(|| {
        format!(
            "{} holds no tokenizer.json: write one with transformers' \
             AutoTokenizer.from_pretrained(dir).save_pretrained(dir)",
            dir.display()
        )
    })?;
    let text = fs::read(tokenizer).with_context(|| format!("cannot read {}", tokenizer.display()))?;
    let json = serde_json::from_slice(&text).with_context(|| format!("{} is malformed", tokenizer.display()))?;
    let kind = TokenizerKind::of(&json, checkpoint.weights.config.n_vocab)
        .with_context(|| format!("{} cannot be imported", tokenizer.display()))?;

    fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    ensure!(fs::canonicalize(dir)? != fs::canonicalize(out)?, "--out must be another directory than the one imported");
    checkpoint.save(out)?;
    Ok((checkpoint, kind, note))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::SpecialTokens;
    use crate::weights::Weights;
    use crate::weights::random::gpt2_config;
    use serde_json::json;

    #[test]
    fn model_and_tokenizer_arrive_together() {
        let dir = tempfile::tempdir().unwrap();
        let (foreign, ours) = (dir.path().join("foreign"), dir.path().join("ours"));
        let weights = Weights::random(gpt2_config(), 1);
        Checkpoint { weights, special: SpecialTokens::default(), tokenizer: None }.save(&foreign).unwrap();
        let error = import(&foreign, &ours, &[]).unwrap_err().to_string();
        assert!(error.contains("holds no tokenizer.json"), "{error}");

        let tokenizer = json!({
            "pre_tokenizer": { "type": "ByteLevel", "add_prefix_space": false, "use_regex": true },
            "model": { "type": "BPE", "vocab": { "a": 0, "b": 36 }, "merges": [] }
        });
        fs::write(foreign.join("tokenizer.json"), tokenizer.to_string()).unwrap();
        let (imported, kind, _) = import(&foreign, &ours, &[]).unwrap();
        assert_eq!(kind, TokenizerKind::ByteLevel);
        let loaded = Checkpoint::load(&ours).unwrap();
        assert_eq!(loaded.weights, imported.weights);
        assert_eq!(fs::read_to_string(loaded.tokenizer.unwrap()).unwrap(), tokenizer.to_string());
        assert!(import(&ours, &ours, &[]).unwrap_err().to_string().contains("another directory"));
    }
}
