//! The loops of [`attention`](super) over one head's padded buffers.

use pulp::Simd;

use super::super::math;
use super::{Shape, TILE};

/// Copies a head's columns out of the rows of one sequence; padding stays zero.
#[inline(always)]
pub(super) fn gather(shape: &Shape, rows: &[f32], width: usize, column: usize, scale: f32, to: &mut [f32]) {
    for (row, to) in rows.chunks_exact(width).zip(to.chunks_exact_mut(shape.wide())) {
        let row = &row[column..][..shape.head_dim];
        for (to, &x) in to[..shape.head_dim].iter_mut().zip(row) {
            *to = x * scale;
        }
    }
}

/// Copies a head's columns as (tile, element, row of the tile); padding stays zero.
#[inline(always)]
pub(super) fn gather_tiles(shape: &Shape, rows: &[f32], width: usize, column: usize, to: &mut [f32]) {
    let tiles = to.chunks_exact_mut(TILE * shape.wide());
    for (rows, tile) in rows.chunks(TILE * width).zip(tiles) {
        for (i, row) in rows.chunks_exact(width).enumerate() {
            let row = &row[column..][..shape.head_dim];
            for (to, &x) in tile.as_chunks_mut::<TILE>().0.iter_mut().zip(row) {
                to[i] = x;
            }
        }
    }
}

/// Adds a head's scaled rows to its columns of the rows of one sequence.
#[inline(always)]
pub(super) fn scatter_add(shape: &Shape, from: &[f32], width: usize, column: usize, scale: f32, rows: &mut [f32]) {
    let from = from.chunks_exact(shape.wide());
    for (row, from) in rows.chunks_exact_mut(width).zip(from) {
        let row = &mut row[column..][..shape.head_dim];
        for (to, &x) in row.iter_mut().zip(from) {
            *to += x * scale;
        }
    }
}

/// Turns the rows of a block of queries into columns (head_dim, lanes).
#[inline(always)]
pub(super) fn transpose_in<S: Simd>(shape: &Shape, rows: &[f32], first: usize, columns: &mut [f32]) {
    let (lanes, wide) = (S::F32_LANES, shape.wide());
    let columns = &mut columns[..shape.head_dim * lanes];
    for (lane, row) in rows[first * wide..][..lanes * wide].chunks_exact(wide).enumerate() {
        for (column, &x) in columns.chunks_exact_mut(lanes).zip(row) {
            column[lane] = x;
        }
    }
}

/// `out[key][lane] = Σ_d key[d] · columns[d][lane]`, the keys tiled by [`gather_tiles`].
#[inline(always)]
pub(super) fn lane_dots<S: Simd>(simd: S, shape: &Shape, tiles: &[f32], columns: &[f32], out: &mut [f32]) {
    let columns = &S::as_simd_f32s(columns).0[..shape.head_dim];
    let tiles = tiles.chunks_exact(TILE * shape.wide());
    let (out, _) = S::as_mut_simd_f32s(out).0.as_chunks_mut::<TILE>();
    for (out, tile) in out.iter_mut().zip(tiles) {
        let mut sums = [simd.splat_f32s(0.0); TILE];
        for (elements, &column) in tile.as_chunks::<TILE>().0.iter().zip(columns) {
            for (sum, &x) in sums.iter_mut().zip(elements) {
                *sum = simd.mul_add_e_f32s(simd.splat_f32s(x), column, *sum);
            }
        }
        *out = sums;
    }
}

/// `out[d][lane] = Σ_key weights[key][lane] · rows[key][d]`.
#[inline(always)]
pub(super) fn lane_weighted_sums<S: Simd>(
    simd: S,
    wide: usize,
    head_dim: usize,
    weights: &[f32],
    rows: &[f32],
    out: &mut [f32],
) {
    let weights = S::as_simd_f32s(weights).0;
    let out = S::as_mut_simd_f32s(out).0;
    for (tile, out) in out.chunks_exact_mut(TILE).enumerate() {
        if tile * TILE >= head_dim {
            break;
        }
        let mut sums = [simd.splat_f32s(0.0); TILE];
        for (&weight, row) in weights.iter().zip(rows.chunks_exact(wide)) {
            let row = &row[tile * TILE..][..TILE];
            for (sum, &x) in sums.iter_mut().zip(row) {
                *sum = simd.mul_add_e_f32s(simd.splat_f32s(x), weight, *sum);
            }
        }
        out.copy_from_slice(&sums);
    }
}

/// `out[key][d] = Σ_query weights[query][key] · rows[query][d]`, weights as the probabilities lie.
#[inline(always)]
pub(super) fn query_sums<S: Simd>(simd: S, shape: &Shape, weights: &[f32], rows: &[f32], out: &mut [f32]) {
    let lanes = S::F32_LANES;
    let vectors = shape.wide() / lanes;
    let used = shape.head_dim.div_ceil(lanes);
    let rows = S::as_simd_f32s(rows).0;
    let out = S::as_mut_simd_f32s(out).0;
    for (tile, out) in out.chunks_exact_mut(TILE * vectors).enumerate() {
        let first_key = tile * TILE;
        if first_key >= shape.len {
            break;
        }
        for vector in 0..used {
            let mut sums = [simd.splat_f32s(0.0); TILE];
            let blocks = weights.chunks_exact(shape.padded_len() * lanes).enumerate();
            for (block, weights) in blocks.skip(first_key / lanes) {
                let weights = &weights[first_key * lanes..][..TILE * lanes];
                let rows = &rows[block * lanes * vectors..][..lanes * vectors];
                for lane in 0..lanes {
                    let row = rows[lane * vectors + vector];
                    for (i, sum) in sums.iter_mut().enumerate() {
                        let weight = simd.splat_f32s(weights[i * lanes + lane]);
                        *sum = simd.mul_add_e_f32s(weight, row, *sum);
                    }
                }
            }
            for (i, sum) in sums.into_iter().enumerate() {
                out[i * vectors + vector] = sum;
            }
        }
    }
}

/// Scores to probabilities, per lane; lane `l` is query `first + l` and sees no later key.
#[inline(always)]
pub(super) fn softmax<S: Simd>(simd: S, first: usize, scores: &mut [f32]) {
    hide_later_keys(S::F32_LANES, first, scores, -1e30);
    let vectors = S::as_mut_simd_f32s(scores).0;
    let mut top = simd.splat_f32s(-1e30);
    for &score in &*vectors {
        top = simd.max_f32s(top, score);
    }
    for score in &mut *vectors {
        *score = simd.sub_f32s(*score, top);
    }
    for score in &mut *scores {
        *score = math::exp(*score);
    }
    hide_later_keys(S::F32_LANES, first, scores, 0.0);
    let vectors = S::as_mut_simd_f32s(scores).0;
    let mut sum = simd.splat_f32s(0.0);
    for &score in &*vectors {
        sum = simd.add_f32s(sum, score);
    }
    let inverse = simd.div_f32s(simd.splat_f32s(1.0), sum);
    for score in vectors {
        *score = simd.mul_f32s(*score, inverse);
    }
}

#[inline(always)]
fn hide_later_keys(lanes: usize, first: usize, scores: &mut [f32], value: f32) {
    for (offset, keys) in scores[first * lanes..].chunks_exact_mut(lanes).enumerate() {
        keys[..offset.min(lanes)].fill(value);
    }
}

/// `d = p · (d − Σ_key p · d)`, the sums given per lane.
#[inline(always)]
pub(super) fn softmax_gradient<S: Simd>(simd: S, probs: &[f32], row_sums: &[f32], d: &mut [f32]) {
    let sums = S::as_simd_f32s(row_sums).0[0];
    let probs = S::as_simd_f32s(probs).0;
    for (d, &p) in S::as_mut_simd_f32s(d).0.iter_mut().zip(probs) {
        *d = simd.mul_f32s(p, simd.sub_f32s(*d, sums));
    }
}
