//! The windows of the context in which a long text is read.

use crate::network::shard::micro_batch;

/// Where the windows over a stream of `n_targets` start and which targets they score first.
///
/// Windows advance by `stride`; each scores what the one before has not. The last one is
/// moved back so that it is full, too.
pub(crate) fn windows(n_targets: usize, context: usize, stride: usize) -> Vec<(usize, usize)> {
    let context = context.min(n_targets);
    let mut windows = Vec::new();
    let mut scored = 0;
    let mut start = 0;
    while scored < n_targets {
        let start_full = start.min(n_targets - context);
        windows.push((start_full, scored));
        scored = start_full + context;
        start += stride;
    }
    windows
}

/// Groups of windows that a long text is cut into at least, whatever the number of threads.
const MIN_GROUPS: usize = 16;

/// Windows of `len` tokens that are read at a time; the same for any number of threads, so that sums are, too.
pub(crate) fn group_len(n_windows: usize, len: usize) -> usize {
    micro_batch(n_windows.div_ceil(MIN_GROUPS), len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_score_each_target_once() {
        assert_eq!(windows(10, 4, 2), [(0, 0), (2, 4), (4, 6), (6, 8)]);
        assert_eq!(windows(9, 4, 4), [(0, 0), (4, 4), (5, 8)]);
        assert_eq!(windows(3, 8, 8), [(0, 0)]);
        assert_eq!(windows(8, 4, 4), [(0, 0), (4, 4)]);
    }
}
