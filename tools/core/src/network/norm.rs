//! LayerNorm and RMSNorm over rows, forward and backward.

use embedded_gpt::config::Norm;

use super::math::{dot, sum, vectorized};

/// What the backward pass needs to know of a row: `x̂ = (x − mean) · inverse`.
#[derive(Clone, Copy, Debug, Default)]
pub struct RowStats {
    /// 0 for RMSNorm.
    mean: f32,
    /// 1 / standard deviation, or 1 / root mean square.
    inverse: f32,
}

/// Parameters of one normalisation.
#[derive(Clone, Copy, Debug)]
pub struct NormParams<'a> {
    pub kind: Norm,
    pub eps: f32,
    /// (n_embd)
    pub gain: &'a [f32],
    /// (n_embd)
    pub bias: Option<&'a [f32]>,
}

/// Gradients of one normalisation's parameters, added to.
#[derive(Debug)]
pub struct NormGradients<'a> {
    pub gain: &'a mut [f32],
    pub bias: Option<&'a mut [f32]>,
}

/// Normalises the rows of `x` (rows, n_embd) into `out`; one `stats` per row.
pub fn forward(params: NormParams, x: &[f32], out: &mut [f32], stats: &mut [RowStats]) {
    let width = params.gain.len();
    vectorized(
        #[inline(always)]
        || {
            let rows = x.chunks_exact(width).zip(out.chunks_exact_mut(width));
            for ((x, out), stats) in rows.zip(stats) {
                *stats = normalize_row(params, x, out);
            }
        },
    );
}

#[inline(always)]
fn normalize_row(params: NormParams, x: &[f32], out: &mut [f32]) -> RowStats {
    let per_element = 1.0 / x.len() as f32;
    let mean = match params.kind {
        Norm::LayerNorm => sum(x) * per_element,
        Norm::RmsNorm => 0.0,
        other => panic!("no support for {other:?}"),
    };
    for (out, &x) in out.iter_mut().zip(x) {
        *out = x - mean;
    }
    let inverse = 1.0 / (dot(out, out) * per_element + params.eps).sqrt();
    for (out, &gain) in out.iter_mut().zip(params.gain) {
        *out = *out * inverse * gain;
    }
    if let Some(bias) = params.bias {
        for (out, &bias) in out.iter_mut().zip(bias) {
            *out += bias;
        }
    }
    RowStats { mean, inverse }
}

/// Adds to `d_x` and to the parameters' gradients what the gradient `d_out` of the output implies.
///
/// `d_out` is overwritten.
pub fn backward(
    params: NormParams,
    x: &[f32],
    stats: &[RowStats],
    d_out: &mut [f32],
    d_x: &mut [f32],
    gradients: NormGradients,
) {
    let width = params.gain.len();
    let NormGradients { gain, mut bias } = gradients;
    let mut normalized = vec![0.0; width];
    vectorized(
        #[inline(always)]
        || {
            let inputs = x.chunks_exact(width).zip(stats);
            let rows = d_out.chunks_exact_mut(width).zip(d_x.chunks_exact_mut(width));
            for ((x, stats), (d_out, d_x)) in inputs.zip(rows) {
                for (n, &x) in normalized.iter_mut().zip(x) {
                    *n = (x - stats.mean) * stats.inverse;
                }
                if let Some(bias) = bias.as_deref_mut() {
                    add(bias, d_out);
                }
                for ((gain, d), &n) in gain.iter_mut().zip(&*d_out).zip(&normalized) {
                    *gain += d * n;
                }
                row_gradient(params, *stats, &normalized, d_out, d_x);
            }
        },
    );
}

/// `d_x += inverse · (g − mean(g) − x̂ · mean(g · x̂))` with `g = d_out · gain`.
#[inline(always)]
fn row_gradient(params: NormParams, stats: RowStats, normalized: &[f32], d_out: &mut [f32], d_x: &mut [f32]) {
    let per_element = 1.0 / d_x.len() as f32;
    for (d, &gain) in d_out.iter_mut().zip(params.gain) {
        *d *= gain;
    }
    let mean = match params.kind {
        Norm::LayerNorm => sum(d_out) * per_element,
        Norm::RmsNorm => 0.0,
        other => panic!("no support for {other:?}"),
    };
    let along = dot(d_out, normalized) * per_element;
    for ((d_x, &g), &n) in d_x.iter_mut().zip(&*d_out).zip(normalized) {
        *d_x += stats.inverse * (g - mean - n * along);
    }
}

/// `to += x`, element by element.
#[inline(always)]
pub fn add(to: &mut [f32], x: &[f32]) {
    for (to, &x) in to.iter_mut().zip(x) {
        *to += x;
    }
}
