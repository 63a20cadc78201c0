//! Typing a text in a script without spaces, with pieces on offer.

use anyhow::Result;
use embedded_gpt::{Model, Pieces, SuggestOptions, Suggester, Suggestion};
use rayon::prelude::*;

use super::percent::percent;
use super::suggestions::conversation;
use crate::progress::Progress;
use crate::session_memory::SessionMemory;

/// Numbers of pieces on offer.
const SLOTS: [usize; 2] = [1, 3];
/// Lines that are typed one after another, with those before them as their context.
const LINES_OF_PART: usize = 16;
/// Characters of the lines before that are kept.
const KEPT: usize = 60;

/// What typing came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Keystrokes without any help: every character, and one at the end of each line that has some.
    pub characters: usize,
    /// Keystrokes with one piece on offer, and with three.
    pub keys: [usize; SLOTS.len()],
    /// Pieces that were taken of one, and of three.
    pub taken: [usize; SLOTS.len()],
    /// How often pieces were asked for: before every keystroke but those that end lines.
    pub queries: usize,
    /// Decode steps of the queries, those that read the text included.
    pub steps: u64,
}

impl Outcome {
    fn add(mut self, other: Self) -> Self {
        self.characters += other.characters;
        for (sum, more) in self.keys.iter_mut().zip(other.keys).chain(self.taken.iter_mut().zip(other.taken)) {
            *sum += more;
        }
        self.queries += other.queries;
        self.steps += other.steps;
        self
    }

    /// Keystrokes saved in percent, with one piece on offer and with three.
    pub fn saved(&self) -> [f64; SLOTS.len()] {
        self.keys.map(|keys| 100.0 - percent(keys, self.characters))
    }

    /// Decode steps per query; 0 if there was none.
    pub fn steps_per_query(&self) -> f64 {
        self.steps as f64 / self.queries.max(1) as f64
    }
}

/// Types the lines of a text, character by character. Of the pieces on offer the longest one is taken that the text
/// goes on with.
///
/// # Errors
/// If a session with this context cannot be had.
pub fn type_lines(
    model: &Model<'_>,
    lines: &[&str],
    context: Option<usize>,
    options: SuggestOptions<'static>,
) -> Result<Outcome> {
    let progress = Progress::new("typing", lines.len());
    let parts: Vec<Outcome> = (0..lines.len())
        .step_by(LINES_OF_PART)
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|start| {
            let mut memory = SessionMemory::new(model.config(), context);
            let mut suggester = Suggester::with_keyboard(memory.session(model)?, options, Pieces);
            let end = (start + LINES_OF_PART).min(lines.len());
            let mut outcome = Outcome::default();
            for line in start..end {
                let before = last_lines(&lines[..line]);
                outcome = outcome.add(type_line(&mut suggester, &before, lines[line]));
                progress.advance(1);
            }
            Ok(outcome)
        })
        .collect::<Result<_>>()?;
    Ok(parts.into_iter().fold(Outcome::default(), Outcome::add))
}

/// The end of the lines before, as they stand before the next one; not those before a blank line.
fn last_lines(lines: &[&str]) -> String {
    let mut kept = 0;
    let is_kept = |line: &&&str| {
        kept += line.chars().count() + 1;
        kept <= KEPT && !line.is_empty()
    };
    let mut last: Vec<&str> = lines.iter().rev().take_while(is_kept).copied().collect();
    last.reverse();
    let text: String = last.iter().flat_map(|line| [line, "\n"]).collect();
    conversation(&text).to_owned()
}

fn type_line(suggester: &mut Suggester<'_, Pieces>, before: &str, line: &str) -> Outcome {
    if line.is_empty() {
        return Outcome::default();
    }
    let steps = suggester.decode_steps();
    let mut outcome = Outcome { characters: line.chars().count() + 1, keys: [1; SLOTS.len()], ..Outcome::default() };
    for (i, n_shown) in SLOTS.into_iter().enumerate() {
        let mut slots = [Suggestion::EMPTY; SLOTS[SLOTS.len() - 1]];
        let mut at = 0;
        while let Some(next) = line[at..].chars().next() {
            let found = suggester.suggest(&format!("{before}{}", &line[..at]), &mut slots[..n_shown]);
            let fitting = found.iter().map(Suggestion::as_str).filter(|piece| line[at..].starts_with(piece));
            let piece = fitting.max_by_key(|piece| piece.len());
            at += piece.map_or(next.len_utf8(), str::len);
            outcome.taken[i] += usize::from(piece.is_some());
            outcome.keys[i] += 1;
            outcome.queries += 1;
        }
    }
    outcome.steps = suggester.decode_steps().wrapping_sub(steps).into();
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob_file::BlobFile;

    const DEMO: &[u8] = include_bytes!("../../../../models/demo.egpt");

    #[test]
    fn the_context_is_the_end_of_the_conversation() {
        assert_eq!(last_lines(&["a", "", "b", "c"]), "b\nc\n");
        assert_eq!(last_lines(&[]), "");
        let long = "x".repeat(50);
        assert_eq!(last_lines(&[&long, &long]), format!("{long}\n"));
    }

    #[test]
    fn every_character_is_typed_or_saved() {
        let file = BlobFile::new(DEMO);
        let model = file.model().unwrap();
        let lines = ["theyarecoming", "今日は", ""];
        let outcome = type_lines(&model, &lines, Some(64), SuggestOptions::DEFAULT).unwrap();
        assert_eq!(outcome.characters, 14 + 4);
        for (keys, taken) in outcome.keys.into_iter().zip(outcome.taken) {
            assert!(keys + taken <= outcome.characters, "a piece saves a keystroke at least");
            assert!(keys >= 2 + taken);
        }
        assert!(outcome.keys[1] <= outcome.keys[0] && outcome.steps > 0);
        assert_eq!(outcome.queries, outcome.keys.iter().sum::<usize>() - 2 * 2, "two lines, typed twice");
        let blank = type_lines(&model, &["a", "", "", "", ""], Some(64), SuggestOptions::DEFAULT).unwrap();
        assert_eq!(blank.queries, 2);
        assert_eq!(Outcome::default().steps_per_query(), 0.0);
        let nothing = Outcome { characters: 10, keys: [10, 5], ..Outcome::default() };
        assert_eq!(nothing.saved(), [0.0, 50.0]);
    }
}
