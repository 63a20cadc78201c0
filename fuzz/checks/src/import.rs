//! Files of other makers are imported or refused, without a panic.

use std::fs;
use std::path::Path;
use std::sync::{Once, OnceLock};

use arbitrary::{Result, Unstructured};
use egpt_core::checkpoint::Checkpoint;
use egpt_core::import::{self, hf::HfOptions};
use egpt_core::tokenizer::{TrainSettings, train};
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

/// The files of a GPT-2 and of a Llama, which can be imported as they are.
fn sound_directories() -> &'static [[Vec<u8>; 3]] {
    static DIRECTORIES: OnceLock<Vec<[Vec<u8>; 3]>> = OnceLock::new();
    DIRECTORIES.get_or_init(|| {
        [gpt2_config(), llama_config()]
            .into_iter()
            .map(|config| {
                let directory = tempfile::tempdir().expect("a directory for the test");
                let path = directory.path();
                let tokenizer = path.join("tokenizer.json");
                let settings = TrainSettings { n_vocab: 260, ..TrainSettings::default() };
                let n_vocab = train(["hello hello"; 9].into_iter(), settings, &tokenizer).expect("a tokenizer");
                let weights = Weights::random(config.with(|c| c.n_vocab = n_vocab), 1);
                let checkpoint = Checkpoint { weights, special: Default::default(), tokenizer: Some(tokenizer) };
                checkpoint.save(path).expect("a sound checkpoint");
                import::hf::import(path, &path.join("to"), &HfOptions::default()).expect("a sound checkpoint");
                FILES.map(|name| read(&path.join(name)))
            })
            .collect()
    })
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).expect("a file that was written just now")
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
    damage_bytes(content, 2_000, input)
}

/// Changes a byte among the first `n`, or cuts them off.
fn damage_bytes(content: &mut Vec<u8>, n: usize, input: &mut Unstructured<'_>) -> Result<()> {
    if content.is_empty() {
        return Ok(());
    }
    let at = input.choose_index(content.len().min(n))?;
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

/// A checkpoint of llama2.c and its tokenizer with some damage.
pub fn llama2c(input: &mut Unstructured<'_>) -> Result<()> {
    static IS_SOUND: Once = Once::new();
    IS_SOUND.call_once(|| {
        let pieces = ["h", "e", " h", "he", " he"].map(|piece| piece.as_bytes().to_vec());
        let [model, tokenizer] = llama2c_files([8, 12, 2, 2, 1, 264, 4], &pieces);
        assert!(imports_llama2c(&model, &tokenizer), "a sound checkpoint");
    });
    let mut pieces = Vec::new();
    for _ in 0..input.int_in_range(0..=40u8)? {
        let n_bytes = input.int_in_range(1..=4usize)?;
        pieces.push(input.bytes(n_bytes)?.to_vec());
    }
    let mut number = |most: i32| input.int_in_range(1..=most);
    let (n_kv_head, sharing, half_head) = (number(2)?, number(2)?, number(4)?);
    let n_head = n_kv_head * sharing;
    let header =
        [2 * half_head * n_head, number(9)?, number(3)?, n_head, n_kv_head, 259 + pieces.len() as i32, number(9)?];
    let [mut model, mut tokenizer] = llama2c_files(header, &pieces);
    for _ in 0..input.int_in_range(0..=2)? {
        if input.arbitrary()? {
            damage_bytes(&mut model, 40, input)?;
        } else {
            damage_bytes(&mut tokenizer, usize::MAX, input)?;
        }
    }
    imports_llama2c(&model, &tokenizer);
    Ok(())
}

/// A checkpoint with this header, and a tokenizer with these pieces after the special tokens and bytes.
fn llama2c_files(header: [i32; 7], pieces: &[Vec<u8>]) -> [Vec<u8>; 2] {
    let [dim, n_ff, n_layer, n_head, n_kv_head, n_vocab, n_ctx] = header.map(|n| n as usize);
    let head_dim = dim / n_head;
    let layer = 2 * dim + 2 * dim * dim + 2 * dim * head_dim * n_kv_head + 3 * dim * n_ff;
    let n_values = n_vocab * dim + n_layer * layer + dim + n_ctx * head_dim;
    let model = [header.map(i32::to_le_bytes).concat(), 0.5f32.to_le_bytes().repeat(n_values)].concat();

    let special = ["<unk>", "<s>", "</s>"].map(str::to_owned).into_iter();
    let first = special.chain((0..256).map(|byte| format!("<0x{byte:02X}>"))).map(String::into_bytes);
    let mut tokenizer = vec![0; 4];
    for (id, piece) in first.chain(pieces.iter().cloned()).enumerate() {
        tokenizer.extend((-(id as f32)).to_le_bytes());
        tokenizer.extend((piece.len() as i32).to_le_bytes());
        tokenizer.extend(piece);
    }
    [model, tokenizer]
}

fn imports_llama2c(model: &[u8], tokenizer: &[u8]) -> bool {
    let directory = tempfile::tempdir().expect("a directory for the test");
    let [model_path, tokenizer_path, out] =
        ["model.bin", "tokenizer.bin", "out"].map(|name| directory.path().join(name));
    fs::write(&model_path, model).expect("room for a file");
    fs::write(&tokenizer_path, tokenizer).expect("room for a file");
    within("import llama2c", || import::llama2c::import(&model_path, &tokenizer_path, &out).is_ok())
}
