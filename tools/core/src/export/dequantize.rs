//! The tensors of a blob as f32 again: what the device computes with, for tests and evaluation.

use embedded_gpt::Model;
use embedded_gpt::format::tensor::{Format, Tensor, TensorSpec, scales_len};

use super::matrix::QuantizedMatrix;
use super::tiles::unpack_tiles;
use crate::weights::Weights;

/// The values that a tensor of a blob stands for, row-major, (rows, cols).
pub fn dequantize(tensor: &Tensor<'_>, spec: &TensorSpec) -> Vec<f32> {
    match tensor.format {
        Format::I16 => {
            let unit = f32::from(tensor.exponent).exp2();
            halves(tensor.bytes).map(|mantissa| f32::from(mantissa as i16) * unit).collect()
        }
        Format::Q8 | Format::Q4 => matrix(tensor, spec).values(),
        other => panic!("no support for {other:?}"),
    }
}

fn matrix(tensor: &Tensor<'_>, spec: &TensorSpec) -> QuantizedMatrix {
    let (scales, tiles) = tensor.bytes.split_at(scales_len(spec.rows));
    QuantizedMatrix {
        format: tensor.format,
        exponent: tensor.exponent,
        scales: halves(scales).take(spec.rows).collect(),
        weights: unpack_tiles(tiles, spec.rows, spec.cols, tensor.format),
        cols: spec.cols,
    }
}

fn halves(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]]))
}

/// All parameters of a blob, for the reference forward.
pub fn weights_of(model: &Model<'_>) -> Weights {
    let config = *model.config();
    Weights::new(config, |spec| dequantize(&model.tensor(spec.role, spec.layer), spec))
}
