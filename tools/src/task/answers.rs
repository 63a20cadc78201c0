//! What a blob answers, as the device would.

use anyhow::Result;
use embedded_gpt::{Classifier, MAX_TOKEN_BYTES, Model, Session};

use super::{Labelled, Pair, prompt};
use crate::progress::Progress;
use crate::session_memory::SessionMemory;

/// Tokens of an answer at most.
const MAX_TOKENS: usize = 256;

/// What a model of pairs makes of an input: the likeliest token each time, until the end of the text.
///
/// # Errors
/// If the vocabulary has no room for the prompt's tokens in the model.
pub fn answer(session: &mut Session<'_>, input: &str) -> Result<String> {
    let vocab = session.model().vocab();
    session.rewind(0)?;
    session.feed(vocab.start_of_text().as_slice())?;
    let prompt = prompt(input);
    let mut room = vec![0; prompt.len() + 1];
    let mut logits = session.prefill(vocab.encode(&prompt, &mut room)?)?;
    let (mut bytes, mut buffer) = (Vec::new(), [0; MAX_TOKEN_BYTES]);
    for _ in 0..MAX_TOKENS {
        let token = logits.argmax();
        if vocab.is_end_of_text(token) {
            break;
        }
        bytes.extend_from_slice(vocab.bytes(token, &mut buffer));
        logits = session.step(token)?;
    }
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

/// How many of the pairs a model answers with exactly their output.
///
/// # Errors
/// If the model cannot run.
pub fn exact_matches(model: &Model<'_>, pairs: &[Pair]) -> Result<usize> {
    // A model of small letters is right if it is so but for capitals.
    let folds_case = model.vocab().folds_case();
    let mut memory = SessionMemory::new(model.config(), None);
    let mut session = memory.session(model)?;
    let progress = Progress::new("answers", pairs.len());
    let mut n = 0;
    for pair in pairs {
        let given = answer(&mut session, &pair.input)?;
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
