//! A blob as a checkpoint directory again: to finetune a model of which there is nothing else.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use embedded_gpt::format::blob::{VOCABULARY, sections};
use embedded_gpt::text::WordRule;

use crate::blob_file::BlobFile;
use crate::checkpoint::{Checkpoint, SpecialTokens};
use crate::export::weights_of;
use crate::language::code_of;
use crate::model_card::ModelCard;
use crate::replace_file::replace_file;
use crate::tokenizer::{TokenizerKind, tokenizer_json};
use crate::word_rule::name_of;

/// Reads a blob and writes what it holds as a checkpoint directory. The weights are those that the device computes
/// with: exported in the same format they are the same to the bit. The list of words stays behind.
///
/// # Errors
/// If the file is not a blob, its vocabulary cannot be a tokenizer.json, or the directory cannot be written.
pub fn import(path: &Path, out: &Path) -> Result<(Checkpoint, TokenizerKind)> {
    let file = BlobFile::read(path)?;
    let model = file.model()?;
    let vocab = model.vocab();
    let section = sections(file.bytes())?.find(|&(name, _)| name == VOCABULARY);
    let (_, section) = section.context("the blob has no vocabulary")?;
    let json = tokenizer_json(section, model.config().n_vocab).with_context(|| path.display().to_string())?;

    fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    let tokenizer = out.join("tokenizer.json");
    replace_file(&tokenizer, json.as_bytes()).with_context(|| format!("cannot write {}", tokenizer.display()))?;
    let special = SpecialTokens { bos: vocab.bos(), eos: vocab.eos(), pad: vocab.pad() };
    let checkpoint = Checkpoint { weights: weights_of(&model), special, tokenizer: Some(tokenizer) };
    checkpoint.save(out)?;
    let language = code_of(vocab.language()).map(str::to_owned);
    let rule = vocab.word_rule();
    let word_rule = (rule != WordRule::Letters).then(|| name_of(rule).to_owned());
    let card = ModelCard::from_text(model.metadata());
    if card.is_some() || language.is_some() || word_rule.is_some() {
        ModelCard { language, word_rule, ..card.unwrap_or_default() }.save(out)?;
    }
    Ok((checkpoint, TokenizerKind::ByteLevel))
}

#[cfg(test)]
mod tests {
    use embedded_gpt::format::blob::TENSOR_DATA;
    use embedded_gpt::format::tensor::Format;

    use super::*;
    use crate::export::blob_of;

    fn model(name: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(name)
    }

    #[test]
    fn what_is_exported_again_is_the_same_to_the_bit() {
        for (name, format) in [("demo.egpt", Format::Q8), ("keyboard.egpt", Format::Q4)] {
            let dir = tempfile::tempdir().unwrap();
            import(&model(name), dir.path()).unwrap();
            let checkpoint = Checkpoint::load(dir.path()).unwrap();
            let again = blob_of(&checkpoint, |_| format, "").unwrap();
            let before = fs::read(model(name)).unwrap();
            for wanted in [TENSOR_DATA, VOCABULARY] {
                let section = |blob| sections(blob).unwrap().find(|&(name, _)| name == wanted).unwrap().1.to_vec();
                assert!(section(&again) == section(&before), "{name}: {wanted:?}");
            }
            assert!(ModelCard::load(dir.path()).unwrap().unwrap().corpus.contains("chitchat"));
        }
    }

    #[test]
    fn what_is_no_blob_is_refused_before_anything_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let (file, out) = (dir.path().join("a.egpt"), dir.path().join("out"));
        fs::write(&file, "not a blob").unwrap();
        assert!(import(&file, &out).is_err() && !out.exists());
    }
}
