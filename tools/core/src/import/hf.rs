//! Hugging Face directories of other makers, written out again as ours: one file, f32, our names.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use embedded_gpt::{TokenId, Vocab};
use serde_json::Value;

use super::check::{self, Checked};
use crate::blob_file::BlobFile;
use crate::checkpoint::{self, Checkpoint, SpecialTokens};
use crate::tokenizer::{TokenizerKind, n_ids, note_on, vocab_section};

/// How a directory is imported.
#[derive(Clone, Debug, Default)]
pub struct HfOptions {
    /// Keys of config.json that are taken for not there.
    pub ignored_keys: Vec<String>,
    /// Text whose tokens are compared, too, line by line.
    pub sample: String,
    /// Whether to import although tokens differ from those of `tokenizers`.
    pub allows_other_ids: bool,
}

/// A model that has been imported.
#[derive(Debug)]
pub struct Imported {
    pub checkpoint: Checkpoint,
    pub tokenizer: TokenizerKind,
    /// What is not as in the directory.
    pub notes: Vec<String>,
    /// What has been compared with the directory.
    pub checked: Checked,
}

/// Reads a directory of any family in [`crate::checkpoint`] and writes it as a checkpoint into another, `out`.
///
/// Its tokenizer must be one that can be carried to a device, and give the tokens of `tokenizers` there for a sample of
/// texts. What is written is read again, and must give the logits of what was read.
///
/// # Errors
/// If a file cannot be read or written, model or tokenizer is of a kind that is not supported, or tokens or logits
/// differ; the text says which. What is in `out` then is no model to use.
pub fn import(dir: &Path, out: &Path, options: &HfOptions) -> Result<Imported> {
    let (mut checkpoint, mut notes) = Checkpoint::load_with_notes(dir, &options.ignored_keys)?;
    let path = checkpoint.tokenizer.clone().with_context(|| {
        format!(
            "{} holds no tokenizer.json: write one with transformers' \
             AutoTokenizer.from_pretrained(dir).save_pretrained(dir)",
            dir.display()
        )
    })?;
    let text = checkpoint::read(&path)?;
    let json: Value = serde_json::from_slice(&text).with_context(|| format!("{} is malformed", path.display()))?;
    let tokenizer = TokenizerKind::of(&json, checkpoint.weights.config.n_vocab)
        .with_context(|| format!("{} cannot be imported", path.display()))?;
    let n_vocab = checkpoint.weights.config.n_vocab.min(n_ids(&json));
    notes.extend(note_on(&path)?.map(str::to_owned));
    notes.extend(drop_unknown(&mut checkpoint.special, n_vocab));
    let section = BlobFile::new(&vocab_section(&path, n_vocab, checkpoint.special)?);
    let vocab = Vocab::parse(section.bytes(), n_vocab)?;
    notes.extend(ordinary(checkpoint.special, &vocab));

    let checked = check::tokens(&text, &vocab, &options.sample).with_context(|| path.display().to_string())?;
    if let Some(difference) = checked.difference.as_ref().filter(|_| !options.allows_other_ids) {
        bail!("{difference}; nothing was written: --allow-other-ids imports the model nevertheless");
    }
    let before = check::logits(&checkpoint.weights, &vocab)?;
    notes.extend(cut_vocab(&mut checkpoint, n_vocab));
    fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    checkpoint.save(out)?;
    check::is_same(&before, &check::logits(&Checkpoint::load(out)?.weights, &vocab)?)?;
    Ok(Imported { checkpoint, tokenizer, notes, checked })
}

/// Leaves out the roles of tokens that the tokenizer does not have: what config.json says without being asked.
fn drop_unknown(special: &mut SpecialTokens, n_vocab: usize) -> Option<String> {
    let SpecialTokens { bos, eos, pad } = special;
    let dropped = [bos, eos, pad].map(|role| role.take_if(|id| usize::from(*id) >= n_vocab));
    named(dropped).map(|ids| format!("{ids} left out: the tokenizer has {n_vocab} tokens"))
}

/// Roles of tokens that stand for text: they have none on a device.
fn ordinary(special: SpecialTokens, vocab: &Vocab<'_>) -> Option<String> {
    let SpecialTokens { bos, eos, pad } = special;
    let ordinary = [bos, eos, pad].map(|role| role.filter(|&id| !vocab.is_special(id)));
    named(ordinary)
        .map(|ids| format!("{ids} is text for this tokenizer: it neither begins nor ends a text on a device"))
}

/// The ids of BOS, EOS and PAD with their names in config.json.
fn named(roles: [Option<TokenId>; 3]) -> Option<String> {
    let named = ["bos_token_id", "eos_token_id", "pad_token_id"].into_iter().zip(roles);
    let named: Vec<String> = named.filter_map(|(key, id)| Some(format!("{key} {}", id?))).collect();
    (!named.is_empty()).then(|| named.join(" and "))
}

/// Takes those tokens from a model that its tokenizer does not have.
fn cut_vocab(checkpoint: &mut Checkpoint, n_vocab: usize) -> Option<String> {
    let before = checkpoint.weights.config.n_vocab;
    checkpoint.weights.truncate_vocab(n_vocab);
    (n_vocab < before).then(|| {
        format!("the vocabulary is cut from {before} to {n_vocab} tokens: the tokenizer has no others to write or read")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::{TrainSettings, train};
    use crate::weights::Weights;
    use crate::weights::random::{gpt2_config, llama_config};
    use embedded_gpt::Config;
    use embedded_gpt::format::tensor::Role;
    use serde_json::json;
    use tempfile::TempDir;

    /// A directory with `n_unused` tokens more in the model than in the tokenizer, which has 260.
    fn foreign(config: Config, n_unused: usize, change: impl Fn(&mut Value)) -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        let tokenizer = dir.path().join("tokenizer.json");
        let settings = TrainSettings { n_vocab: 260, ..TrainSettings::default() };
        assert_eq!(train(["hello hello"; 9].into_iter(), settings, &tokenizer).unwrap(), 260);
        let mut json: Value = serde_json::from_slice(&fs::read(&tokenizer).unwrap()).unwrap();
        change(&mut json);
        fs::write(&tokenizer, json.to_string()).unwrap();
        let weights = Weights::random(config.with(|c| c.n_vocab = 260 + n_unused), 1);
        let special = SpecialTokens { eos: Some(0), ..SpecialTokens::default() };
        Checkpoint { weights, special, tokenizer: Some(tokenizer) }.save(dir.path()).unwrap();
        dir
    }

    #[test]
    fn model_and_tokenizer_arrive_together() {
        for config in [gpt2_config(), llama_config()] {
            let (dir, out) = (foreign(config, 0, |_| {}), tempfile::tempdir().unwrap());
            let imported = import(dir.path(), out.path(), &HfOptions::default()).unwrap();
            assert_eq!(imported.tokenizer, TokenizerKind::ByteLevel);
            assert!(imported.notes.is_empty() && imported.checked.difference.is_none(), "{imported:?}");
            let loaded = Checkpoint::load(out.path()).unwrap();
            assert_eq!(loaded.weights, imported.checkpoint.weights);
            let text = |dir: &Path| fs::read(dir.join("tokenizer.json")).unwrap();
            assert!(text(out.path()) == text(dir.path()));
            assert_eq!(fs::read_dir(out.path()).unwrap().count(), 3);
            fs::remove_file(dir.path().join("tokenizer.json")).unwrap();
            let error = import(dir.path(), out.path(), &HfOptions::default()).unwrap_err().to_string();
            assert!(error.contains("holds no tokenizer.json"), "{error}");
        }
    }

    #[test]
    fn tokens_that_the_tokenizer_does_not_have_are_cut_off() {
        for config in [gpt2_config().with(|c| c.tied = true), llama_config().with(|c| c.tied = false)] {
            let (dir, out) = (foreign(config, 7, |_| {}), tempfile::tempdir().unwrap());
            let path = dir.path().join("config.json");
            let config = fs::read_to_string(&path).unwrap();
            fs::write(&path, config.replace("\"bos_token_id\": null", "\"bos_token_id\": 50256")).unwrap();
            let imported = import(dir.path(), out.path(), &HfOptions::default()).unwrap();
            assert!(imported.notes[0].contains("bos_token_id 50256 left out"), "{:?}", imported.notes);
            assert!(imported.notes[1].contains("cut from 267 to 260 tokens"), "{:?}", imported.notes);
            let (before, after) = (Checkpoint::load(dir.path()).unwrap(), Checkpoint::load(out.path()).unwrap());
            assert_eq!((after.weights.config.n_vocab, after.special.bos), (260, None));
            for role in [Role::TokenEmbedding, Role::Head] {
                let [before, after] = [&before, &after].map(|model| model.weights.get(role, 0).unwrap_or_default());
                assert!(before.starts_with(after));
                assert_eq!(before.len() * 260, after.len() * 267);
            }
        }
    }

    #[test]
    fn roles_of_text_and_further_ends_are_told() {
        let (dir, out) = (foreign(llama_config(), 0, |_| {}), tempfile::tempdir().unwrap());
        let path = dir.path().join("config.json");
        let config = fs::read_to_string(&path).unwrap().replace("\"eos_token_id\": 0", "\"eos_token_id\": [7, 0]");
        fs::write(&path, config).unwrap();
        let notes = import(dir.path(), out.path(), &HfOptions::default()).unwrap().notes;
        assert!(notes[0].contains("eos_token_id names 2 tokens"), "{notes:?}");
        assert!(notes[1].contains("eos_token_id 7 is text"), "{notes:?}");
    }

    #[test]
    fn nothing_is_written_where_tokens_would_differ() {
        let spelled = |json: &mut Value| json["added_tokens"][0]["normalized"] = json!(true);
        let folded = |json: &mut Value| {
            spelled(json);
            json["normalizer"] = json!({ "type": "Lowercase" });
        };
        let (dir, root) = (foreign(llama_config(), 0, folded), tempfile::tempdir().unwrap());
        let out = root.path().join("out");
        let error = import(dir.path(), &out, &HfOptions::default()).unwrap_err().to_string();
        assert!(error.contains("\"<|ENDOFTEXT|>\": [0] in tokenizers"), "{error}");
        assert!(!out.exists());
        let allowed = HfOptions { allows_other_ids: true, ..HfOptions::default() };
        let imported = import(dir.path(), &out, &allowed).unwrap();
        assert_eq!(imported.checked.difference.unwrap().n_texts, 1);
        assert!(imported.notes[0].contains("Lowercase"), "{:?}", imported.notes);
    }

    #[test]
    fn lines_of_the_user_are_compared_too() {
        let lowercase = |json: &mut Value| json["normalizer"] = json!({ "type": "Lowercase" });
        let (dir, root) = (foreign(llama_config(), 0, lowercase), tempfile::tempdir().unwrap());
        let with = |sample: &str| HfOptions { sample: sample.to_owned(), ..HfOptions::default() };
        let error =
            import(dir.path(), &root.path().join("a"), &with("plain\n\u{1C97}bilisi\n")).unwrap_err().to_string();
        assert!(error.contains("1 texts") && error.contains("\u{1C97}bilisi"), "{error}");
        let few = import(dir.path(), &root.path().join("a"), &with("")).unwrap().checked;
        let more = import(dir.path(), &root.path().join("b"), &with("plain\nTbilisi\n")).unwrap().checked;
        assert_eq!(more.n_texts, few.n_texts + 2);
    }
}
