//! Dense layers and the MLP's activation over rows, forward and backward.

use embedded_gpt::config::Mlp;

use super::math::{self, vectorized};
use super::matmul::{Matrix, Store, matmul};
use super::norm::add;
use super::params::LinearSlot;

/// `out = x · weightᵀ + bias`, or added to what `out` holds.
pub fn forward(slot: &LinearSlot, params: &[f32], x: &[f32], out: &mut [f32], store: Store) {
    let rows = x.len() / slot.n_in;
    let mut store = store;
    if let Some(bias) = &slot.bias {
        let bias = &params[bias.clone()];
        for row in out.chunks_exact_mut(slot.n_out) {
            match store {
                Store::Replace => row.copy_from_slice(bias),
                Store::Add => add(row, bias),
            }
        }
        store = Store::Add;
    }
    let weight = Matrix::new(&params[slot.weight.clone()], slot.n_out, slot.n_in);
    matmul(out, Matrix::new(x, rows, slot.n_in), weight.transposed(), store);
}

/// Writes `d_x` and adds to the layer's gradients, from the gradient `d_out` of its output.
pub fn backward(slot: &LinearSlot, params: &[f32], x: &[f32], d_out: &[f32], d_x: &mut [f32], gradients: &mut [f32]) {
    let rows = x.len() / slot.n_in;
    if let Some(bias) = &slot.bias {
        let bias = &mut gradients[bias.clone()];
        vectorized(
            #[inline(always)]
            || {
                for row in d_out.chunks_exact(slot.n_out) {
                    add(bias, row);
                }
            },
        );
    }
    let d_out = Matrix::new(d_out, rows, slot.n_out);
    let weight = Matrix::new(&params[slot.weight.clone()], slot.n_out, slot.n_in);
    matmul(&mut gradients[slot.weight.clone()], d_out.transposed(), Matrix::new(x, rows, slot.n_in), Store::Add);
    matmul(d_x, d_out, weight, Store::Replace);
}

/// Applies the activation: `up` (rows, n_ff or 2 · n_ff) → `out` (rows, n_ff).
pub fn activate(mlp: Mlp, n_ff: usize, up: &[f32], out: &mut [f32]) {
    match mlp {
        Mlp::Gelu => map(up, out, math::gelu),
        Mlp::GeluTanh => map(up, out, math::gelu_tanh),
        Mlp::SwiGlu => vectorized(
            #[inline(always)]
            || {
                let rows = up.chunks_exact(2 * n_ff).zip(out.chunks_exact_mut(n_ff));
                for (row, out) in rows {
                    let (gate, up) = row.split_at(n_ff);
                    for ((out, &g), &u) in out.iter_mut().zip(gate).zip(up) {
                        *out = math::silu(g) * u;
                    }
                }
            },
        ),
        other => panic!("no support for {other:?}"),
    }
}

/// Writes the gradient of `up` from the gradient `d_out` of [`activate`]'s output.
pub fn activate_backward(mlp: Mlp, n_ff: usize, up: &[f32], d_out: &[f32], d_up: &mut [f32]) {
    match mlp {
        Mlp::Gelu => chain(up, d_out, d_up, math::gelu_slope),
        Mlp::GeluTanh => chain(up, d_out, d_up, math::gelu_tanh_slope),
        Mlp::SwiGlu => vectorized(
            #[inline(always)]
            || {
                let rows = up.chunks_exact(2 * n_ff).zip(d_up.chunks_exact_mut(2 * n_ff));
                for ((row, d_row), d) in rows.zip(d_out.chunks_exact(n_ff)) {
                    let (gate, up) = row.split_at(n_ff);
                    let (d_gate, d_up) = d_row.split_at_mut(n_ff);
                    let outputs = d_gate.iter_mut().zip(d_up).zip(d);
                    for (((d_gate, d_up), &d), (&g, &u)) in outputs.zip(gate.iter().zip(up)) {
                        *d_gate = d * u * math::silu_slope(g);
                        *d_up = d * math::silu(g);
                    }
                }
            },
        ),
        other => panic!("no support for {other:?}"),
    }
}

#[inline(always)]
fn map(x: &[f32], out: &mut [f32], f: impl Fn(f32) -> f32) {
    vectorized(
        #[inline(always)]
        || {
            for (out, &x) in out.iter_mut().zip(x) {
                *out = f(x);
            }
        },
    );
}

#[inline(always)]
fn chain(x: &[f32], d_out: &[f32], d_x: &mut [f32], slope: impl Fn(f32) -> f32) {
    vectorized(
        #[inline(always)]
        || {
            for ((d_x, &d), &x) in d_x.iter_mut().zip(d_out).zip(x) {
                *d_x = d * slope(x);
            }
        },
    );
}
