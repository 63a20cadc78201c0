//! Causal self-attention of short heads, forward and backward, without tiny matrix products.
//!
//! Vector lanes run over the queries of a block wherever a key or value element is the
//! same for all of them, so that any head size fills the vectors and the softmax needs no
//! sum across lanes. Only the sums over queries (gradients of keys and values) put the
//! lanes over the elements of a head.
//!
//! Probabilities are kept for the backward pass as (seq, head, block, key, lane): one
//! block is as many queries as a vector has lanes.

use pulp::{Simd, WithSimd};

use super::math::{self, vectorized};
use super::vectors::AlignedVec;

/// Sizes of one attention call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    pub n_seq: usize,
    /// Tokens per sequence.
    pub len: usize,
    pub n_head: usize,
    pub n_kv_head: usize,
    pub head_dim: usize,
}

/// Keys that one pass of the score loop takes; the padded length is a multiple of it.
const TILE: usize = 8;
/// Covers the lanes of every instruction set.
const MAX_LANES: usize = 16;

impl Shape {
    fn padded_len(&self) -> usize {
        self.len.next_multiple_of(MAX_LANES)
    }

    /// Elements of a head's row in the scratch buffers.
    fn wide(&self) -> usize {
        self.head_dim.next_multiple_of(MAX_LANES)
    }

    /// Elements of one head's probabilities.
    fn head_probs(&self) -> usize {
        self.padded_len() * self.padded_len()
    }

    /// Elements of the kept probabilities of one call.
    pub fn probs_len(&self) -> usize {
        self.n_seq * self.n_head * self.head_probs()
    }

    /// Elements of a token's row of queries, keys and values.
    pub fn qkv_width(&self) -> usize {
        (self.n_head + 2 * self.n_kv_head) * self.head_dim
    }

    fn out_width(&self) -> usize {
        self.n_head * self.head_dim
    }

    /// First elements of a key/value head's key and value in a row.
    fn kv_columns(&self, kv_head: usize) -> (usize, usize) {
        let key = (self.n_head + kv_head) * self.head_dim;
        (key, key + self.n_kv_head * self.head_dim)
    }

    fn scale(&self) -> f32 {
        1.0 / (self.head_dim as f32).sqrt()
    }
}

/// Buffers of one head, padded with zeros: rows (padded_len, wide) or columns (wide, lanes).
#[derive(Debug)]
pub struct Scratch {
    query: AlignedVec,
    /// Keys on the way forward, values on the way back.
    tiles: AlignedVec,
    key: AlignedVec,
    value: AlignedVec,
    d_out: AlignedVec,
    d_key: AlignedVec,
    d_value: AlignedVec,
    d_rows: AlignedVec,
    d_scores: AlignedVec,
    columns: AlignedVec,
    out_columns: AlignedVec,
    row_sums: AlignedVec,
}

impl Scratch {
    pub fn new(shape: &Shape) -> Self {
        let rows = || AlignedVec::zeroed(shape.padded_len() * shape.wide());
        let columns = || AlignedVec::zeroed(shape.wide() * MAX_LANES);
        Self {
            query: rows(),
            tiles: rows(),
            key: rows(),
            value: rows(),
            d_out: rows(),
            d_key: rows(),
            d_value: rows(),
            d_rows: rows(),
            d_scores: AlignedVec::zeroed(shape.head_probs()),
            columns: columns(),
            out_columns: columns(),
            row_sums: AlignedVec::zeroed(MAX_LANES),
        }
    }
}

/// Attends: `qkv` (n_seq · len, qkv_width) → `out` (n_seq · len, n_head · head_dim).
///
/// `probs` ([`Shape::probs_len`]) is filled for [`backward`].
pub fn forward(shape: &Shape, qkv: &[f32], probs: &mut AlignedVec, out: &mut [f32], scratch: &mut Scratch) {
    pulp::Arch::new().dispatch(Forward { shape, qkv, probs, out, scratch });
}

/// Gradient of [`forward`]: writes `d_qkv` from the gradient `d_out` of its output.
///
/// `out` is what the forward pass gave.
pub fn backward(
    shape: &Shape,
    qkv: &[f32],
    probs: &AlignedVec,
    out: &[f32],
    d_out: &[f32],
    d_qkv: &mut [f32],
    scratch: &mut Scratch,
) {
    pulp::Arch::new().dispatch(Backward { shape, qkv, probs, out, d_out, d_qkv, scratch });
}

struct Forward<'a> {
    shape: &'a Shape,
    qkv: &'a [f32],
    probs: &'a mut AlignedVec,
    out: &'a mut [f32],
    scratch: &'a mut Scratch,
}

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { shape, qkv, probs, out, scratch: s } = self;
        let group = shape.n_head / shape.n_kv_head;
        let rows_in = qkv.chunks_exact(shape.len * shape.qkv_width());
        let rows_out = out.chunks_exact_mut(shape.len * shape.out_width());
        for (seq, (qkv, out)) in rows_in.zip(rows_out).enumerate() {
            for head in 0..shape.n_head {
                if head % group == 0 {
                    let (key, value) = shape.kv_columns(head / group);
                    gather_tiles(shape, qkv, shape.qkv_width(), key, &mut s.tiles);
                    gather(shape, qkv, shape.qkv_width(), value, 1.0, &mut s.value);
                }
                let column = head * shape.head_dim;
                gather(shape, qkv, shape.qkv_width(), column, shape.scale(), &mut s.query);
                let index = seq * shape.n_head + head;
                let probs = &mut probs[index * shape.head_probs()..][..shape.head_probs()];
                attend_head(simd, shape, probs, s, &mut out[column..]);
            }
        }
    }
}

/// One head of one sequence from the gathered rows; `out` starts at the head's column.
#[inline(always)]
fn attend_head<S: Simd>(simd: S, shape: &Shape, probs: &mut [f32], s: &mut Scratch, out: &mut [f32]) {
    let (lanes, wide) = (S::F32_LANES, shape.wide());
    for (block, probs) in probs.chunks_exact_mut(shape.padded_len() * lanes).enumerate() {
        let first = block * lanes;
        if first >= shape.len {
            break;
        }
        let scores = &mut probs[..visible_keys(shape, first, lanes) * lanes];
        transpose_in::<S>(shape, &s.query, first, &mut s.columns);
        lane_dots(simd, shape, &s.tiles, &s.columns, scores);
        softmax(simd, first, scores);
        lane_weighted_sums(simd, wide, shape.head_dim, scores, &s.value, &mut s.out_columns);
        for lane in 0..lanes.min(shape.len - first) {
            let row = &mut out[(first + lane) * shape.out_width()..][..shape.head_dim];
            for (d, out) in row.iter_mut().enumerate() {
                *out = s.out_columns[d * lanes + lane];
            }
        }
    }
}

struct Backward<'a> {
    shape: &'a Shape,
    qkv: &'a [f32],
    probs: &'a AlignedVec,
    out: &'a [f32],
    d_out: &'a [f32],
    d_qkv: &'a mut [f32],
    scratch: &'a mut Scratch,
}

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let shape = self.shape;
        let s = self.scratch;
        let (width, out_width) = (shape.qkv_width(), shape.out_width());
        let group = shape.n_head / shape.n_kv_head;
        self.d_qkv.fill(0.0);
        for seq in 0..shape.n_seq {
            let rows = seq * shape.len..(seq + 1) * shape.len;
            let qkv = &self.qkv[rows.start * width..rows.end * width];
            let d_qkv = &mut self.d_qkv[rows.start * width..rows.end * width];
            let out = &self.out[rows.start * out_width..rows.end * out_width];
            let d_out = &self.d_out[rows.start * out_width..rows.end * out_width];
            for head in 0..shape.n_head {
                let (key, value) = shape.kv_columns(head / group);
                let column = head * shape.head_dim;
                if head % group == 0 {
                    gather(shape, qkv, width, key, 1.0, &mut s.key);
                    gather_tiles(shape, qkv, width, value, &mut s.tiles);
                }
                gather(shape, qkv, width, column, shape.scale(), &mut s.query);
                gather(shape, d_out, out_width, column, 1.0, &mut s.d_out);
                gather(shape, out, out_width, column, 1.0, &mut s.d_rows);
                let index = seq * shape.n_head + head;
                let probs = &self.probs[index * shape.head_probs()..][..shape.head_probs()];
                head_gradients(simd, shape, probs, s);
                scatter_add(shape, &s.d_rows, width, column, shape.scale(), d_qkv);
                // The gathered queries already carry the scale.
                scatter_add(shape, &s.d_key, width, key, 1.0, d_qkv);
                scatter_add(shape, &s.d_value, width, value, 1.0, d_qkv);
            }
        }
    }
}

/// Gradients of one head: `d_rows` (holding the output on entry) becomes that of the
/// unscaled queries, `d_key` and `d_value` those of this head's use of keys and values.
#[inline(always)]
fn head_gradients<S: Simd>(simd: S, shape: &Shape, probs: &[f32], s: &mut Scratch) {
    let (lanes, wide) = (S::F32_LANES, shape.wide());
    let block_len = shape.padded_len() * lanes;
    let n_blocks = shape.len.div_ceil(lanes);
    for block in 0..n_blocks {
        let first = block * lanes;
        let visible = visible_keys(shape, first, lanes) * lanes;
        let probs = &probs[block * block_len..][..visible];
        let d_scores = &mut s.d_scores[block * block_len..][..visible];
        for (lane, sum) in s.row_sums[..lanes].iter_mut().enumerate() {
            let row = (first + lane) * wide..(first + lane + 1) * wide;
            *sum = math::dot(&s.d_out[row.clone()], &s.d_rows[row]);
        }
        transpose_in::<S>(shape, &s.d_out, first, &mut s.columns);
        lane_dots(simd, shape, &s.tiles, &s.columns, d_scores);
        softmax_gradient(simd, probs, &s.row_sums, d_scores);
        lane_weighted_sums(simd, wide, shape.head_dim, d_scores, &s.key, &mut s.out_columns);
        for lane in 0..lanes {
            let row = &mut s.d_rows[(first + lane) * wide..][..shape.head_dim];
            for (d, out) in row.iter_mut().enumerate() {
                *out = s.out_columns[d * lanes + lane];
            }
        }
    }
    let used = n_blocks * block_len;
    query_sums(simd, shape, &probs[..used], &s.d_out, &mut s.d_value);
    query_sums(simd, shape, &s.d_scores[..used], &s.query, &mut s.d_key);
}

/// Keys that the block of queries starting at `first` touches, up to a whole tile.
#[inline(always)]
fn visible_keys(shape: &Shape, first: usize, lanes: usize) -> usize {
    (first + lanes).next_multiple_of(TILE).min(shape.padded_len())
}

/// Copies a head's columns out of the rows of one sequence; padding stays zero.
#[inline(always)]
fn gather(shape: &Shape, rows: &[f32], width: usize, column: usize, scale: f32, to: &mut [f32]) {
    for (row, to) in rows.chunks_exact(width).zip(to.chunks_exact_mut(shape.wide())) {
        let row = &row[column..][..shape.head_dim];
        for (to, &x) in to[..shape.head_dim].iter_mut().zip(row) {
            *to = x * scale;
        }
    }
}

/// Copies a head's columns as (tile, element, row of the tile); padding stays zero.
#[inline(always)]
fn gather_tiles(shape: &Shape, rows: &[f32], width: usize, column: usize, to: &mut [f32]) {
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
fn scatter_add(shape: &Shape, from: &[f32], width: usize, column: usize, scale: f32, rows: &mut [f32]) {
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
fn transpose_in<S: Simd>(shape: &Shape, rows: &[f32], first: usize, columns: &mut [f32]) {
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
fn lane_dots<S: Simd>(simd: S, shape: &Shape, tiles: &[f32], columns: &[f32], out: &mut [f32]) {
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
fn lane_weighted_sums<S: Simd>(simd: S, wide: usize, head_dim: usize, weights: &[f32], rows: &[f32], out: &mut [f32]) {
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
fn query_sums<S: Simd>(simd: S, shape: &Shape, weights: &[f32], rows: &[f32], out: &mut [f32]) {
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
fn softmax<S: Simd>(simd: S, first: usize, scores: &mut [f32]) {
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
fn softmax_gradient<S: Simd>(simd: S, probs: &[f32], row_sums: &[f32], d: &mut [f32]) {
    let sums = S::as_simd_f32s(row_sums).0[0];
    let probs = S::as_simd_f32s(probs).0;
    for (d, &p) in S::as_mut_simd_f32s(d).0.iter_mut().zip(probs) {
        *d = simd.mul_f32s(p, simd.sub_f32s(*d, sums));
    }
}

/// Turns queries and keys by their positions, or back (`inverse`).
///
/// `turns` holds (len, head_dim / 2) cosines and sines; element `i` of a head turns with
/// element `i + head_dim / 2`.
pub fn rotate(shape: &Shape, rows: &mut [f32], turns: &[(Vec<f32>, Vec<f32>)], inverse: bool) {
    let sign = if inverse { -1.0 } else { 1.0 };
    let rotated = (shape.n_head + shape.n_kv_head) * shape.head_dim;
    let half = shape.head_dim / 2;
    vectorized(
        #[inline(always)]
        || {
            let turns = turns[..shape.len].iter().cycle();
            for (row, (cos, sin)) in rows.chunks_exact_mut(shape.qkv_width()).zip(turns) {
                for head in row[..rotated].chunks_exact_mut(shape.head_dim) {
                    let (low, high) = head.split_at_mut(half);
                    let pairs = low.iter_mut().zip(high);
                    for ((a, b), (&cos, &sin)) in pairs.zip(cos.iter().zip(sin)) {
                        let sin = sin * sign;
                        (*a, *b) = (*a * cos - *b * sin, *b * cos + *a * sin);
                    }
                }
            }
        },
    );
}

/// Cosines and sines of the rotary angles `position · theta^(−2i / head_dim)` (Su et al. 2021).
pub fn rotary_turns(len: usize, head_dim: usize, theta: f32) -> Vec<(Vec<f32>, Vec<f32>)> {
    let angle = |position: usize, i: usize| position as f64 * f64::from(theta).powf(-2.0 * i as f64 / head_dim as f64);
    (0..len)
        .map(|position| {
            (0..head_dim / 2).map(|i| angle(position, i).sin_cos()).map(|(sin, cos)| (cos as f32, sin as f32)).unzip()
        })
        .collect()
}
