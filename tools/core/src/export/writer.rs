//! Lays out header, section table, tensors and vocabulary.

use anyhow::{Context, Result, bail, ensure};
use embedded_gpt::Config;
use embedded_gpt::config::Position;
use embedded_gpt::format::blob::{self, field};
use embedded_gpt::format::tensor::{Format, TensorSpec};

use super::matrix::{QuantizedMatrix, quantize_rows};
use super::vector::quantize_vector;
use crate::quantize::equalized;
use crate::weights::Weights;

/// Largest magnitude of a value, far above those of any sound model.
const LARGEST: f32 = 65_504.0;

/// Makes a blob: each matrix in the format that `format_of` chooses for it, the vocabulary section as given, and text
/// for people.
///
/// # Errors
/// If the shape is outside the limits of the format, a tensor has the wrong size, or a value is not finite, or a
/// matrix is to be in the format of a vector.
pub fn write_blob(
    weights: &Weights,
    format_of: impl Fn(&TensorSpec) -> Format,
    vocabulary: &[u8],
    metadata: &str,
) -> Result<Vec<u8>> {
    let matrix_of = |spec: &TensorSpec, values: &[f32]| {
        let format = format_of(spec);
        ensure!(spec.can_be(format), "{:?} in layer {} cannot be stored as {format:?}", spec.role, spec.layer);
        Ok(quantize_rows(values, spec.cols, format))
    };
    write_quantized(&equalized(weights), matrix_of, vocabulary, metadata)
}

/// Makes a blob of matrices that `matrix_of` rounds and of the other tensors of `weights`.
///
/// # Errors
/// As [`write_blob`], and those of `matrix_of`.
pub fn write_quantized(
    weights: &Weights,
    matrix_of: impl Fn(&TensorSpec, &[f32]) -> Result<QuantizedMatrix>,
    vocabulary: &[u8],
    metadata: &str,
) -> Result<Vec<u8>> {
    let config = weights.config;
    ensure!(config.is_valid(), "the model's shape is outside the limits of the blob format: {config:?}");
    let (directory, data) = tensors(weights, matrix_of)?;
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

/// Puts a section into a blob, in the place of the one of that name if there is one.
///
/// # Errors
/// If `blob` is not a blob.
pub fn with_section(blob: &[u8], name: [u8; 4], content: Vec<u8>) -> Result<Vec<u8>> {
    let others = blob::sections(blob)?.filter(|&(other, _)| other != name);
    let mut sections: Vec<_> = others.map(|(name, bytes)| (name, bytes.to_vec())).collect();
    sections.push((name, content));
    assemble(&Config::read(blob)?, &sections)
}

/// Takes a section out of a blob, if it has it.
///
/// # Errors
/// If `blob` is not a blob.
pub fn without_section(blob: &[u8], name: [u8; 4]) -> Result<Vec<u8>> {
    let others = blob::sections(blob)?.filter(|&(other, _)| other != name);
    let sections: Vec<_> = others.map(|(name, bytes)| (name, bytes.to_vec())).collect();
    assemble(&Config::read(blob)?, &sections)
}

fn assemble(config: &Config, sections: &[([u8; 4], Vec<u8>)]) -> Result<Vec<u8>> {
    let mut out = blob::header(config, u16::try_from(sections.len())?).to_vec();
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
    seal(&mut out);
    Ok(out)
}

/// Makes the checksum right, of a blob as long as its header says. Bytes that are none stay as they are.
pub fn seal(bytes: &mut [u8]) {
    let Some(len) = bytes.get(field::BLOB_LEN..field::BLOB_LEN + 4) else { return };
    let len = u32::from_le_bytes([len[0], len[1], len[2], len[3]]) as usize;
    if (blob::HEADER_LEN..=bytes.len()).contains(&len) {
        let crc = blob::checksum(&bytes[..len]);
        bytes[field::CRC..][..4].copy_from_slice(&crc.to_le_bytes());
    }
}

fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(blob::ALIGN), 0);
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
fn tensors(
    weights: &Weights,
    matrix_of: impl Fn(&TensorSpec, &[f32]) -> Result<QuantizedMatrix>,
) -> Result<(Vec<u8>, Vec<u8>)> {
    let (mut directory, mut data) = (Vec::new(), Vec::new());
    for spec in weights.config.tensors() {
        let values = checked_values(weights, &spec)?;
        let (format, exponent, bytes) = if spec.role.is_matrix() {
            let matrix = matrix_of(&spec, values)?;
            (matrix.format, matrix.exponent, matrix.to_bytes())
        } else {
            let vector = quantize_vector(values);
            (Format::I16, vector.exponent, vector.to_bytes())
        };
        ensure!(bytes.len() == spec.byte_len(format), "{:?} in layer {} has a wrong size", spec.role, spec.layer);
        pad(&mut data);
        directory.extend([spec.role as u8, format as u8]);
        directory.extend((spec.layer as u16).to_le_bytes());
        directory.extend(u32::try_from(data.len())?.to_le_bytes());
        directory.extend(u32::try_from(bytes.len())?.to_le_bytes());
        directory.extend(exponent.to_le_bytes());
        directory.extend([0; 2]);
        data.extend(bytes);
    }
    Ok((directory, data))
}

/// A tensor's values, as many as its shape asks for and all of them fit to be stored.
fn checked_values<'w>(weights: &'w Weights, spec: &TensorSpec) -> Result<&'w [f32]> {
    let TensorSpec { role, layer, rows, cols } = *spec;
    let values = weights.tensor(spec).with_context(|| format!("the model has no {role:?} in layer {layer}"))?;
    let n = values.len();
    ensure!(n == rows * cols, "{role:?} in layer {layer} has {n} values instead of {rows} × {cols}");
    if let Some(bad) = values.iter().find(|v| v.is_nan() || v.abs() > LARGEST) {
        bail!("{role:?} in layer {layer} holds {bad}; was the training run diverging?");
    }
    Ok(values)
}
