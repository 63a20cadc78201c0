//! Lays out header, section table, tensors and vocabulary.

use anyhow::{Context, Result, bail, ensure};
use embedded_gpt::blob::{self, field};
use embedded_gpt::tensor::{Format, Role, TensorSpec, q8_scales_len, q8_stride};
use embedded_gpt::{Config, Mlp, Norm, Position};

use super::equalize::equalize_keys_and_values;
use super::quantize::quantize_rows;
use crate::weights::{Linear, NormWeights, Weights};

/// Makes a blob: every matrix in `q8`, the vocabulary section as given, and text for people.
///
/// # Errors
/// If the shape is outside the limits of the format, a tensor has the wrong size, or a value is not finite.
pub fn write_blob(weights: &Weights, vocabulary: &[u8], metadata: &str) -> Result<Vec<u8>> {
    let config = weights.config;
    ensure!(config.is_valid(), "the model's shape is outside the limits of the blob format: {config:?}");
    let mut weights = weights.clone();
    equalize_keys_and_values(&mut weights);
    let (directory, data) = tensors(&weights)?;
    let mut sections: Vec<([u8; 4], Vec<u8>)> =
        vec![(blob::TENSOR_DIRECTORY, directory), (blob::TENSOR_DATA, data), (blob::VOCABULARY, vocabulary.to_vec())];
    if config.position == Position::Rotary {
        sections.push((blob::ROTARY, rotary_steps(&config)));
    }
    if !metadata.is_empty() {
        sections.push((blob::METADATA, metadata.as_bytes().to_vec()));
    }
    assemble(&config, &sections)
}

fn assemble(config: &Config, sections: &[([u8; 4], Vec<u8>)]) -> Result<Vec<u8>> {
    let mut out = header(config, sections.len());
    let mut offset = out.len() + sections.len() * blob::SECTION_ENTRY_LEN;
    for (name, content) in sections {
        out.extend(name);
        out.extend(u32::try_from(offset)?.to_le_bytes());
        out.extend(u32::try_from(content.len())?.to_le_bytes());
        out.extend([0; 4]);
        offset += content.len().next_multiple_of(blob::ALIGN);
    }
    for (_, content) in sections {
        out.extend(content);
        pad(&mut out);
    }
    let blob_len = u32::try_from(out.len()).context("a blob has at most 4 GiB")?;
    out[field::BLOB_LEN..][..4].copy_from_slice(&blob_len.to_le_bytes());
    let crc = blob::checksum(&out);
    out[field::CRC..][..4].copy_from_slice(&crc.to_le_bytes());
    Ok(out)
}

fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(blob::ALIGN), 0);
}

fn header(config: &Config, n_section: usize) -> Vec<u8> {
    let mut out = vec![0; blob::HEADER_LEN];
    let mut put = |at: usize, bytes: &[u8]| out[at..at + bytes.len()].copy_from_slice(bytes);
    put(field::MAGIC, &blob::MAGIC);
    put(field::VERSION, &blob::VERSION.to_le_bytes());
    put(field::N_SECTION, &(n_section as u16).to_le_bytes());
    put(field::N_VOCAB, &(config.n_vocab as u32).to_le_bytes());
    put(field::N_CTX, &(config.n_ctx as u32).to_le_bytes());
    put(field::N_LAYER, &(config.n_layer as u16).to_le_bytes());
    put(field::N_HEAD, &(config.n_head as u16).to_le_bytes());
    put(field::N_KV_HEAD, &(config.n_kv_head as u16).to_le_bytes());
    put(field::HEAD_DIM, &(config.head_dim as u16).to_le_bytes());
    put(field::N_EMBD, &(config.n_embd as u32).to_le_bytes());
    put(field::N_FF, &(config.n_ff as u32).to_le_bytes());
    put(field::NORM_EPS, &config.norm_eps.to_le_bytes());
    put(field::ROPE_THETA, &config.rope_theta.to_le_bytes());
    put(
        field::NORM,
        &[match config.norm {
            Norm::LayerNorm => 0,
            Norm::RmsNorm => 1,
        }],
    );
    put(
        field::POSITION,
        &[match config.position {
            Position::Learned => 0,
            Position::Rotary => 1,
        }],
    );
    put(
        field::MLP,
        &[match config.mlp {
            Mlp::Gelu => 0,
            Mlp::GeluTanh => 1,
            Mlp::SwiGlu => 2,
        }],
    );
    let bias = if config.bias { blob::FLAG_BIAS } else { 0 };
    let tied = if config.tied { blob::FLAG_TIED } else { 0 };
    put(field::FLAGS, &[bias | tied]);
    out
}

/// Angle per position of each rotary pair, in units of 2⁻³² turns: `theta^(−2i/head_dim) / 2π`.
fn rotary_steps(config: &Config) -> Vec<u8> {
    let step = |i: usize| {
        let radians = f64::from(config.rope_theta).powf(-2.0 * i as f64 / config.head_dim as f64);
        (radians / std::f64::consts::TAU * 4_294_967_296.0).round() as u32
    };
    (0..config.head_dim / 2).flat_map(|i| step(i).to_le_bytes()).collect()
}

/// Tensor directory and tensor data.
fn tensors(weights: &Weights) -> Result<(Vec<u8>, Vec<u8>)> {
    let (mut directory, mut data) = (Vec::new(), Vec::new());
    for spec in weights.config.tensors() {
        let values = values_of(weights, &spec)
            .with_context(|| format!("the model has no {:?} in layer {}", spec.role, spec.layer))?;
        if values.len() != spec.rows * spec.cols {
            bail!(
                "{:?} in layer {} has {} values instead of {} × {}",
                spec.role,
                spec.layer,
                values.len(),
                spec.rows,
                spec.cols
            );
        }
        if let Some(bad) = values.iter().find(|v| v.is_nan() || v.abs() > 65_504.0) {
            bail!("{:?} in layer {} holds {bad}; was the training run diverging?", spec.role, spec.layer);
        }
        pad(&mut data);
        directory.extend([spec.role as u8, spec.format() as u8]);
        directory.extend((spec.layer as u16).to_le_bytes());
        directory.extend(u32::try_from(data.len())?.to_le_bytes());
        directory.extend(u32::try_from(spec.byte_len())?.to_le_bytes());
        match spec.format() {
            Format::F32 => data.extend(values.iter().flat_map(|v| v.to_le_bytes())),
            Format::Q8 => push_q8(&mut data, values, &spec),
        }
    }
    Ok((directory, data))
}

fn push_q8(data: &mut Vec<u8>, values: &[f32], spec: &TensorSpec) {
    let quantized = quantize_rows(values, spec.cols);
    let start = data.len();
    data.extend(quantized.scales.iter().flat_map(|s| s.to_le_bytes()));
    data.resize(start + q8_scales_len(spec.rows), 0);
    for row in quantized.bytes.chunks_exact(spec.cols) {
        data.extend(row.iter().map(|&b| b as u8));
        data.resize(data.len() + q8_stride(spec.cols) - spec.cols, 0);
    }
}

fn values_of<'w>(weights: &'w Weights, spec: &TensorSpec) -> Option<&'w [f32]> {
    let layer = weights.layers.get(spec.layer)?;
    let norm_bias = |norm: &'w NormWeights| norm.bias.as_deref();
    let bias = |linear: &'w Linear| linear.bias.as_deref();
    match spec.role {
        Role::TokenEmbedding => Some(&weights.token_embedding),
        Role::PositionEmbedding => weights.position_embedding.as_deref(),
        Role::AttnNormGain => Some(&layer.attn_norm.gain),
        Role::AttnNormBias => norm_bias(&layer.attn_norm),
        Role::Query => Some(&layer.query.weight),
        Role::Key => Some(&layer.key.weight),
        Role::Value => Some(&layer.value.weight),
        Role::AttnOut => Some(&layer.attn_out.weight),
        Role::MlpNormGain => Some(&layer.mlp_norm.gain),
        Role::MlpNormBias => norm_bias(&layer.mlp_norm),
        Role::Gate => layer.gate.as_ref().map(|gate| &gate.weight[..]),
        Role::Up => Some(&layer.up.weight),
        Role::Down => Some(&layer.down.weight),
        Role::FinalNormGain => Some(&weights.final_norm.gain),
        Role::FinalNormBias => norm_bias(&weights.final_norm),
        Role::Head => weights.head.as_deref(),
        Role::QueryBias => bias(&layer.query),
        Role::KeyBias => bias(&layer.key),
        Role::ValueBias => bias(&layer.value),
        Role::AttnOutBias => bias(&layer.attn_out),
        Role::GateBias => layer.gate.as_ref().and_then(bias),
        Role::UpBias => bias(&layer.up),
        Role::DownBias => bias(&layer.down),
    }
}
