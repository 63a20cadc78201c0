//! Causal self-attention of short heads, forward and backward, without tiny matrix products.
//!
//! Vector lanes run over the queries of a block wherever a key or value element is the
//! same for all of them, so that any head size fills the vectors and the softmax needs no
//! sum across lanes. Only the sums over queries (gradients of keys and values) put the
//! lanes over the elements of a head.
//!
//! Probabilities are kept for the backward pass as (seq, head, block, key, lane): one
//! block is as many queries as a vector has lanes.

mod lanes;

use pulp::{Simd, WithSimd};

use self::lanes::{
    gather, gather_tiles, lane_dots, lane_weighted_sums, query_sums, scatter_add, softmax, softmax_gradient,
    transpose_in,
};
use super::math;
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

/// Attends with one head of one sequence, from the gathered rows. `out` starts at the head's column.
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
