//! Files of other makers are imported or refused, without a panic.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use arbitrary::{Result, Unstructured};
use egpt_core::checkpoint::Checkpoint;
use egpt_core::import::{self, hf::HfOptions};
use egpt_core::weights::Weights;
use egpt_core::weights::random::{gpt2_config, llama_config};
use serde_json::{Map, Value, json};

use crate::limit::within;

/// Files of a checkpoint directory.
const FILES: [&str; 3] = ["config.json", "model.safetensors", "tokenizer.json"];

/// A checkpoint directory with some damage.
pub fn hugging_face(input: &mut Unstructured<'_>) -> Result<()> {
    let directory = tempfile::tempdir().expect("a directory for the test");
    let [from, to] = ["from", "to"].map(|name| directory.path().join(name));
    fs::create_dir(&from).expect("a new directory");
    let mut files = input.choose(sound_directories())?.clone();
    for _ in 0..input.int_in_range(0..=3)? {
        let at = input.choose_index(files.len())?;
        damage(&mut files[at], input)?;
    }
    for (name, content) in FILES.iter().zip(&files) {
        fs::write(from.join(name), content).expect("room for a file");
    }
    let _ = within("import hf", || import::hf::import(&from, &to, &HfOptions::default()).is_ok());
    Ok(())
}

/// The files of a GPT-2 and of a Llama.
fn sound_directories() -> &'static [[Vec<u8>; 3]] {
    static DIRECTORIES: OnceLock<Vec<[Vec<u8>; 3]>> = OnceLock::new();
    DIRECTORIES.get_or_init(|| {
        [gpt2_config(), llama_config()]
            .into_iter()
            .map(|config| {
                let directory = tempfile::tempdir().expect("a directory for the test");
                let path = directory.path();
                let weights = Weights::random(config, 1);
                let checkpoint = Checkpoint { weights, special: Default::default(), tokenizer: None };
                checkpoint.save(path).expect("a sound checkpoint");
                fs::write(path.join("tokenizer.json"), tokenizer().to_string()).expect("room for a file");
                FILES.map(|name| read(&path.join(name)))
            })
            .collect()
    })
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).expect("a file that was written just now")
}

/// A byte-level tokenizer of few tokens.
fn tokenizer() -> Value {
    let vocab: Map<String, Value> =
        ["a", "b", "c", "ab", "abc"].iter().enumerate().map(|(id, token)| ((*token).to_owned(), json!(id))).collect();
    json!({
        "version": "1.0",
        "added_tokens": [{"id": 5, "content": "<|endoftext|>", "special": true}],
        "normalizer": null,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
        "decoder": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
        "model": {"type": "BPE", "vocab": vocab, "merges": [["a", "b"], ["ab", "c"]]},
    })
}

/// Changes a value of JSON, or bytes.
fn damage(content: &mut Vec<u8>, input: &mut Unstructured<'_>) -> Result<()> {
    if input.ratio(3, 4)?
        && let Ok(mut json) = serde_json::from_slice::<Value>(content)
    {
        change(&mut json, input)?;
        *content = json.to_string().into_bytes();
        return Ok(());
    }
    if content.is_empty() {
        return Ok(());
    }
    let at = input.choose_index(content.len().min(2_000))?;
    match input.int_in_range(0..=3u8)? {
        0 => content.truncate(at),
        _ => content[at] = input.arbitrary()?,
    }
    Ok(())
}

/// Changes one value somewhere in a tree.
fn change(json: &mut Value, input: &mut Unstructured<'_>) -> Result<()> {
    let n_inside = json.as_array().map_or(0, Vec::len) + json.as_object().map_or(0, Map::len);
    if n_inside == 0 || input.ratio(1, 8)? {
        let numbers = [0, 1, -1, 3, 65_535, i64::from(u32::MAX), i64::MAX];
        let number = *input.choose(&numbers)?;
        let name = *input.choose(&["", "gpt2", "llama", "BPE", "Sequence", "Metaspace", "a b", "<0x00>"])?;
        let others = [json!(number), json!(name), json!(null), json!([]), json!({}), json!(0.5), json!(true)];
        *json = input.choose(&others)?.clone();
        return Ok(());
    }
    let at = input.choose_index(n_inside)?;
    if input.ratio(1, 8)? {
        match json {
            Value::Array(values) => drop(values.remove(at)),
            Value::Object(fields) => drop(fields.keys().nth(at).cloned().and_then(|name| fields.remove(&name))),
            _ => {}
        }
        return Ok(());
    }
    match json {
        Value::Array(values) => change(&mut values[at], input),
        Value::Object(fields) => fields.values_mut().nth(at).map_or(Ok(()), |value| change(value, input)),
        _ => Ok(()),
    }
}

/// A checkpoint of llama2.c and its tokenizer, any bytes behind a header of small numbers.
pub fn llama2c(input: &mut Unstructured<'_>) -> Result<()> {
    let mut header = Vec::new();
    for _ in 0..7 {
        let number: i32 = if input.ratio(1, 12)? { input.arbitrary()? } else { input.int_in_range(1..=9)? };
        header.extend(number.to_le_bytes());
    }
    let n_vocab = header[20];
    let mut tokenizer = input.arbitrary::<u32>()?.to_le_bytes().to_vec();
    for _ in 0..input.int_in_range(0..=u16::from(n_vocab))? {
        tokenizer.extend(f32::from(input.arbitrary::<i8>()?).to_le_bytes());
        let len = input.int_in_range(0..=4u8)?;
        tokenizer.extend([len, 0, 0, input.ratio(1, 50)?.into()]);
        tokenizer.extend(input.bytes(usize::from(len))?);
    }
    let directory = tempfile::tempdir().expect("a directory for the test");
    let [model, tokens, out] = ["model.bin", "tokenizer.bin", "out"].map(|name| directory.path().join(name));
    header.resize(header.len() + input.int_in_range(0..=8_000)? / 4 * 4, 1);
    fs::write(&model, &header).expect("room for a file");
    fs::write(&tokens, &tokenizer).expect("room for a file");
    let _ = within("import llama2c", || import::llama2c::import(&model, &tokens, &out).is_ok());
    let _ = within("tokenizer", || import::llama2c::tokenizer_json(&tokenizer, n_vocab.into()).is_ok());
    Ok(())
}
