//! How well the next letter is known, for devices on which letters are picked.

use std::ops::Range;

use anyhow::Result;
use embedded_gpt::{
    Logits, Model, NextLetter, NextLetters, Progress as Work, Session, SuggestOptions, Suggester, TokenId, Vocab,
};

use super::suggestions::StableStart;
use super::typed_text::{TypedText, Word};
use super::typing::{self, N_PARTS};
use crate::progress::Progress;
use crate::session_memory::SessionMemory;

/// Letters that count as near: a person has them at a glance.
const N_NEAR: usize = 5;
/// What 1 is in logits.
const LOGIT_ONE: f64 = Logits::ONE as f64;

/// What picking the letters of a text came to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Words whose letters were picked.
    pub words: usize,
    /// Letters, and the end of each word.
    pub letters: usize,
    /// What they take by the probabilities of next letters.
    pub bits: f64,
    /// What the tokens of the same words and their ends take by the model.
    pub bits_of_tokens: f64,
    /// Letters that were the likeliest ones.
    pub first: usize,
    /// Letters that were among the likeliest five.
    pub near: usize,
    /// Decode steps for them, beside reading the text.
    pub steps: u64,
}

impl Outcome {
    fn add(mut self, other: Self) -> Self {
        self.words += other.words;
        self.letters += other.letters;
        self.bits += other.bits;
        self.bits_of_tokens += other.bits_of_tokens;
        self.first += other.first;
        self.near += other.near;
        self.steps += other.steps;
        self
    }
}

/// Picks the words of a text letter by letter, with at most so many decode steps for each.
///
/// # Errors
/// If a session with this context cannot be had.
pub fn pick_text(model: &Model<'_>, text: &TypedText, context: Option<usize>, budget: u16) -> Result<Outcome> {
    let parts = typing::parts(text, N_PARTS, |words, progress| {
        let mut memory = [(); 2].map(|()| SessionMemory::new(model.config(), context));
        let [letters, tokens] = &mut memory;
        let tokens = tokens.session(model)?;
        let options = SuggestOptions { budget: 0, ..SuggestOptions::DEFAULT };
        let suggester = Suggester::new(letters.session(model)?, options);
        pick_part(suggester, tokens, text, words, budget, progress)
    })?;
    Ok(parts.into_iter().fold(Outcome::default(), Outcome::add))
}

fn pick_part(
    mut suggester: Suggester<'_>,
    mut tokens: Session<'_>,
    text: &TypedText,
    words: Range<usize>,
    budget: u16,
    progress: &Progress,
) -> Result<Outcome> {
    let mut start = StableStart::default();
    let mut letters = NextLetters::new(budget);
    let mut outcome = Outcome::default();
    for word in text.words(words) {
        let context = start.cut(word.context).to_owned();
        if let Some(picked) = pick_word(&mut suggester, &mut letters, &context, word) {
            outcome = outcome.add(picked);
            outcome.bits_of_tokens += bits_of_tokens(&suggester, &mut tokens, &context, word)?;
        }
        progress.advance(1);
    }
    Ok(outcome)
}

/// Picks a word; `None` where none can stand.
fn pick_word(
    suggester: &mut Suggester<'_>,
    letters: &mut NextLetters,
    context: &str,
    word: Word<'_>,
) -> Option<Outcome> {
    let mut outcome = Outcome { words: 1, ..Outcome::default() };
    let mut text = context.to_owned();
    for letter in word.core.chars().map(Some).chain([None]) {
        while suggester.poll(&text) == Work::Working {}
        let before = suggester.decode_steps();
        while letters.poll(suggester) == Work::Working {}
        outcome.steps += u64::from(suggester.decode_steps().wrapping_sub(before));
        let mut slots = [NextLetter::EMPTY; N_NEAR];
        let best = letters.best(&mut slots);
        if best.is_empty() && text.len() == context.len() {
            return None;
        }
        let small = letter.and_then(|c| c.to_lowercase().next());
        let rank = best.iter().position(|other| other.letter() == small);
        outcome.letters += 1;
        outcome.first += usize::from(rank == Some(0));
        outcome.near += usize::from(rank.is_some());
        outcome.bits -= f64::from(letters.log_prob(small)) / LOGIT_ONE / std::f64::consts::LN_2;
        text.extend(letter);
    }
    Some(outcome)
}

/// What the tokens of a word and its end take, once the space before it is there.
fn bits_of_tokens(suggester: &Suggester<'_>, session: &mut Session<'_>, context: &str, word: Word<'_>) -> Result<f64> {
    let model = *session.model();
    let vocab = model.vocab();
    session.rewind(0)?;
    let mut probs = probs(session.prefill(&suggester.context_tokens().collect::<Vec<TokenId>>())?);
    let has_space = context.ends_with(' ') || context.is_empty() && vocab.has_space_prefix();
    let text = format!("{}{}", if has_space { " " } else { "" }, word.core);
    let mut room = vec![0; vocab.max_tokens(text.len())];
    let starts_with_space = |&(token, _): &(usize, &f64)| vocab.first_byte(token as TokenId) == Some(b' ');
    let spaced: f64 = probs.iter().enumerate().filter(starts_with_space).map(|(_, prob)| prob).sum();
    let mut bits = if has_space { spaced.log2() } else { 0.0 };
    for &token in vocab.encode_continuation(&text, &mut room)?.iter() {
        bits -= probs[usize::from(token)].log2();
        probs = self::probs(session.step(token)?);
    }
    let ends: f64 =
        probs.iter().enumerate().filter(|(token, _)| !goes_on(&vocab, *token as TokenId)).map(|(_, p)| p).sum();
    Ok(bits - ends.log2())
}

/// Whether a word goes on with a token.
fn goes_on(vocab: &Vocab<'_>, token: TokenId) -> bool {
    let mut buffer = [0; Vocab::MAX_TOKEN_BYTES];
    let bytes = vocab.bytes(token, &mut buffer);
    let text = String::from_utf8_lossy(bytes);
    text.chars().next().is_some_and(embedded_gpt::text::is_word_char)
}

fn probs(logits: Logits<'_>) -> Vec<f64> {
    let total = f64::from(logits.log_sum_exp());
    logits.values().iter().map(|&logit| ((f64::from(logit) - total) / LOGIT_ONE).exp()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob_file::BlobFile;

    #[test]
    fn letters_take_about_the_bits_of_their_tokens() {
        let file = BlobFile::new(include_bytes!("../../../../models/demo.egpt"));
        let model = file.model().unwrap();
        let text = TypedText::new("how are you doing today\ni am fine, thank you\n", None);
        let outcome = pick_text(&model, &text, None, 20).unwrap();
        assert_eq!((outcome.words, outcome.letters), (10, 10 + 34), "{outcome:?}");
        let ratio = outcome.bits / outcome.bits_of_tokens;
        assert!((0.8..1.05).contains(&ratio), "{outcome:?}");
        assert!(outcome.first < outcome.near && outcome.near <= outcome.letters && outcome.first > 20, "{outcome:?}");
        let poor = pick_text(&model, &text, None, 1).unwrap();
        assert!(poor.bits > outcome.bits && poor.steps < outcome.steps, "{poor:?}");
    }
}
