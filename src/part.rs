//! Parts of slices, cut to what there is. They never panic, and are smaller code than an empty slice in their
//! place.

/// The first `n` elements.
#[inline(always)]
pub(crate) fn head<T>(slice: &[T], n: usize) -> &[T] {
    &slice[..n.min(slice.len())]
}

/// The first `n` elements.
#[inline(always)]
pub(crate) fn head_mut<T>(slice: &mut [T], n: usize) -> &mut [T] {
    let n = n.min(slice.len());
    &mut slice[..n]
}

/// The elements from `at` on.
#[inline(always)]
pub(crate) fn tail<T>(slice: &[T], at: usize) -> &[T] {
    &slice[at.min(slice.len())..]
}

/// The elements from `at` on.
#[inline(always)]
pub(crate) fn tail_mut<T>(slice: &mut [T], at: usize) -> &mut [T] {
    let at = at.min(slice.len());
    &mut slice[at..]
}

/// Both sides of `at`.
#[inline(always)]
pub(crate) fn sides<T>(slice: &[T], at: usize) -> (&[T], &[T]) {
    slice.split_at(at.min(slice.len()))
}

/// Both sides of `at`.
#[inline(always)]
pub(crate) fn sides_mut<T>(slice: &mut [T], at: usize) -> (&mut [T], &mut [T]) {
    slice.split_at_mut(at.min(slice.len()))
}
