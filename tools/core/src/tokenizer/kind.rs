//! Which tokenizer.json files can be carried to a device, and why others cannot.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// The two kinds of tokenizer that the runtime has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenizerKind {
    /// Byte-level BPE, with GPT-2's pre-tokenizer or none.
    ByteLevel,
    /// SentencePiece-style BPE with byte fallback, as Llama's.
    SentencePiece,
}

impl TokenizerKind {
    /// The kind of a parsed tokenizer.json for a model of `n_vocab` tokens.
    ///
    /// # Errors
    /// If the file is of neither kind, or has tokens that the model does not know.
    pub fn of(json: &Value, n_vocab: usize) -> Result<Self> {
        let model = &json["model"];
        let kind = name_of(model);
        ensure!(kind == "BPE", "the tokenizer is a {kind} model; only BPE is supported");
        check_ids(json, n_vocab)?;
        for part in ["continuing_subword_prefix", "end_of_word_suffix"] {
            ensure!(is_empty(&model[part]), "a BPE model with {part} is not supported");
        }
        ensure!(is_empty(&model["dropout"]), "a BPE model with dropout is not supported: set it to null");
        ensure!(model["ignore_merges"] != true, "a BPE model with ignore_merges is not supported");
        if model["byte_fallback"] == true {
            check_sentence_piece(json)?;
            return Ok(Self::SentencePiece);
        }
        check_byte_level(json)?;
        Ok(Self::ByteLevel)
    }

    /// Name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::ByteLevel => "byte-level BPE",
            Self::SentencePiece => "SentencePiece-style BPE",
        }
    }
}

/// The `type` of a part, for messages.
fn name_of(part: &Value) -> &str {
    part["type"].as_str().unwrap_or("(none)")
}

fn is_empty(field: &Value) -> bool {
    field.is_null() || field == "" || field.as_f64() == Some(0.0)
}

fn check_ids(json: &Value, n_vocab: usize) -> Result<()> {
    let vocab = json["model"]["vocab"].as_object().context("the BPE model has no vocab")?;
    let added = json["added_tokens"].as_array().map_or(&[][..], Vec::as_slice);
    let added = added.iter().map(|token| (token["content"].as_str().unwrap_or("(unnamed)"), &token["id"]));
    for (name, id) in vocab.iter().map(|(name, id)| (name.as_str(), id)).chain(added) {
        let known = id.as_u64().is_some_and(|id| id < n_vocab as u64);
        ensure!(known, "token {name:?} has the id {id}, but the model knows ids below {n_vocab} only");
    }
    Ok(())
}

fn check_byte_level(json: &Value) -> Result<()> {
    let before = &json["pre_tokenizer"];
    ensure!(
        name_of(before) == "ByteLevel",
        "pre-tokenizer {} is not supported; ByteLevel (GPT-2's) is, and none with byte_fallback",
        name_of(before)
    );
    ensure!(before["add_prefix_space"] != true, "pre-tokenizer ByteLevel with add_prefix_space is not supported");
    let normalizer = &json["normalizer"];
    ensure!(
        normalizer.is_null() || name_of(normalizer) == "Lowercase",
        "normalizer {} is not supported; Lowercase is, and none",
        name_of(normalizer)
    );
    Ok(())
}

/// Spaces become "▁", one is put before the text or not; by a normalizer (older files) or a
/// pre-tokenizer (newer ones).
fn check_sentence_piece(json: &Value) -> Result<()> {
    let normalizer = &json["normalizer"];
    let steps = match name_of(normalizer) {
        "Sequence" => normalizer["normalizers"].as_array().map_or(&[][..], Vec::as_slice),
        _ if normalizer.is_null() => &[],
        _ => std::slice::from_ref(normalizer),
    };
    let mut spaces = false;
    for step in steps {
        match name_of(step) {
            "Prepend" if step["prepend"] == "▁" => {}
            "Replace" if step["pattern"]["String"] == " " && step["content"] == "▁" => spaces = true,
            other => bail!("normalizer {other} is not supported; Prepend \"▁\" and Replace \" \" by \"▁\" are"),
        }
    }
    let before = &json["pre_tokenizer"];
    match name_of(before) {
        _ if before.is_null() => {}
        "Metaspace" if before["replacement"] == "▁" && before["split"] == false => spaces = true,
        other => {
            bail!("pre-tokenizer {other} is not supported with byte_fallback; none and Metaspace without split are")
        }
    }
    ensure!(spaces, "the tokenizer does not replace spaces by \"▁\"; with byte_fallback that is needed");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn byte_level() -> Value {
        json!({
            "added_tokens": [{ "id": 2, "content": "<|endoftext|>" }],
            "normalizer": null,
            "pre_tokenizer": { "type": "ByteLevel", "add_prefix_space": false, "use_regex": true },
            "model": { "type": "BPE", "dropout": null, "end_of_word_suffix": "", "vocab": { "a": 0, "b": 1 }, "merges": [] }
        })
    }

    fn sentence_piece() -> Value {
        json!({
            "normalizer": { "type": "Sequence", "normalizers": [
                { "type": "Prepend", "prepend": "▁" },
                { "type": "Replace", "pattern": { "String": " " }, "content": "▁" }
            ] },
            "pre_tokenizer": null,
            "model": { "type": "BPE", "byte_fallback": true, "vocab": { "a": 0, "b": 1 }, "merges": [] }
        })
    }

    #[test]
    fn both_kinds_are_recognised() {
        assert_eq!(TokenizerKind::of(&byte_level(), 3).unwrap(), TokenizerKind::ByteLevel);
        assert_eq!(TokenizerKind::of(&sentence_piece(), 3).unwrap(), TokenizerKind::SentencePiece);
        let mut newer = sentence_piece();
        newer["normalizer"] = Value::Null;
        newer["pre_tokenizer"] =
            json!({ "type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false });
        assert_eq!(TokenizerKind::of(&newer, 3).unwrap(), TokenizerKind::SentencePiece);
    }

    #[test]
    fn what_changes_the_ids_is_refused_by_name() {
        let refused = |mut json: Value, pointer: &str, value: Value, expected: &str| {
            let (parent, field) = pointer.rsplit_once('/').unwrap();
            json.pointer_mut(parent).unwrap()[field] = value;
            let error = TokenizerKind::of(&json, 3).unwrap_err().to_string();
            assert!(error.contains(expected), "{error} lacks {expected}");
        };
        refused(byte_level(), "/model/type", json!("Unigram"), "Unigram");
        refused(byte_level(), "/model/dropout", json!(0.1), "dropout");
        refused(byte_level(), "/model/end_of_word_suffix", json!("</w>"), "end_of_word_suffix");
        refused(byte_level(), "/model/ignore_merges", json!(true), "ignore_merges");
        refused(byte_level(), "/model/vocab", json!({ "x": 3 }), "\"x\" has the id 3");
        refused(byte_level(), "/added_tokens/0/id", json!(9), "\"<|endoftext|>\" has the id 9");
        refused(byte_level(), "/pre_tokenizer", json!({ "type": "Whitespace" }), "Whitespace");
        refused(byte_level(), "/pre_tokenizer/add_prefix_space", json!(true), "add_prefix_space");
        refused(byte_level(), "/normalizer", json!({ "type": "NFC" }), "NFC");
        refused(sentence_piece(), "/normalizer", json!({ "type": "Precompiled" }), "Precompiled");
        refused(sentence_piece(), "/normalizer", Value::Null, "does not replace spaces");
        refused(sentence_piece(), "/pre_tokenizer", json!({ "type": "Metaspace", "split": true }), "Metaspace");
    }
}
