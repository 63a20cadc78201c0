//! The two functions of every kernel in assembler; the file of the kernel says what they are made of.

super::assembled! {
    /// See [`Sums`](super::Sums).
    pub(super) fn egpt_sums_q8(
        tiles: *const u8,
        input: *const u32,
        n_col16: usize,
        n_block: usize,
        init: i32,
        sums: *mut i32,
    );
    /// See [`Sums`](super::Sums).
    pub(super) fn egpt_sums_q4(
        tiles: *const u8,
        input: *const u32,
        n_col16: usize,
        n_block: usize,
        init: i32,
        sums: *mut i32,
    );
}
