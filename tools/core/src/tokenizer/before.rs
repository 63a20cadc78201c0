//! What a tokenizer.json does to a text before pairs are joined: its normalizer and its pre-tokenizer.

use anyhow::{Result, bail, ensure};
use embedded_gpt::text::Language;
use serde_json::Value;

use super::small_letters;
use super::vocabulary::{PreTokenizer, SpacePrefix};

/// The regular expression of GPT-2, as files have it that split by it before ByteLevel.
const GPT2: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

/// The `type` of a part, for messages.
pub(super) fn name_of(part: &Value) -> &str {
    part["type"].as_str().unwrap_or("(none)")
}

/// The steps of a normalizer or a pre-tokenizer, which may be a sequence; `inner` is the sequence's field.
fn steps<'j>(part: &'j Value, inner: &str) -> Vec<&'j Value> {
    match name_of(part) {
        _ if part.is_null() => Vec::new(),
        "Sequence" => part[inner].as_array().into_iter().flatten().flat_map(|step| steps(step, inner)).collect(),
        _ => vec![part],
    }
}

fn normalizers(json: &Value) -> Vec<&Value> {
    steps(&json["normalizer"], "normalizers")
}

fn pre_tokenizers(json: &Value) -> Vec<&Value> {
    steps(&json["pre_tokenizer"], "pretokenizers")
}

/// How a byte-level tokenizer splits a text.
pub(super) fn byte_level(json: &Value) -> Result<PreTokenizer> {
    let steps = pre_tokenizers(json);
    let names = || steps.iter().map(|step| name_of(step)).collect::<Vec<_>>().join(", ");
    let last = steps.last().copied().unwrap_or(&Value::Null);
    ensure!(
        name_of(last) == "ByteLevel",
        "pre-tokenizer {} is not supported; ByteLevel (GPT-2's) is, and none with byte_fallback",
        if steps.is_empty() { "(none)".to_owned() } else { names() }
    );
    ensure!(last["add_prefix_space"] != true, "pre-tokenizer ByteLevel with add_prefix_space is not supported");
    let splits = last["use_regex"] != false;
    match &steps[..steps.len() - 1] {
        [] if splits => Ok(PreTokenizer::Gpt2),
        [] => Ok(PreTokenizer::None),
        [step] if splits && name_of(step) == "Digits" && step["individual_digits"] == true => {
            Ok(PreTokenizer::Gpt2Digits)
        }
        [step] if !splits && is_gpt2_split(step) => Ok(PreTokenizer::Gpt2),
        _ => bail!(
            "the pre-tokenizers {} are not supported together: the device splits by the regular expression of GPT-2, \
             after Digits with individual_digits or without",
            names()
        ),
    }
}

fn is_gpt2_split(step: &Value) -> bool {
    name_of(step) == "Split"
        && step["pattern"]["Regex"] == GPT2
        && step["behavior"] == "Isolated"
        && step["invert"] != true
}

/// By the rules of which language a byte-level tokenizer makes small letters of capitals; `None` if it keeps them.
pub(super) fn folded(json: &Value) -> Result<Option<Language>> {
    let steps = normalizers(json);
    match steps[..] {
        [] => return Ok(None),
        [step] if name_of(step) == "Lowercase" => return Ok(Some(Language::Any)),
        _ => {}
    }
    let language = small_letters::written_for(&steps);
    if language.is_none() {
        bail!(
            "normalizer {} is not supported; Lowercase is, none, and the one that egpt train writes",
            steps.iter().map(|step| name_of(step)).find(|&name| name != "Lowercase").unwrap_or("Lowercase, twice")
        );
    }
    Ok(language)
}

/// Whether the normalizer folds more than a device does.
pub(super) fn folds_all_letters(json: &Value) -> bool {
    normalizers(json).iter().any(|step| name_of(step) == "Lowercase")
}

/// What happens to spaces before SentencePiece-style pairs are joined.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spaces {
    pub(super) space_prefix: Option<SpacePrefix>,
    /// Whether the text is split before every space.
    pub(super) is_split: bool,
}

/// Spaces become "▁", one is put before the text or not; by a normalizer (older files) or a
/// pre-tokenizer (newer ones).
pub(super) fn sentence_piece(json: &Value) -> Result<Spaces> {
    let (mut prepends, mut replaces) = (0, false);
    for step in normalizers(json) {
        match name_of(step) {
            "Prepend" if step["prepend"] == "▁" => prepends += 1,
            "Replace" if step["pattern"]["String"] == " " && step["content"] == "▁" => replaces = true,
            other => bail!("normalizer {other} is not supported; Prepend \"▁\" and Replace \" \" by \"▁\" are"),
        }
    }
    ensure!(prepends < 2, "normalizer Prepend is there twice, which is not supported");
    // A normalizer works on each part of a text between special tokens.
    let prepended = (prepends > 0).then_some(SpacePrefix { one_space: false, after_special: true });
    match pre_tokenizers(json)[..] {
        [] => {
            ensure!(replaces, "the tokenizer does not replace spaces by \"▁\"; with byte_fallback that is needed");
            Ok(Spaces { space_prefix: prepended, is_split: false })
        }
        [step] if name_of(step) == "Metaspace" && step["replacement"] == "▁" => {
            Ok(Spaces { space_prefix: prepended.or(metaspace_prefix(step)?), is_split: step["split"] != false })
        }
        ref others => bail!(
            "pre-tokenizer {} is not supported with byte_fallback; none and one Metaspace are",
            others.iter().map(|step| name_of(step)).collect::<Vec<_>>().join(", ")
        ),
    }
}

fn metaspace_prefix(step: &Value) -> Result<Option<SpacePrefix>> {
    let scheme = match &step["prepend_scheme"] {
        Value::Null if step["add_prefix_space"] == false => "never",
        Value::Null => "always",
        scheme => scheme.as_str().unwrap_or("(no text)"),
    };
    match scheme {
        "never" => Ok(None),
        "first" => Ok(Some(SpacePrefix { one_space: true, after_special: false })),
        "always" => Ok(Some(SpacePrefix { one_space: true, after_special: true })),
        other => bail!("pre-tokenizer Metaspace with the prepend_scheme {other} is not supported"),
    }
}
