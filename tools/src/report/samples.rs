//! What the model makes of beginnings of lines that it has not learned from.

use anyhow::Result;
use egpt_core::session_memory::SessionMemory;
use embedded_gpt::{MAX_TOKEN_BYTES, Model, Sampler, Session, Suggester, Suggestion, Truecaser};
use serde::{Deserialize, Serialize};

const N_PROMPTS: usize = 10;
const LEAST_WORDS: usize = 5;
const MOST_CHARS: usize = 80;
const N_SUGGESTIONS: usize = 3;
const MOST_TOKENS: usize = 16;

/// A line, and how far it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Prompt {
    pub typed: String,
    /// How it goes on.
    pub rest: String,
}

/// What the model offers for a prompt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sample {
    pub prompt: Prompt,
    pub suggestions: Vec<String>,
    /// The likeliest text.
    pub continuation: String,
}

/// Lines from all over the documents, each typed to its middle: to a word's start, or two letters further.
pub(super) fn prompts(documents: &[String]) -> Vec<Prompt> {
    let is_fit = |line: &&str| line.split_whitespace().count() >= LEAST_WORDS && line.chars().count() <= MOST_CHARS;
    let lines: Vec<&str> = documents.iter().flat_map(|document| document.lines()).filter(is_fit).collect();
    let step = (lines.len() / N_PROMPTS).max(1);
    let chosen = lines.into_iter().step_by(step).take(N_PROMPTS).enumerate();
    chosen.map(|(i, line)| cut(line, if i % 2 == 0 { 0 } else { 2 })).collect()
}

fn cut(line: &str, letters: usize) -> Prompt {
    let spaces: Vec<usize> = line.match_indices(' ').map(|(at, _)| at).collect();
    let start = spaces.get(spaces.len() / 2).map_or(0, |at| at + 1);
    let end = line[start..].char_indices().nth(letters).map_or(line.len(), |(at, _)| start + at);
    Prompt { typed: line[..end].to_owned(), rest: line[end..].to_owned() }
}

/// Suggestions and a continuation for each prompt.
pub(super) fn complete(model: &Model<'_>, prompts: &[Prompt]) -> Result<Vec<Sample>> {
    let sample = |prompt: &Prompt| {
        let mut memory = SessionMemory::new(model.config(), None);
        let mut suggester = Suggester::new(memory.session(model)?);
        let mut slots = [Suggestion::EMPTY; N_SUGGESTIONS];
        let found = suggester.suggest(&prompt.typed, &mut slots)?;
        let suggestions = found.iter().map(|word| word.as_str().to_owned()).collect();
        let continuation = continuation(&mut memory.session(model)?, &prompt.typed)?;
        Ok(Sample { prompt: prompt.clone(), suggestions, continuation })
    };
    prompts.iter().map(sample).collect()
}

/// The likeliest text after a text, to the end of the line at most.
fn continuation(session: &mut Session<'_>, typed: &str) -> Result<String> {
    let vocab = session.model().vocab();
    let mut room = vec![0; typed.len() + 1];
    // A space at the end belongs to the word that comes.
    let tokens = vocab.encode(typed.trim_end(), &mut room)?;
    let prompt: Vec<_> = vocab.start_of_text().into_iter().chain(tokens.iter().copied()).collect();
    let mut stream = Truecaser::after(session.model(), typed);
    let mut logits = session.prefill(&prompt)?;
    let (mut text, mut bytes) = (String::new(), [0; MAX_TOKEN_BYTES]);
    for _ in 0..MOST_TOKENS {
        let token = Sampler::greedy().pick(logits);
        if vocab.is_end_of_text(token) {
            break;
        }
        let _ = stream.push(vocab.bytes(token, &mut bytes), &mut text); // to a `String`: cannot fail
        if text.contains('\n') {
            break;
        }
        logits = session.step(token)?;
    }
    let _ = stream.finish(&mut text);
    let line = text.split('\n').next().unwrap_or_default();
    Ok(if typed.ends_with(' ') { line.trim_start().to_owned() } else { line.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_typed_to_their_middle() {
        let line = "one two three four five";
        let prompts = prompts(&[format!("too short\n{line}\n{line}"), "é ".repeat(90)]);
        let prompt = |typed: &str, rest: &str| Prompt { typed: typed.into(), rest: rest.into() };
        assert_eq!(prompts, [prompt("one two three ", "four five"), prompt("one two three fo", "ur five")]);
        assert!(super::prompts(&[]).is_empty());
    }
}
