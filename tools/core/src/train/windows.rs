//! The data loader: windows of a token stream, in batches, in an order a seed decides.

use anyhow::{Result, ensure};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// A stream of documents (each ended by the end-of-text token) cut into windows.
///
/// Window `i` covers the `context` tokens from `i · stride`; its targets are the same
/// tokens shifted by one. A tail too short for a window is left out.
#[derive(Clone, Copy, Debug)]
pub struct Windows<'a> {
    tokens: &'a [u16],
    context: usize,
    stride: usize,
}

impl<'a> Windows<'a> {
    /// Cuts `tokens` into windows.
    ///
    /// # Errors
    /// When `context` or `stride` is 0, or the stream is too short for a single window.
    pub fn new(tokens: &'a [u16], context: usize, stride: usize) -> Result<Self> {
        ensure!(context > 0 && stride > 0, "context and stride must be at least 1 token, not {context} and {stride}");
        ensure!(tokens.len() > context, "{} tokens are too few for a context of {context}: add text", tokens.len());
        Ok(Self { tokens, context, stride })
    }

    /// Number of windows, at least 1.
    pub fn count(&self) -> usize {
        (self.tokens.len() - self.context - 1) / self.stride + 1
    }

    /// Inputs and targets of one window, `context` tokens each.
    ///
    /// # Panics
    /// When there is no such window.
    pub fn get(&self, window: usize) -> (&'a [u16], &'a [u16]) {
        self.at(window * self.stride)
    }

    /// The window moved on by `shift` tokens, as far as the text goes.
    ///
    /// # Panics
    /// When there is no such window.
    pub fn shifted(&self, window: usize, shift: usize) -> (&'a [u16], &'a [u16]) {
        self.at(self.start(window, shift))
    }

    /// Where in the text the window begins that is moved on by `shift` tokens.
    pub fn start(&self, window: usize, shift: usize) -> usize {
        (window * self.stride + shift).min(self.tokens.len() - self.context - 1)
    }

    fn at(&self, start: usize) -> (&'a [u16], &'a [u16]) {
        let end = start + self.context;
        (&self.tokens[start..end], &self.tokens[start + 1..=end])
    }
}

/// Where a [`Batches`] stands; enough to go on from there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataPosition {
    /// Passes over the data that are complete.
    pub epoch: u64,
    /// Windows of this epoch already given out.
    pub window: usize,
}

/// What to do with the windows left at the end of an epoch that do not fill a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// Leave them out of this epoch.
    Drop,
    /// Give them out as a smaller batch.
    Keep,
}

/// An endless sequence of batches of window numbers, epoch after epoch.
#[derive(Clone, Debug)]
pub struct Batches {
    order: Vec<usize>,
    batch: usize,
    /// `None` keeps the windows in the order of the text.
    seed: Option<u64>,
    tail: Tail,
    position: DataPosition,
}

impl Batches {
    /// Batches of `batch` out of `n_windows` windows, from `position` on.
    ///
    /// Each epoch has its own order, a function of `seed` and its number.
    ///
    /// # Errors
    /// When a batch is empty or, with [`Tail::Drop`], larger than an epoch.
    pub fn new(n_windows: usize, batch: usize, seed: Option<u64>, tail: Tail, position: DataPosition) -> Result<Self> {
        ensure!(batch > 0, "a batch needs at least 1 window");
        ensure!(
            tail == Tail::Keep || batch <= n_windows,
            "the text has {n_windows} windows, a batch needs {batch}; \
             add text, or make the batch, the context or the stride smaller"
        );
        let mut batches = Self { order: (0..n_windows).collect(), batch, seed, tail, position };
        batches.shuffle();
        Ok(batches)
    }

    /// The window numbers of the next batch.
    pub fn next_batch(&mut self) -> &[usize] {
        let left = self.order.len().saturating_sub(self.position.window);
        if left == 0 || (self.tail == Tail::Drop && left < self.batch) {
            self.position = DataPosition { epoch: self.position.epoch + 1, window: 0 };
            self.shuffle();
        }
        let start = self.position.window;
        let end = (start + self.batch).min(self.order.len());
        self.position.window = end;
        &self.order[start..end]
    }

    /// Where the next batch starts.
    pub fn position(&self) -> DataPosition {
        self.position
    }

    /// How far to move the windows of the current epoch, below `stride`: other beginnings in every pass over the
    /// text, so that no token is always the first of its window.
    pub fn shift(&self, stride: usize) -> usize {
        let seed = self.seed.unwrap_or(0).wrapping_add(self.position.epoch);
        let mixed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        if self.position.epoch == 0 { 0 } else { mixed as usize % stride }
    }

    fn shuffle(&mut self) {
        let Some(seed) = self.seed else { return };
        self.order.sort_unstable();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(self.position.epoch + 1);
        self.order.shuffle(&mut rng);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: [u16; 10] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

    #[test]
    fn windows_move_with_the_epoch_but_not_past_the_end() {
        let windows = Windows::new(&STREAM, 4, 3).unwrap();
        assert_eq!(windows.shifted(1, 2).0, [5, 6, 7, 8]);
        assert_eq!(windows.shifted(1, 3).0, [5, 6, 7, 8]);
        let at = |epoch| Batches::new(2, 1, Some(7), Tail::Drop, DataPosition { epoch, window: 0 }).unwrap().shift(100);
        assert_eq!((at(0), at(1)), (0, at(1)));
        assert!(at(1) != at(2) && at(1) < 100);
    }

    #[test]
    fn targets_are_shifted_by_one() {
        let windows = Windows::new(&STREAM, 4, 3).unwrap();
        assert_eq!(windows.count(), 2);
        assert_eq!(windows.get(0), (&[0, 1, 2, 3][..], &[1, 2, 3, 4][..]));
        assert_eq!(windows.get(1), (&[3, 4, 5, 6][..], &[4, 5, 6, 7][..]));
    }

    #[test]
    fn the_last_token_can_be_a_target() {
        assert_eq!(Windows::new(&STREAM, 3, 3).unwrap().count(), 3);
        let windows = Windows::new(&STREAM, 9, 1).unwrap();
        assert_eq!(windows.count(), 1);
        assert_eq!(windows.get(0).1, &STREAM[1..]);
        assert!(Windows::new(&STREAM, 10, 1).is_err());
        assert!(Windows::new(&STREAM, 4, 0).is_err());
    }

    #[test]
    fn text_order_with_and_without_the_tail() {
        let start = DataPosition::default();
        let mut dropping = Batches::new(5, 2, None, Tail::Drop, start).unwrap();
        let given: Vec<_> = (0..3).map(|_| dropping.next_batch().to_vec()).collect();
        assert_eq!(given, [[0, 1], [2, 3], [0, 1]]);
        assert_eq!(dropping.position(), DataPosition { epoch: 1, window: 2 });

        let mut keeping = Batches::new(5, 2, None, Tail::Keep, start).unwrap();
        let given: Vec<_> = (0..4).map(|_| keeping.next_batch().to_vec()).collect();
        assert_eq!(given, [vec![0, 1], vec![2, 3], vec![4], vec![0, 1]]);
        assert!(Batches::new(5, 6, None, Tail::Drop, start).is_err());
    }

    #[test]
    fn every_epoch_is_a_new_permutation() {
        let mut batches = Batches::new(64, 64, Some(3), Tail::Drop, DataPosition::default()).unwrap();
        let (first, second) = (batches.next_batch().to_vec(), batches.next_batch().to_vec());
        assert_ne!(first, second);
        for mut epoch in [first, second] {
            epoch.sort_unstable();
            assert_eq!(epoch, (0..64).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_position_brings_the_same_batches_back() {
        let fresh = |position| Batches::new(10, 3, Some(8), Tail::Drop, position).unwrap();
        let mut all = fresh(DataPosition::default());
        for _ in 0..5 {
            all.next_batch();
        }
        let mut resumed = fresh(all.position());
        for _ in 0..5 {
            assert_eq!(resumed.next_batch(), all.next_batch());
        }
    }
}
