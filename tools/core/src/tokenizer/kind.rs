//! Which tokenizer.json files can be carried to a device, and why others cannot.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::before::{self, name_of};

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
        check_added(json)?;
        for part in ["continuing_subword_prefix", "end_of_word_suffix"] {
            ensure!(is_empty(&model[part]), "a BPE model with {part} is not supported");
        }
        ensure!(is_empty(&model["dropout"]), "a BPE model with dropout is not supported: set it to null");
        ensure!(model["ignore_merges"] != true, "a BPE model with ignore_merges is not supported");
        if model["byte_fallback"] == true {
            before::sentence_piece(json)?;
            return Ok(Self::SentencePiece);
        }
        before::byte_level(json)?;
        before::folded(json)?;
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

fn is_empty(field: &Value) -> bool {
    field.is_null() || field == "" || field.as_f64() == Some(0.0)
}

fn check_ids(json: &Value, n_vocab: usize) -> Result<()> {
    let vocab = json["model"]["vocab"].as_object().context("the BPE model has no vocab")?;
    let added = added(json).iter().map(|token| (token["content"].as_str().unwrap_or("(unnamed)"), &token["id"]));
    for (name, id) in vocab.iter().map(|(name, id)| (name.as_str(), id)).chain(added) {
        let known = id.as_u64().is_some_and(|id| id < n_vocab as u64);
        ensure!(known, "token {name:?} has the id {id}, but the model knows ids below {n_vocab} only");
    }
    Ok(())
}

/// Added tokens are special, and stand for their names exactly. Others would be found in every text, and have a text.
fn check_added(json: &Value) -> Result<()> {
    for token in added(json) {
        let name = &token["content"];
        ensure!(
            token["special"] == true,
            "the added token {name} is not special, so it is text that is matched before all else, which the device \
             cannot do: set its `special` to true in tokenizer.json if it needs to be matched only when asked for \
             and print nothing, else train with a tokenizer that has no such tokens"
        );
        for option in ["single_word", "lstrip", "rstrip"] {
            ensure!(
                token[option] != true,
                "the special token {name} has {option}, which the device does not have: set it to false"
            );
        }
    }
    Ok(())
}

fn added(json: &Value) -> &[Value] {
    json["added_tokens"].as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn byte_level() -> Value {
        json!({
            "added_tokens": [{ "id": 2, "content": "<|endoftext|>", "special": true }],
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
        refused(byte_level(), "/added_tokens/0/special", json!(false), "\"<|endoftext|>\" is not special");
        refused(byte_level(), "/added_tokens/0/lstrip", json!(true), "has lstrip");
        refused(byte_level(), "/normalizer", json!({ "type": "NFC" }), "NFC");
        let byte_level_after = |step: Value, use_regex: bool| {
            let last = json!({ "type": "ByteLevel", "add_prefix_space": false, "use_regex": use_regex });
            json!({ "type": "Sequence", "pretokenizers": [step, last] })
        };
        let together = byte_level_after(json!({ "type": "Digits", "individual_digits": false }), true);
        refused(byte_level(), "/pre_tokenizer", together, "Digits, ByteLevel are not supported together");
        let split = json!({ "type": "Split", "pattern": { "Regex": r"\p{N}{1,3}" }, "behavior": "Isolated" });
        refused(byte_level(), "/pre_tokenizer", byte_level_after(split, false), "Split, ByteLevel");
        refused(byte_level(), "/pre_tokenizer", json!({ "type": "Sequence", "pretokenizers": [] }), "(none)");
        refused(sentence_piece(), "/normalizer", json!({ "type": "Precompiled" }), "Precompiled");
        refused(sentence_piece(), "/normalizer", Value::Null, "does not replace spaces");
        refused(sentence_piece(), "/pre_tokenizer", json!({ "type": "Metaspace", "split": true }), "Metaspace");
    }
}
