//! What becomes of words that were typed with a slip of a finger, or right.

use anyhow::{Context as _, Result, ensure};
use embedded_gpt::{Keyboard, Model, SuggestOptions, Suggester, Suggestion};
use rayon::prelude::*;

use super::folding::folded;
use crate::progress::Progress;
use crate::session_memory::SessionMemory;

/// Words shown.
const N_SHOWN: usize = 3;
/// Pairs that a thread takes at a time, with one suggester.
const CHUNK: usize = 64;

/// A word that was typed in place of another, or of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The text before it.
    pub context: String,
    /// What was typed.
    pub typed: String,
    /// What was meant.
    pub intended: String,
}

/// Reads pairs from lines of context, typed and intended word, with tabs between them.
///
/// # Errors
/// If a line has not three fields, or a word has none but spaces.
pub fn read(text: &str) -> Result<Vec<Pair>> {
    let pair = |(at, line): (usize, &str)| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [context, typed, intended] = fields[..] else {
            anyhow::bail!("line {} has {} fields: context, typed and intended word are needed", at + 1, fields.len());
        };
        ensure!(!typed.trim().is_empty() && !intended.trim().is_empty(), "line {} has no word", at + 1);
        Ok(Pair { context: context.to_owned(), typed: typed.to_owned(), intended: intended.to_owned() })
    };
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let pairs: Vec<Pair> = lines.map(pair).collect::<Result<_>>()?;
    ensure!(!pairs.is_empty(), "there are no pairs");
    Ok(pairs)
}

/// How many of the pairs came to what. Letter case does not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// All of them.
    pub pairs: usize,
    /// The intended word was shown first, once the typed one was there.
    pub first: usize,
    /// It was among three.
    pub among_three: usize,
    /// The space bar would have put it there.
    pub corrected: usize,
    /// The space bar would have put another word there.
    pub falsely_corrected: usize,
}

impl Outcome {
    fn add(mut self, other: Self) -> Self {
        self.pairs += other.pairs;
        self.first += other.first;
        self.among_three += other.among_three;
        self.corrected += other.corrected;
        self.falsely_corrected += other.falsely_corrected;
        self
    }
}

/// Types each pair's word after its context, letter by letter.
///
/// # Errors
/// If a session with this context cannot be had.
pub fn measure(
    model: &Model<'_>,
    pairs: &[Pair],
    context: Option<usize>,
    options: SuggestOptions<'static>,
    keyboard: impl Keyboard + Sync,
) -> Result<Outcome> {
    let progress = Progress::new("typing", pairs.len());
    let outcome = |chunk: &[Pair]| {
        let mut memory = SessionMemory::new(model.config(), context);
        let session = memory.session(model).context("no session of this context")?;
        let mut suggester = Suggester::with_keyboard(session, options, keyboard);
        let outcomes = chunk.iter().map(|pair| {
            progress.advance(1);
            outcome_of(&mut suggester, pair)
        });
        Ok(outcomes.fold(Outcome::default(), Outcome::add))
    };
    let outcomes: Vec<Outcome> = pairs.par_chunks(CHUNK).map(outcome).collect::<Result<_>>()?;
    Ok(outcomes.into_iter().fold(Outcome::default(), Outcome::add))
}

fn outcome_of(suggester: &mut Suggester<'_, impl Keyboard>, pair: &Pair) -> Outcome {
    let mut slots = [Suggestion::EMPTY; N_SHOWN];
    let mut shown = 0;
    let mut text = pair.context.clone();
    for letter in pair.typed.chars() {
        text.push(letter);
        shown = suggester.suggest(&text, &mut slots).len();
    }
    let is_meant = |word: &str| folded(word) == folded(&pair.intended);
    let mut shown = slots[..shown].iter().map(Suggestion::as_str);
    let correction = suggester.correction();
    let corrected = correction.as_ref().is_some_and(|word| is_meant(word.as_str()));
    Outcome {
        pairs: 1,
        first: shown.clone().next().is_some_and(is_meant).into(),
        among_three: shown.any(is_meant).into(),
        corrected: corrected.into(),
        falsely_corrected: (correction.is_some() && !corrected).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_have_three_fields() {
        let pairs = read("i saw \tteh\tthe\n\n\tHelo\tHello\n").unwrap();
        assert_eq!(pairs[0], Pair { context: "i saw ".into(), typed: "teh".into(), intended: "the".into() });
        assert_eq!((pairs.len(), pairs[1].context.as_str()), (2, ""));
        assert!(read("a\tb\n").unwrap_err().to_string().contains("line 1 has 2 fields"));
        assert!(read("a \tb\tc\na\t\tc\n").unwrap_err().to_string().contains("line 2 has no word"));
        assert!(read("\n").is_err());
    }
}
