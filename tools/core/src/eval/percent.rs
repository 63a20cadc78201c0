//! Shares as they are shown.

/// A part in percent of the whole; 0 of nothing.
pub(super) fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}
