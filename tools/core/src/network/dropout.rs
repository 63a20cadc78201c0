//! Dropout whose masks are recomputed instead of kept.

use super::math::vectorized;

/// Zeroes a share of elements and scales up the rest, as a function of a key and a place.
///
/// Forward and backward pass call the same function with the same site and get the same mask.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dropout {
    /// Share of elements set to 0; 0 switches dropout off.
    pub rate: f32,
    /// Seed of all masks of one micro-batch.
    pub key: u64,
}

impl Dropout {
    /// Whether masks do anything.
    pub fn is_on(&self) -> bool {
        self.rate > 0.0
    }

    /// Masks `x` in place; `site` tells the places of a model apart.
    pub fn apply(&self, site: u32, x: &mut [f32]) {
        if !self.is_on() {
            return;
        }
        let threshold = (f64::from(self.rate) * 4_294_967_296.0) as u32;
        let scale = 1.0 / (1.0 - self.rate);
        let key = mix(self.key as u32 ^ mix((self.key >> 32) as u32 ^ mix(site + 1)));
        vectorized(
            #[inline(always)]
            || {
                for (i, x) in x.iter_mut().enumerate() {
                    let kept = mix(i as u32 ^ key) >= threshold;
                    *x *= if kept { scale } else { 0.0 };
                }
            },
        );
    }
}

/// A 32-bit integer hash with low bias (constants of C. Wellons' `lowbias32` search).
#[inline(always)]
fn mix(mut x: u32) -> u32 {
    x = (x ^ (x >> 16)).wrapping_mul(0x7feb_352d);
    x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_the_share_and_keeps_the_mean() {
        let dropout = Dropout { rate: 0.25, key: 7 };
        let mut x = vec![1.0; 40_000];
        dropout.apply(0, &mut x);
        let dropped = x.iter().filter(|&&x| x == 0.0).count();
        assert!((9_600..10_400).contains(&dropped), "{dropped}");
        assert!(x.iter().all(|&x| x == 0.0 || x == 1.0 / 0.75));
    }

    #[test]
    fn masks_repeat_and_sites_differ() {
        let dropout = Dropout { rate: 0.5, key: 7 };
        let [mut a, mut b, mut c] = [[1.0; 64]; 3];
        dropout.apply(0, &mut a);
        dropout.apply(0, &mut b);
        dropout.apply(1, &mut c);
        assert_eq!(a, b);
        assert_ne!(a, c);
    }
}
