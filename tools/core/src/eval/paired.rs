//! How sure a difference of keystroke savings between two predictors on the same text is.
//!
//! Words of one conversation are alike, so whole documents are drawn, or lines where the text has few documents:
//! the paired bootstrap (Efron & Tibshirani 1993, "An introduction to the bootstrap", chapter 13; percentiles).

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::ksr::SLOTS;
use super::typed_text::TypedText;
use super::typing::Typing;

/// Texts drawn.
pub const N_RESAMPLES: usize = 10_000;
/// Fewest documents that are drawn as wholes.
const MIN_DOCUMENTS: usize = 30;
const SEED: u64 = 1;

/// A difference in points (percent of all keystrokes) and its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    pub points: f64,
    pub low: f64,
    pub high: f64,
}

/// Two predictors compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// Keystroke savings of the first less those of the second, per entry of [`SLOTS`].
    pub ksr: [Difference; SLOTS.len()],
    /// Units drawn.
    pub n_unit: usize,
    /// What they are: documents or lines.
    pub unit: &'static str,
}

/// What a unit of text adds.
#[derive(Clone, Copy, Debug, Default)]
struct Unit {
    n_keys: i64,
    /// Keystrokes that the first predictor saves more than the second.
    gained: [i64; SLOTS.len()],
}

/// Compares what two predictors came to on a text.
pub fn compare(text: &TypedText, first: &Typing, second: &Typing) -> Comparison {
    let n_document = text.lines().last().map_or(0, |line| line.document + 1);
    let by_document = n_document >= MIN_DOCUMENTS;
    let mut units = BTreeMap::<usize, Unit>::new();
    for (i, (line, (first, second))) in text.lines().iter().zip(first.lines.iter().zip(&second.lines)).enumerate() {
        let unit = units.entry(if by_document { line.document } else { i }).or_default();
        unit.n_keys += line.n_keys as i64;
        for (gained, (first, second)) in unit.gained.iter_mut().zip(first.saved().into_iter().zip(second.saved())) {
            *gained += first as i64 - second as i64;
        }
    }
    let units: Vec<Unit> = units.into_values().collect();
    Comparison { ksr: intervals(&units), n_unit: units.len(), unit: if by_document { "documents" } else { "lines" } }
}

fn intervals(units: &[Unit]) -> [Difference; SLOTS.len()] {
    let points = points(units.iter());
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut drawn: [Vec<f64>; SLOTS.len()] = Default::default();
    for _ in 0..N_RESAMPLES {
        let sample = units.iter().map(|_| &units[rng.random_range(0..units.len())]);
        for (all, points) in drawn.iter_mut().zip(self::points(sample)) {
            all.push(points);
        }
    }
    std::array::from_fn(|i| {
        drawn[i].sort_by(f64::total_cmp);
        let quantile = |share: f64| drawn[i][((N_RESAMPLES - 1) as f64 * share).round() as usize];
        Difference { points: points[i], low: quantile(0.025), high: quantile(0.975) }
    })
}

fn points<'u>(units: impl Iterator<Item = &'u Unit>) -> [f64; SLOTS.len()] {
    let mut sum = Unit::default();
    for unit in units {
        sum.n_keys += unit.n_keys;
        sum.gained.iter_mut().zip(unit.gained).for_each(|(sum, gained)| *sum += gained);
    }
    sum.gained.map(|gained| 100.0 * gained as f64 / sum.n_keys.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::typing::in_parts;

    /// Types a text with one word known.
    fn knows(text: &TypedText, known: &str) -> Typing {
        in_parts(text, 1, |part| part.type_words(3, &mut |_: &str, _: &str, _: usize| Ok(vec![known.to_owned()])))
            .unwrap()
    }

    #[test]
    fn the_same_predictor_differs_by_nothing() {
        let text = TypedText::new("hello you\nhello\n", None);
        let typing = knows(&text, "hello");
        let none = Difference { points: 0.0, low: 0.0, high: 0.0 };
        assert_eq!(compare(&text, &typing, &typing), Comparison { ksr: [none; 2], n_unit: 2, unit: "lines" });
    }

    #[test]
    fn a_gain_everywhere_is_certain_and_one_here_or_there_is_not() {
        let text = TypedText::new(&"hello you\n\n".repeat(40), None);
        let (hello, you, neither) = (knows(&text, "hello"), knows(&text, "you"), knows(&text, "nothing"));
        let comparison = compare(&text, &hello, &neither);
        assert_eq!((comparison.n_unit, comparison.unit), (40, "documents"));
        // "hello " in one keystroke of ten: five saved in each line.
        assert_eq!(comparison.ksr[0], Difference { points: 50.0, low: 50.0, high: 50.0 });
        assert!(compare(&text, &you, &hello).ksr[0].high < 0.0);

        let text = TypedText::new(&"hello\n\nthere\n\n".repeat(40), None);
        let difference = compare(&text, &knows(&text, "hello"), &knows(&text, "there")).ksr[0];
        assert!(difference.points == 0.0 && difference.low < -5.0 && difference.high > 5.0, "{difference:?}");
    }

    #[test]
    fn a_text_without_lines_has_no_difference() {
        let text = TypedText::new("", None);
        let nothing = knows(&text, "x");
        assert_eq!(compare(&text, &nothing, &nothing).ksr[0].points, 0.0);
    }
}
