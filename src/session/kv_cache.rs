//! Keys, values and token ids of the context, in the words that the caller lent.
//!
//! Keys and values are signed bytes. The bytes of a head share a step, which is a power of 2^(1/16) and kept as its
//! exponent, the *code*: attention then needs no scale per token, only sums of codes and a table of 16 numbers.

use core::num::NonZeroUsize;

use crate::fixed::{Scale, power, sixteenths_of_octave};
use crate::kernel::{self, Records};
use crate::{Config, TokenId};

/// Code of the step 1.
///
/// The largest element of a head then has all its bits between 2⁻⁶ and 2¹⁰; the host tool scales keys and values to
/// about 1.
pub(super) const CODE_OF_ONE: i32 = 13 * 16;

/// Which of the two vectors of a token.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Key = 0,
    Value = 1,
}

/// Sizes in bytes of what is kept of a key or value vector: its heads one after the other, then their codes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordLayout {
    n_head: usize,
    head: usize,
    codes: usize,
    pub(crate) len: usize,
}

impl RecordLayout {
    pub(crate) const fn of(config: &Config) -> Self {
        let head = config.head_dim.next_multiple_of(4);
        let codes = config.n_kv_head * head;
        Self { n_head: config.n_kv_head, head, codes, len: codes + config.n_kv_head.next_multiple_of(4) }
    }

    /// A head in a run of records.
    pub(super) fn records<'c>(&self, bytes: &'c [i8], head: usize) -> Records<'c> {
        Records { bytes, len: self.len, start: head * self.head, head: self.head, code: self.codes + head }
    }

    /// The largest code of any head in any record.
    pub(super) fn largest_code(&self, records: &[i8]) -> u32 {
        kernel::largest_byte(records, self.len, self.codes, self.n_head).into()
    }
}

/// (n_layer, 2, context) records, and (context) token ids.
#[derive(Debug)]
pub(super) struct KvCache<'b> {
    context: NonZeroUsize,
    layout: RecordLayout,
    /// Where the records begin, in bytes.
    records: usize,
    /// The ids of the tokens, then the records.
    words: &'b mut [u32],
}

impl<'b> KvCache<'b> {
    /// Takes at least `config.kv_words(context)` words; the caller has checked that.
    pub(super) fn new(config: &Config, context: NonZeroUsize, words: &'b mut [u32]) -> Self {
        Self { context, layout: RecordLayout::of(config), records: context.get().div_ceil(2) * 4, words }
    }

    /// Gives the words back.
    pub(super) fn into_words(self) -> &'b mut [u32] {
        self.words
    }

    pub(super) fn context(&self) -> NonZeroUsize {
        self.context
    }

    pub(super) fn layout(&self) -> RecordLayout {
        self.layout
    }

    #[inline(never)]
    pub(super) fn token(&self, position: usize) -> TokenId {
        bytemuck::cast_slice(self.words).get(position % self.context).copied().unwrap_or_default()
    }

    pub(super) fn set_token(&mut self, position: usize, token: TokenId) {
        let slot = position % self.context;
        if let Some(kept) = bytemuck::cast_slice_mut(self.words).get_mut(slot) {
            *kept = token;
        }
    }

    fn start(&self, layer: usize, part: Part, slot: usize) -> usize {
        self.records + ((layer * 2 + part as usize) * self.context.get() + slot) * self.layout.len
    }

    /// Records of `n` slots from `first` on, around the end of the cache: two runs, the second one often empty.
    #[inline(never)]
    pub(super) fn window(&self, layer: usize, part: Part, first: usize, n: usize) -> [&[i8]; 2] {
        let start = self.start(layer, part, 0);
        let all = bytemuck::cast_slice(self.words)
            .get(start..start + self.context.get() * self.layout.len)
            .unwrap_or_default();
        let (before, after) = all.split_at_checked(first * self.layout.len).unwrap_or_default();
        let len = n * self.layout.len;
        let in_first = len.min(after.len());
        [after.get(..in_first).unwrap_or_default(), before.get(..len - in_first).unwrap_or_default()]
    }

    /// Keeps a head of a vector; elements of up to 14.5 bits.
    #[inline(never)]
    pub(super) fn store(&mut self, layer: usize, part: Part, slot: usize, head: usize, values: &[i32], scale: Scale) {
        let start = self.start(layer, part, slot);
        let layout = self.layout;
        let record = bytemuck::cast_slice_mut(self.words).get_mut(start..start + layout.len).unwrap_or_default();
        let (code, factor) = code_for(kernel::largest(values), scale);
        if let Some(kept) = record.get_mut(layout.codes + head) {
            *kept = code as i8;
        }
        let bytes = record.get_mut(head * layout.head..).unwrap_or_default();
        let (bytes, _) = bytes.split_at_mut_checked(layout.head).unwrap_or_default();
        // What is beyond the values is 0.
        if let Some(last) = bytes.last_chunk_mut::<4>() {
            *last = [0; 4];
        }
        // An exponent above −1 cannot come from a code that fits.
        let shift = (-factor.exponent()).clamp(1, 31);
        kernel::fill_bytes(bytes, values, |value| {
            let rounded = (value.wrapping_mul(factor.mantissa().into()).wrapping_add(1 << (shift - 1))) >> shift;
            rounded.clamp(-128, 127).max(-127) as i8
        });
    }
}

/// The code of the smallest step with which `largest · scale` fits into a signed byte, and the factor that takes
/// elements of that scale to bytes. Numbers outside the range of codes get the nearest one.
fn code_for(largest: u32, scale: Scale) -> (u8, Scale) {
    if largest == 0 || scale.is_zero() {
        return (0, Scale::ZERO);
    }
    const PER_BYTE: Scale = Scale::of(1.0 / 127.0);
    let exact = sixteenths_of_octave(Scale::new(largest, 0).times(scale).times(PER_BYTE));
    let code = (exact + CODE_OF_ONE).clamp(0, 255) as u8;
    (code, scale.times(power(CODE_OF_ONE - i32::from(code))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: NonZeroUsize = NonZeroUsize::new(5).unwrap();

    fn config() -> Config {
        Config::llama(crate::config::Shape { n_vocab: 1, n_ctx: 5, n_layer: 2, n_head: 6, n_embd: 1 }).with(|c| {
            (c.n_kv_head, c.head_dim, c.n_ff) = (3, 6, 1);
        })
    }

    fn step(code: u32) -> Scale {
        power(code as i32 - CODE_OF_ONE)
    }

    fn real(scale: Scale) -> f64 {
        f64::from(scale.mantissa()) * f64::powi(2.0, scale.exponent())
    }

    #[test]
    fn codes_are_steps_that_just_fit() {
        for largest in [1, 100, 127, 128, 16_384, 23_170] {
            for exponent in -25..2 {
                let scale = Scale::new(48_000, exponent - 16);
                let (code, factor) = code_for(largest, scale);
                let byte = f64::from(largest) * real(factor);
                let is_end = code == 0 || code == 255;
                assert!(is_end || (121.0..127.5).contains(&byte), "{largest} {exponent}: {byte}, {code}");
                assert!((real(factor) * real(step(code.into())) / real(scale) - 1.0).abs() < 1e-4);
            }
        }
        assert_eq!(code_for(100, Scale::ZERO), (0, Scale::ZERO));
        assert_eq!(code_for(23_170, Scale::power_of_two(1000)).0, 255);
        assert_eq!(code_for(23_170, Scale::power_of_two(-1000)).0, 0);
        assert!((real(step(208)) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn heads_come_back_within_half_a_step() {
        let config = config();
        let (mut words, layout) = ([0xDEAD_BEEF; 500], RecordLayout::of(&config));
        let mut cache = KvCache::new(&config, CONTEXT, &mut words);
        let values = [-16_384, 23_170, 0, 5, -127, 9000];
        for scale in [
            Scale::power_of_two(-14),
            Scale::of(0.0007),
            Scale::ZERO,
            Scale::power_of_two(900),
            Scale::power_of_two(-900),
        ] {
            cache.store(1, Part::Value, 3, 2, &values, scale);
            let [first, second] = cache.window(1, Part::Value, 3, 5);
            assert_eq!((first.len(), second.len()), (2 * layout.len, 3 * layout.len));
            assert_eq!((layout.records(first, 2).count(), layout.records(second, 2).count()), (2, 3));
            let bytes = &first[layout.records(first, 2).start..][..8];
            let code = u32::from(first[layout.records(first, 2).code] as u8);
            assert!(bytes[6] == 0 && bytes[7] == 0 && layout.largest_code(first) >= code);
            if !(-100..100).contains(&scale.exponent()) {
                continue; // saturated
            }
            for (&byte, &value) in bytes.iter().zip(&values) {
                let error = f64::from(byte) * real(step(code)) - f64::from(value) * real(scale);
                assert!(error.abs() <= 0.51 * real(step(code)), "{value} of {scale:?}: {byte}");
            }
        }
    }

    #[test]
    fn windows_go_around_the_end() {
        let config = config();
        let mut words = [0; 500];
        let cache = KvCache::new(&config, CONTEXT, &mut words);
        let len = RecordLayout::of(&config).len;
        for (first, n, lens) in [(0, 5, [5, 0]), (4, 1, [1, 0]), (4, 2, [1, 1]), (2, 5, [3, 2]), (0, 0, [0, 0])] {
            assert_eq!(cache.window(0, Part::Key, first, n).map(<[i8]>::len), lens.map(|n| n * len));
        }
    }
}
