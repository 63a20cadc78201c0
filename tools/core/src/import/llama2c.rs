//! Checkpoints of llama2.c, version 0, with their tokenizer.
//!
//! The file is a header of seven little-endian i32, then f32 tensors one after the other
//! without names. Its rotary positions turn elements 2i and 2i + 1 of a head together;
//! rows of query and key are reordered so that elements i and i + head_dim / 2 do.

mod tokenizer;

use crate::checkpoint::{Checkpoint, SpecialTokens};
use crate::replace_file::replace_file;
use crate::weights::Weights;
use anyhow::{Context, Result, bail, ensure};
use embedded_gpt::Config;
use embedded_gpt::config::Shape;
use embedded_gpt::format::tensor::Role;
use std::fs;
use std::path::Path;
pub use tokenizer::tokenizer_json;

const HEADER_BYTES: usize = 28;
/// First word of the later versions of the format, "ak42".
const VERSIONED_MAGIC: i32 = 0x616b_3432;
/// The tokens that llama2.c takes for the beginning and the end of a text.
const BOS: u16 = 1;
const EOS: u16 = 2;

/// Reads a checkpoint and its tokenizer and writes both as a checkpoint directory.
///
/// # Errors
/// If a file cannot be read or written, is of another format or size than its header
/// says, or has a shape that is not supported.
pub fn import(checkpoint: &Path, tokenizer: &Path, out: &Path) -> Result<Checkpoint> {
    let bytes = fs::read(checkpoint).with_context(|| format!("cannot read {}", checkpoint.display()))?;
    let weights = weights(&bytes).with_context(|| format!("{} cannot be imported", checkpoint.display()))?;
    let bytes = fs::read(tokenizer).with_context(|| format!("cannot read {}", tokenizer.display()))?;
    let json = tokenizer_json(&bytes, weights.config.n_vocab)
        .with_context(|| format!("{} cannot be imported", tokenizer.display()))?;

    let target = out.join("tokenizer.json");
    let special = SpecialTokens { bos: Some(BOS), eos: Some(EOS), pad: None };
    let checkpoint = Checkpoint { weights, special, tokenizer: Some(target.clone()) };
    fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    replace_file(&target, &serde_json::to_vec(&json)?).with_context(|| format!("cannot write {}", target.display()))?;
    checkpoint.save(out)?;
    Ok(checkpoint)
}

/// The weights in the bytes of a checkpoint file.
///
/// # Errors
/// If the header is not that of version 0 or the file is not exactly as long as it says.
pub fn weights(bytes: &[u8]) -> Result<Weights> {
    let config = read_header(bytes)?;
    let expected = file_bytes(&config);
    ensure!(
        bytes.len() as u64 == expected,
        "the file is {} bytes long, but its header asks for {expected}: it is cut off or not a llama2.c checkpoint of version 0",
        bytes.len()
    );
    Ok(Tensors { rest: &bytes[HEADER_BYTES..] }.weights(config))
}

fn read_header(bytes: &[u8]) -> Result<Config> {
    let Some(header) = bytes.get(..HEADER_BYTES) else {
        bail!("the file is shorter than the header of {HEADER_BYTES} bytes");
    };
    let word = |i: usize| i32::from_le_bytes([header[4 * i], header[4 * i + 1], header[4 * i + 2], header[4 * i + 3]]);
    ensure!(
        word(0) != VERSIONED_MAGIC,
        "this is a later version of the format: export the model again with llama2.c's `export.py --version 0`"
    );
    let count = |i: usize, name: &str| match word(i) {
        n if n > 0 => Ok(n as usize),
        n => bail!("the header says {name} = {n}: not a llama2.c checkpoint of version 0"),
    };
    let (n_embd, n_head) = (count(0, "dim")?, count(3, "n_heads")?);
    ensure!(
        n_embd.is_multiple_of(n_head),
        "dim {n_embd} is not a multiple of n_heads {n_head}: not a llama2.c checkpoint of version 0"
    );
    let (n_ctx, n_layer) = (count(6, "seq_len")?, count(2, "n_layers")?);
    let shape = Shape { n_vocab: word(5).unsigned_abs() as usize, n_ctx, n_layer, n_head, n_embd };
    let (n_kv_head, n_ff) = (count(4, "n_kv_heads")?, count(1, "hidden_dim")?);
    let config = Config::llama(shape).with(|c| {
        c.n_kv_head = n_kv_head;
        c.n_ff = n_ff;
        // A negative vocabulary size stands for a head of its own.
        c.tied = word(5) > 0;
    });
    ensure!(config.is_valid(), "a model of this shape is outside the limits of docs/format.md: {config:?}");
    Ok(config)
}

/// Length of a file with this header.
fn file_bytes(config: &Config) -> u64 {
    let Config { n_vocab, n_ctx, n_layer, head_dim, n_embd, n_ff, .. } = *config;
    let attention = 2 * n_embd * config.query_dim() + 2 * n_embd * config.kv_dim();
    let layer = 2 * n_embd + attention + 3 * n_embd * n_ff;
    let embedding = n_vocab * n_embd;
    let head = if config.tied { 0 } else { embedding };
    let values = embedding + n_layer * layer + n_embd + n_ctx * head_dim + head;
    (HEADER_BYTES + 4 * values) as u64
}

/// The tensors that have not been read yet; the length has been checked.
struct Tensors<'a> {
    rest: &'a [u8],
}

/// The tensors of the layers in the order of the file: those of all layers one after the other.
const ORDER: [Role; 9] = [
    Role::AttnNormGain,
    Role::Query,
    Role::Key,
    Role::Value,
    Role::AttnOut,
    Role::MlpNormGain,
    Role::Gate,
    Role::Down,
    Role::Up,
];

impl Tensors<'_> {
    fn weights(mut self, config: Config) -> Weights {
        let embedding = config.n_vocab * config.n_embd;
        let mut tensors = vec![((Role::TokenEmbedding, 0), self.values(embedding))];
        for (role, layer) in ORDER.iter().flat_map(|&role| (0..config.n_layer).map(move |layer| (role, layer))) {
            let (rows, cols) = config.shape(role);
            let values = self.values(rows * cols);
            let values = match role {
                Role::Query | Role::Key => half_split(&values, config.head_dim, cols),
                _ => values,
            };
            tensors.push(((role, layer), values));
        }
        tensors.push(((Role::FinalNormGain, 0), self.values(config.n_embd)));
        self.values(config.n_ctx * config.head_dim); // cosines and sines of the rotary angles
        if !config.tied {
            tensors.push(((Role::Head, 0), self.values(embedding)));
        }
        Weights::new(config, |spec| {
            let at = tensors.iter().position(|(key, _)| *key == (spec.role, spec.layer));
            tensors.swap_remove(at.expect("every tensor is in the file")).1
        })
    }

    fn values(&mut self, n: usize) -> Vec<f32> {
        let (values, rest) = self.rest.split_at(4 * n);
        self.rest = rest;
        values.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
    }
}

/// Reorders the rows of each head from pairs (0 1)(2 3)… to halves: even rows, then odd ones.
fn half_split(interleaved: &[f32], head_dim: usize, n_in: usize) -> Vec<f32> {
    let head = |head: &[f32]| -> Vec<f32> {
        let rows = (0..head_dim).step_by(2).chain((1..head_dim).step_by(2));
        rows.flat_map(|row| head[row * n_in..(row + 1) * n_in].iter().copied()).collect()
    };
    interleaved.chunks_exact(head_dim * n_in).flat_map(head).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Reference;

    /// A file of version 0 whose values count up from 0 in steps of 1/1000.
    fn file(header: [i32; 7]) -> Vec<u8> {
        let config = read_header(&header.map(i32::to_le_bytes).concat()).unwrap();
        let n = (file_bytes(&config) as usize - HEADER_BYTES) / 4;
        let values = (0..n).flat_map(|i| (i as f32 / 1000.0).to_le_bytes());
        header.map(i32::to_le_bytes).concat().into_iter().chain(values).collect()
    }

    const HEADER: [i32; 7] = [8, 12, 2, 2, 1, 10, 4]; // dim, hidden_dim, layers, heads, kv heads, vocab, seq_len

    #[test]
    fn tensors_are_found_in_the_order_of_the_file() {
        let weights = weights(&file(HEADER)).unwrap();
        let config = weights.config;
        assert_eq!((config.n_vocab, config.head_dim, config.tied), (10, 4, true));
        let at = |i: usize| i as f32 / 1000.0;
        let value = |role, i: usize| weights.get(role, 1).unwrap()[i];
        let attention = 80 + 2 * 8; // after the embedding and the norms before attention
        assert_eq!(value(Role::AttnNormGain, 0), at(80 + 8));
        assert_eq!(value(Role::Query, 0), at(attention + 64));
        assert_eq!(value(Role::Query, 8), at(attention + 64 + 2 * 8), "the second row was the third");
        assert_eq!(value(Role::Key, 0), at(attention + 128 + 32));
        assert_eq!(value(Role::Value, 0), at(attention + 128 + 64 + 32));
        assert_eq!(value(Role::Value, 8), at(attention + 128 + 64 + 32 + 8), "values are not reordered");
        let feed_forward = attention + 128 + 64 + 64 + 128 + 16;
        assert_eq!(value(Role::Gate, 0), at(feed_forward + 96));
        assert_eq!(value(Role::Down, 0), at(feed_forward + 192 + 96));
        assert_eq!(value(Role::Up, 0), at(feed_forward + 384 + 96));
        assert_eq!(weights.get(Role::FinalNormGain, 0).unwrap()[0], at(feed_forward + 576));
        assert_eq!(Reference::new(&weights).step(3).len(), 10);
    }

    #[test]
    fn a_negative_vocabulary_size_means_a_separate_head() {
        let bytes = file([8, 12, 2, 2, 1, -10, 4]);
        let weights = weights(&bytes).unwrap();
        assert_eq!(weights.config.n_vocab, 10);
        let last = f32::from_le_bytes(bytes[bytes.len() - 4..].try_into().unwrap());
        assert_eq!(weights.get(Role::Head, 0).unwrap()[79], last);
    }

    #[test]
    fn files_of_the_wrong_length_or_version_are_refused() {
        let message = |bytes: &[u8]| weights(bytes).unwrap_err().to_string();
        let good = file(HEADER);
        assert!(message(&good[..good.len() - 1]).contains("cut off"));
        assert!(message(&[good.clone(), vec![0]].concat()).contains("its header asks for"));
        assert!(message(&good[..20]).contains("shorter than the header"));
        let mut versioned = good.clone();
        versioned[..4].copy_from_slice(&VERSIONED_MAGIC.to_le_bytes());
        assert!(message(&versioned).contains("--version 0"));
        let mut negative = good;
        negative[8..12].copy_from_slice(&(-1i32).to_le_bytes());
        assert!(message(&negative).contains("n_layers = -1"));
    }
}
