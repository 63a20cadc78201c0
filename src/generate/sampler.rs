//! Choosing the next token from logits.

use crate::fixed::{LOG2_E, Scale, exp2_neg_fine, mul17};
use crate::{Logits, TokenId};

/// Chooses tokens: greedily, or at random by temperature, top-k and top-p, from a seed.
///
/// The same seed and logits give the same choices on every target.
///
/// ```
/// use embedded_gpt::{Logits, Sampler};
/// let scores = [0.5, 2.0, -1.0, 1.9].map(|score| (score * Logits::ONE as f32) as i32);
/// assert_eq!(Sampler::greedy().pick(Logits::new(&scores)), 1);
///
/// let mut sampler = Sampler::new(0.8, 7).with_top_k(2);
/// assert!((0..100).all(|_| matches!(sampler.pick(Logits::new(&scores)), 1 | 3)));
/// ```
#[derive(Clone, Debug)]
pub struct Sampler {
    /// What scores are multiplied by to become logarithms to base 2 of probabilities; `None` is greedy.
    per_unit: Option<Scale>,
    top_k: usize,
    /// Probability that the chosen tokens reach together, in units of 2⁻³²; `None` is 1.
    top_p: Option<u32>,
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
        // By bits: the comparison of floats is a function call on small cores.
        let per_unit = match temperature.to_bits() {
            INFINITE => Some(Scale::power_of_two(-100)),
            SMALLEST_NORMAL..INFINITE => Some(Scale::of_f32(temperature).inverse().times(LOG2_E)),
            _ => None,
        };
        Self { per_unit, top_k: usize::MAX, top_p: None, state: seed }
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
        self.top_p = match p.to_bits() {
            bits if bits < ONE => Some(Scale::of_f32(p).fraction()),
            NEGATIVE..=NEGATIVE_INFINITE => Some(0),
            _ => None,
        };
        self
    }

    /// Chooses a token. Needs no memory: works by passes over the logits, at most 20 of them.
    pub fn pick(&mut self, logits: Logits<'_>) -> TokenId {
        let best = logits.argmax();
        let (Some(per_unit), Some(&most)) = (self.per_unit, logits.values().get(usize::from(best))) else {
            return best;
        };
        let choice = Choice::new(logits.values(), most, per_unit);
        let mut depth = u32::MAX;
        if self.top_k < choice.values.len() {
            depth = choice.depth_of(self.top_k as u64, false);
        }
        if let Some(p) = self.top_p {
            let mass = portion(choice.mass(depth), p);
            depth = depth.min(choice.depth_of(mass, true));
        }
        choice.draw(depth, self.random()).unwrap_or(best)
    }

    /// Uniform in all 32 bits, from SplitMix64 (Steele et al. 2014).
    fn random(&mut self) -> u32 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 32) as u32
    }
}

const SMALLEST_NORMAL: u32 = 0x0080_0000;
const ONE: u32 = 1f32.to_bits();
const INFINITE: u32 = f32::INFINITY.to_bits();
const NEGATIVE: u32 = (-0f32).to_bits();
const NEGATIVE_INFINITE: u32 = f32::NEG_INFINITY.to_bits();

/// Values of a digit, in which depths are sought.
const N_DIGIT: usize = 16;
const DIGIT_BITS: u32 = N_DIGIT.ilog2();

/// Unnormalised probabilities of all tokens, and subsets of them: those at most `depth` below the best.
struct Choice<'s> {
    values: &'s [i32],
    most: i32,
    mantissa: u16,
    left: u32,
    right: u32,
}

impl<'s> Choice<'s> {
    fn new(values: &'s [i32], most: i32, per_unit: Scale) -> Self {
        let right = -17 - per_unit.exponent();
        let (left, right) = ((-right).clamp(0, 30) as u32, right.clamp(0, 31) as u32);
        Self { values, most, mantissa: per_unit.mantissa(), left, right }
    }

    /// Weight of the tokens at a depth in units of 2⁻³¹; the likeliest token has 1.
    fn weight(&self, depth: u32) -> u64 {
        let depth = depth.min(i32::MAX as u32);
        // What would overflow is less than 2⁻⁸⁰⁰⁰.
        if self.left > 0 && depth >> (30 - self.left) != 0 {
            return 0;
        }
        exp2_neg_fine((mul17((depth << self.left) as i32, self.mantissa) >> self.right) as u32).into()
    }

    /// Tokens and their distances from the best.
    fn within(&self, depth: u32) -> impl Iterator<Item = (usize, u32)> {
        let depths = self.values.iter().map(|&value| self.most.abs_diff(value));
        depths.enumerate().filter(move |&(_, d)| d <= depth)
    }

    /// The smallest depth within which tokens are `enough` together, by weight or by number. Found digit by digit from
    /// the highest one.
    #[inline(never)]
    fn depth_of(&self, mut enough: u64, by_weight: bool) -> u32 {
        let mut depth = 0u32;
        let mut shift = u32::BITS;
        while shift > 0 {
            shift -= DIGIT_BITS;
            // Tokens with the higher digits that were found, by this one. Others have a difference beyond 15.
            // In halves: to clear numbers of 64 bits takes a function of its own on small cores.
            let mut sums = [[0u32; 2]; N_DIGIT];
            for (_, d) in self.within(u32::MAX) {
                if let Some(sum) = sums.get_mut((d.wrapping_sub(depth) >> shift) as usize) {
                    *sum = halves(whole(sum) + if by_weight { self.weight(d) } else { 1 });
                }
            }
            for sum in &sums {
                let sum = whole(sum);
                if sum >= enough {
                    break;
                }
                enough -= sum;
                depth = depth.wrapping_add(1 << shift);
            }
        }
        depth
    }

    #[inline(never)]
    fn mass(&self, depth: u32) -> u64 {
        self.within(depth).map(|(_, d)| self.weight(d)).sum()
    }

    fn draw(&self, depth: u32, random: u32) -> Option<TokenId> {
        let mut left = portion(self.mass(depth), random);
        for (token, d) in self.within(depth) {
            let weight = self.weight(d);
            if left < weight {
                return Some(token as TokenId);
            }
            left -= weight;
        }
        None
    }
}

/// A number from its lower and its upper half.
fn whole([low, high]: &[u32; 2]) -> u64 {
    u64::from(*high) << 32 | u64::from(*low)
}

fn halves(number: u64) -> [u32; 2] {
    [number as u32, (number >> 32) as u32]
}

/// `⌊whole · fraction / 2³²⌋`, at most a unit less.
fn portion(whole: u64, fraction: u32) -> u64 {
    let fraction = u64::from(fraction);
    (whole >> 32) * fraction + (((whole & 0xFFFF_FFFF) * fraction) >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGITS: [i32; 5] = [1 << 16, -2 << 16, 3 << 16, 0, 5 << 15];

    fn counts_of(mut sampler: Sampler, logits: &[i32; 5]) -> [u32; 5] {
        let mut counts = [0; 5];
        for _ in 0..10_000 {
            counts[usize::from(sampler.pick(Logits::new(logits)))] += 1;
        }
        counts
    }

    fn counts(sampler: Sampler) -> [u32; 5] {
        counts_of(sampler, &LOGITS)
    }

    #[test]
    fn frequencies_follow_the_softmax() {
        for temperature in [1.0, 0.3, 4.0, f32::INFINITY] {
            let weights = LOGITS.map(|v| (f64::from(v) / 65_536.0 / f64::from(temperature)).exp());
            let total: f64 = weights.iter().sum();
            for (count, weight) in counts(Sampler::new(temperature, 1)).into_iter().zip(weights) {
                let p = weight / total;
                assert!((f64::from(count) / 10_000.0 - p).abs() < 0.015, "{count} for {p} at {temperature}");
            }
        }
    }

    #[test]
    fn top_k_and_top_p_cut_the_tail() {
        let top_k = counts(Sampler::new(1.0, 2).with_top_k(2));
        assert!(top_k[2] > 0 && top_k[4] > 0 && top_k[2] + top_k[4] == 10_000, "{top_k:?}");
        assert_eq!(counts(Sampler::new(1.0, 3).with_top_k(0))[2], 10_000);
        for p in [0.3, 0.0, -0.0, -1.0, 1e-40, f32::NEG_INFINITY] {
            assert_eq!(counts(Sampler::new(1.0, 4).with_top_p(p))[2], 10_000, "{p}");
        }
        let top_p = counts(Sampler::new(1.0, 4).with_top_p(0.7));
        assert!(top_p[2] > 0 && top_p[4] > 0 && top_p[2] + top_p[4] == 10_000, "{top_p:?}");
        for p in [1.0, 2.0, f32::NAN, f32::INFINITY] {
            assert_eq!(counts(Sampler::new(1.0, 4).with_top_p(p)), counts(Sampler::new(1.0, 4)), "{p}");
        }
    }

    #[test]
    fn seeds_repeat_and_differ() {
        assert_eq!(counts(Sampler::new(1.0, 5)), counts(Sampler::new(1.0, 5)));
        assert_ne!(counts(Sampler::new(1.0, 5)), counts(Sampler::new(1.0, 6)));
    }

    #[test]
    fn strange_logits_and_settings_still_choose() {
        for temperature in [f32::NAN, -f32::NAN, -1.0, 0.0, 1e-40, f32::NEG_INFINITY] {
            assert_eq!(Sampler::new(temperature, 0).pick(Logits::new(&LOGITS)), 2);
        }
        assert_eq!(Sampler::new(1.0, 0).pick(Logits::new(&[])), 0);
        let strange = [i32::MIN, i32::MAX, i32::MIN, i32::MAX, 0];
        let counts = counts_of(Sampler::new(1.0, 0).with_top_p(0.9).with_top_k(3), &strange);
        assert_eq!(counts[1] + counts[3], 10_000);
        assert_eq!(Sampler::new(1e-30, 0).pick(Logits::new(&LOGITS)), 2);
        let counts = counts_of(Sampler::new(1e-30, 0), &strange);
        assert!(counts[1] > 4800 && counts[3] > 4800);
        assert!(counts_of(Sampler::new(1e30, 0), &strange).iter().all(|&n| n > 1900));
    }

    #[test]
    fn the_depth_of_a_number_of_tokens_is_that_of_a_sorted_list() {
        let values: [i32; 500] = core::array::from_fn(|i| (i as i32 * 37 % 251).wrapping_mul(123_456_789) >> (i % 31));
        let most = values.into_iter().max().unwrap();
        let choice = Choice::new(&values, most, Scale::power_of_two(-16));
        let mut depths = values.map(|value| most.abs_diff(value));
        depths.sort_unstable();
        for (i, depth) in depths.into_iter().enumerate() {
            assert_eq!(choice.depth_of(i as u64 + 1, false), depth);
            let mass = choice.mass(depth);
            assert!(choice.mass(choice.depth_of(mass, true)) == mass);
        }
        assert_eq!(choice.depth_of(0, false), 0);
    }

    #[test]
    fn a_portion_rounds_down() {
        assert_eq!(
            (portion(1 << 40, 1 << 31), portion(u64::MAX, u32::MAX), portion(7, 0)),
            (1 << 39, u64::MAX - (1 << 32), 0)
        );
    }
}
