//! Rounding errors, scales and rounding twice.

use super::*;
use crate::measure::divergence::Original;
use crate::weights::Weights;
use crate::weights::random::llama_config;
use embedded_gpt::format::tensor::Role;

/// Weights of several magnitudes, (56, 24).
fn matrix() -> (Vec<f32>, usize) {
    let config = llama_config();
    let mut weights = Weights::random(config, 5).get(Role::Up, 0).unwrap().to_vec();
    for (row, values) in weights.chunks_exact_mut(config.n_embd).enumerate() {
        values.iter_mut().for_each(|w| *w *= 1.3f32.powi(row as i32 % 20 - 10));
    }
    (weights, config.n_embd)
}

fn squared_error(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

#[test]
fn weights_are_within_half_a_step_unless_clipped() {
    let (matrix, cols) = matrix();
    for quant in [Quant::Q4, Quant::Q8] {
        let quantized = quantize_rows(&matrix, cols, quant);
        let values = quantized.values(cols);
        let (low, high) = quant.codes();
        for (i, (&weight, &value)) in matrix.iter().zip(&values).enumerate() {
            let scale = quantized.scales.get(i / cols);
            let clipped = quantized.codes[i] == low || quantized.codes[i] == high;
            assert!(clipped || (weight - value).abs() <= 0.5001 * scale, "{quant} {weight} {value} {scale}");
        }
    }
}

#[test]
fn the_scale_beats_that_of_the_largest_weight() {
    let (matrix, cols) = matrix();
    let row = &matrix[..cols];
    let largest = row.iter().fold(0.0f32, |max, w| max.max(w.abs()));
    for (quant, most) in [(Quant::Q4, 7.0), (Quant::Q8, 127.0)] {
        let error = |scale| {
            let mut rounded = row.to_vec();
            round_row(&mut rounded, scale, quant);
            squared_error(row, &rounded)
        };
        assert!(error(best_scale(row, quant)) <= error(largest / most), "{quant}");
    }
}

#[test]
fn what_was_rounded_to_four_bits_stays_as_it_is() {
    let (matrix, cols) = matrix();
    let once = quantize_rows(&matrix, cols, Quant::Q4);
    let values = once.values(cols);
    assert_ne!(values, matrix);
    let twice = quantize_rows(&values, cols, Quant::Q4);
    assert_eq!(twice.values(cols), values);
}

#[test]
fn rows_of_small_codes_stay_as_they_are() {
    // A learned scale may be coarser than the best one, so that the largest codes are not used.
    let scales = RowScales::nearest(&[0.31, 0.2, 0.17, 0.11, 0.05]);
    let codes = [[7, -5, 3], [-4, 3, 1], [3, -2, 0], [1, 2, -1], [0, 1, -1]];
    let rows = codes.iter().enumerate();
    let matrix: Vec<f32> = rows.flat_map(|(row, codes)| codes.map(|code| code as f32 * scales.get(row))).collect();
    assert_eq!(quantize_rows(&matrix, 3, Quant::Q4).values(3), matrix);
}

#[test]
fn zeros_and_tiny_rows_are_no_trouble() {
    for quant in [Quant::Q4, Quant::Q8] {
        let zeros = quantize_rows(&[0.0; 4], 2, quant);
        assert_eq!((zeros.scales.mantissas, zeros.codes), (vec![0; 2], vec![0; 4]));
        let mixed = quantize_rows(&[1e-37, -1e-40, 0.5, 1.0], 2, quant);
        assert_eq!(mixed.scales.mantissas[0], 0);
        assert_eq!(mixed.codes[..2], [0, 0]);
        assert!((mixed.values(2)[3] - 1.0).abs() < 0.05);
    }
}

#[test]
fn the_largest_scale_uses_all_bits() {
    for scale in [0.7f32, 1.0, 65_535.0, 65_536.0, 3e-9] {
        let scales = RowScales::nearest(&[scale, scale / 3.0]);
        assert!(scales.mantissas[0] >= 1 << 15, "{scales:?}");
        assert!((scales.get(0) / scale - 1.0).abs() < 2e-5, "{scales:?}");
    }
}

#[test]
fn a_training_with_rounded_weights_begins_with_care_for_the_text() {
    let weights = Weights::random(llama_config().with(|c| c.n_vocab = 40), 3);
    let text: Vec<u16> = (0..4000u32).map(|i| (i * i / 7 % 40) as u16).collect();
    let begun = quantized(&weights, Quant::Q4, &text).unwrap();
    let nearest = quantized(&weights, Quant::Q4, &text[..10]).unwrap();
    let original = Original::new(&weights, &text[..500]).unwrap();
    let [careful, plain] = [&begun, &nearest].map(|rounded| original.divergence(rounded).unwrap());
    assert!(careful < 0.95 * plain, "{careful} {plain}");
}
