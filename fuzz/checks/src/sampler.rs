//! A sampler chooses a token that there is, and among the likeliest ones that it may choose from.

use arbitrary::{Result, Unstructured};
use embedded_gpt::{Logits, Sampler};

use crate::limit::within;

/// Any scores, any settings.
pub fn check(input: &mut Unstructured<'_>) -> Result<()> {
    let (temperature, p): (f32, f32) = input.arbitrary()?;
    let k = input.int_in_range(0..=12)?;
    let (has_k, has_p): (bool, bool) = input.arbitrary()?;
    let mut sampler = Sampler::new(temperature, input.arbitrary()?);
    if has_k {
        sampler = sampler.with_top_k(k);
    }
    if has_p {
        sampler = sampler.with_top_p(p);
    }
    let shift = input.int_in_range(0..=28u32)?;
    let n = input.int_in_range(0..=40)?;
    let scores = (0..n).map(|_| Ok(input.arbitrary::<i32>()? >> shift)).collect::<Result<Vec<i32>>>()?;
    let mut sorted = scores.clone();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    let logits = Logits::new(&scores);
    within("log_sum_exp", || logits.log_sum_exp());
    for _ in 0..4 {
        let token = usize::from(within("pick", || sampler.pick(logits)));
        let Some(&score) = scores.get(token) else {
            assert_eq!((token, n), (0, 0));
            continue;
        };
        let least = if has_k { sorted[k.clamp(1, n) - 1] } else { i32::MIN };
        assert!(score >= least, "{score} is none of the {k} best of {scores:?}");
        // Near 0 all of the probability asked for is in the best one.
        let is_greedy = temperature.is_nan() || temperature < f32::MIN_POSITIVE || has_p && p <= 0.0;
        assert!(!is_greedy || score == sorted[0], "{score} of {scores:?} at {temperature}, {p}");
    }
    Ok(())
}
