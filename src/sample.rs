//! Choosing the next token from logits.

use crate::{Logits, TokenId, ops};

/// Chooses tokens: greedily, or at random by temperature, top-k and top-p, from a seed.
///
/// The same seed and logits give the same choices on every target.
///
/// ```
/// use embedded_gpt::{Logits, Sampler};
/// let logits = Logits::new(&[0.5, 2.0, -1.0, 1.9]);
/// assert_eq!(Sampler::greedy().pick(logits), 1);
///
/// let mut sampler = Sampler::new(0.8, 7).with_top_k(2);
/// assert!((0..100).all(|_| matches!(sampler.pick(logits), 1 | 3)));
/// ```
#[derive(Clone, Debug)]
pub struct Sampler {
    temperature: f32,
    top_k: usize,
    top_p: f32,
    state: u64,
}

impl Sampler {
    /// Always the likeliest token.
    pub const fn greedy() -> Self {
        Self::new(0.0, 0)
    }

    /// Random choices: a temperature below 1 favours likely tokens, above 1 evens them out.
    ///
    /// Temperature 0, a negative one or one that is not a number is greedy.
    pub const fn new(temperature: f32, seed: u64) -> Self {
        Self { temperature, top_k: usize::MAX, top_p: 1.0, state: seed }
    }

    /// Chooses among the `k` likeliest tokens only; 0 means 1. Tokens as likely as the last of them stay in.
    #[must_use]
    pub const fn with_top_k(mut self, k: usize) -> Self {
        self.top_k = if k == 0 { 1 } else { k };
        self
    }

    /// Chooses among the fewest tokens whose probabilities reach `p` together
    /// (nucleus sampling, Holtzman et al. 2020).
    #[must_use]
    pub const fn with_top_p(mut self, p: f32) -> Self {
        self.top_p = p;
        self
    }

    /// Chooses a token. Needs no memory: works by passes over the logits, at most 70 of them.
    pub fn pick(&mut self, logits: Logits<'_>) -> TokenId {
        let best = logits.argmax();
        let values = logits.values();
        if self.temperature.is_nan() || self.temperature < f32::MIN_POSITIVE || values.is_empty() {
            return best;
        }
        let choice = Choice { values, max: values[usize::from(best)], per_unit: 1.0 / self.temperature };
        let mut floor = 0;
        if self.top_k < values.len() {
            floor = largest_key(|key| choice.count(key) >= self.top_k);
        }
        if self.top_p < 1.0 {
            let mass = choice.mass(floor) * self.top_p;
            floor = largest_key(|key| choice.mass(key) >= mass).max(floor);
        }
        choice.draw(floor, self.uniform()).unwrap_or(best)
    }

    /// Uniform in [0, 1), from SplitMix64 (Steele et al. 2014).
    fn uniform(&mut self) -> f32 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 40) as f32 / (1 << 24) as f32
    }
}

/// Unnormalised probabilities of all tokens, and subsets of them by a lower limit.
struct Choice<'s> {
    values: &'s [f32],
    max: f32,
    per_unit: f32,
}

impl Choice<'_> {
    fn weight(&self, value: f32) -> f32 {
        ops::exp((value - self.max) * self.per_unit)
    }

    fn above(&self, floor: u32) -> impl Iterator<Item = (usize, f32)> {
        self.values.iter().copied().enumerate().filter(move |&(_, value)| key(value) >= floor)
    }

    fn count(&self, floor: u32) -> usize {
        self.above(floor).count()
    }

    fn mass(&self, floor: u32) -> f32 {
        self.above(floor).map(|(_, value)| self.weight(value)).sum()
    }

    fn draw(&self, floor: u32, uniform: f32) -> Option<TokenId> {
        let mut left = self.mass(floor) * uniform;
        let mut last = None;
        for (token, value) in self.above(floor) {
            last = Some(token as TokenId);
            left -= self.weight(value);
            if left < 0.0 {
                break;
            }
        }
        last
    }
}

/// Maps floats to integers of the same order.
fn key(value: f32) -> u32 {
    let bits = value.to_bits();
    if bits >> 31 == 0 { bits | 1 << 31 } else { !bits }
}

/// Largest key that still satisfies a condition which holds for 0 and, once false, stays false.
fn largest_key(holds: impl Fn(u32) -> bool) -> u32 {
    let mut found = 0;
    for bit in (0..32).rev() {
        let candidate = found | 1 << bit;
        if holds(candidate) {
            found = candidate;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGITS: [f32; 5] = [1.0, -2.0, 3.0, 0.0, 2.5];

    fn counts(mut sampler: Sampler) -> [u32; 5] {
        let mut counts = [0; 5];
        for _ in 0..10_000 {
            counts[usize::from(sampler.pick(Logits::new(&LOGITS)))] += 1;
        }
        counts
    }

    #[test]
    fn frequencies_follow_the_softmax() {
        let mut expected = LOGITS;
        ops::softmax(&mut expected);
        for (count, p) in counts(Sampler::new(1.0, 1)).into_iter().zip(expected) {
            assert!((count as f32 / 10_000.0 - p).abs() < 0.015, "{count} for {p}");
        }
    }

    #[test]
    fn top_k_and_top_p_cut_the_tail() {
        let top_k = counts(Sampler::new(1.0, 2).with_top_k(2));
        assert!(top_k[2] > 0 && top_k[4] > 0 && top_k[2] + top_k[4] == 10_000, "{top_k:?}");
        assert_eq!(counts(Sampler::new(1.0, 3).with_top_k(0))[2], 10_000);
        let top_p = counts(Sampler::new(1.0, 4).with_top_p(0.3));
        assert_eq!(top_p[2], 10_000);
    }

    #[test]
    fn seeds_repeat_and_differ() {
        assert_eq!(counts(Sampler::new(1.0, 5)), counts(Sampler::new(1.0, 5)));
        assert_ne!(counts(Sampler::new(1.0, 5)), counts(Sampler::new(1.0, 6)));
    }

    #[test]
    fn strange_logits_and_settings_still_choose() {
        for temperature in [f32::NAN, -1.0, 0.0] {
            assert_eq!(Sampler::new(temperature, 0).pick(Logits::new(&LOGITS)), 2);
        }
        assert_eq!(Sampler::new(1.0, 0).pick(Logits::new(&[])), 0);
        let strange = [f32::NAN, f32::NEG_INFINITY, f32::NAN];
        assert!(Sampler::new(1.0, 0).with_top_p(0.5).with_top_k(1).pick(Logits::new(&strange)) < 3);
        assert_eq!(Sampler::new(1e-30, 0).pick(Logits::new(&LOGITS)), 2);
        assert_eq!(Sampler::new(1e-40, 0).pick(Logits::new(&LOGITS)), 2);
    }
}
