//! How many decode steps queries take.

use std::collections::BTreeMap;
use std::ops::AddAssign;

/// Numbers of queries by the decode steps that they took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    counts: BTreeMap<u32, usize>,
}

impl Steps {
    /// Counts a query.
    pub fn add(&mut self, n_step: u32) {
        *self.counts.entry(n_step).or_default() += 1;
    }

    /// Mean of all queries; 0 without any.
    pub fn mean(&self) -> f64 {
        let all: f64 = self.counts.iter().map(|(&n_step, &count)| f64::from(n_step) * count as f64).sum();
        all / self.n_query().max(1) as f64
    }

    /// What this share of the queries, 0 to 1, does not exceed.
    pub fn quantile(&self, share: f64) -> u32 {
        let mut left = (self.n_query() as f64 * share).ceil() as usize;
        for (&n_step, &count) in &self.counts {
            if count >= left {
                return n_step;
            }
            left -= count;
        }
        0
    }

    fn n_query(&self) -> usize {
        self.counts.values().sum()
    }
}

impl AddAssign<&Self> for Steps {
    fn add_assign(&mut self, other: &Self) {
        for (&n_step, &count) in &other.counts {
            *self.counts.entry(n_step).or_default() += count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_quantiles_of_counted_queries() {
        let mut steps = Steps::default();
        assert_eq!((steps.mean(), steps.quantile(0.5)), (0.0, 0));
        for n_step in [1, 1, 1, 9] {
            steps.add(n_step);
        }
        steps += &steps.clone();
        assert_eq!((steps.mean(), steps.quantile(0.5), steps.quantile(0.75), steps.quantile(0.99)), (3.0, 1, 1, 9));
    }
}
