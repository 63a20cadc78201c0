//! What a blob answers, as the device would.

use anyhow::Result;
use embedded_gpt::{Classifier, Generator, GeneratorOptions, Model, Session};

use super::{Labelled, Pair, prompt};
use crate::progress::Progress;
use crate::session_memory::SessionMemory;

/// Tokens of an answer at most.
const MAX_TOKENS: usize = 256;

/// A generator for [`answer`]: the likeliest token each time, with the letters that were learned.
fn answering(session: Session<'_>) -> Generator<'_> {
    let options = GeneratorOptions { max_tokens: MAX_TOKENS, truecasing: false, ..Default::default() };
    Generator::new(session, options)
}

/// What a model of pairs makes of an input, until the end of the text.
fn answer(generator: &mut Generator<'_>, input: &str) -> Result<String> {
    let (prompt, mut text) = (prompt(input), String::new());
    generator.restart();
    while generator.poll(&prompt, &mut text)? == embedded_gpt::Progress::Working {}
    Ok(text.trim().to_owned())
}

/// How many of the pairs a model answers with exactly their output.
///
/// # Errors
/// If the model cannot run.
pub fn exact_matches(model: &Model<'_>, pairs: &[Pair]) -> Result<usize> {
    // A model of small letters is right if it is so but for capitals.
    let folds_case = model.vocab().folds_case();
    let mut memory = SessionMemory::new(model.config(), None);
    let mut generator = answering(memory.session(model)?);
    let progress = Progress::new("answers", pairs.len());
    let mut n = 0;
    for pair in pairs {
        let given = answer(&mut generator, &pair.input)?;
        n += usize::from(if folds_case { given == pair.output.to_lowercase() } else { given == pair.output });
        progress.advance(1);
    }
    Ok(n)
}

/// Numbers of labels as the model has them, and how many of the texts get the right one.
///
/// # Errors
/// If the model has no labels.
pub fn accuracy(model: &Model<'_>, names: &[String], texts: &[Labelled]) -> Result<usize> {
    let mut memory = SessionMemory::new(model.config(), None);
    let mut classifier = Classifier::new(memory.session(model)?)?;
    let progress = Progress::new("classifying", texts.len());
    let mut n = 0;
    for Labelled { text, label } in texts {
        n += usize::from(classifier.classify(text).name == names[*label]);
        progress.advance(1);
    }
    Ok(n)
}
