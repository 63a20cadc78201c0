//! A class for a text: which of the labels is the likeliest after it.
//!
//! Labels are special tokens at the end of the vocabulary: [`QUESTION`], which asks for one, then one per label, named
//! [`LABEL_PREFIX`] + label + [`LABEL_SUFFIX`]. `egpt finetune --classify` puts them there and trains the model to
//! answer.

use crate::{Logits, Session, StepError, TokenId, Vocab};

/// Name of the token that asks for a label.
pub const QUESTION: &str = "<|class|>";
/// What the names of label tokens begin with.
pub const LABEL_PREFIX: &str = "<|class:";
/// What they end with.
pub const LABEL_SUFFIX: &str = "|>";
/// Tokens of the context that are not the text's: its start, the question, and the label that follows in training.
pub const TOKENS_AROUND: usize = 3;

/// Bytes of text encoded at a time; a token needs at least one.
const CHUNK: usize = 64;

/// Tells texts apart: spam or not, which of a device's commands, which mood.
///
/// Reads the beginning of a text, as much as the context holds, and compares the scores of the label tokens. The memory
/// is the session's; text generation and suggestions can use the same blob.
///
/// ```
/// use embedded_gpt::{Aligned, Classifier, Config, Model, Session, Workspace, include_model};
/// // Trained to sort orders for a house by what they are about.
/// static BLOB: &Aligned<[u8]> = include_model!("../models/orders.egpt");
/// const CONFIG: Config = Config::of(&BLOB.0);
/// let mut ram = Workspace::<{ CONFIG.kv_words(32) }, { CONFIG.scratch_words(32) }>::new();
///
/// let model = Model::parse(&BLOB.0)?;
/// let mut classifier = Classifier::new(Session::new(&model, 32, ram.buffers())?).ok_or("the model has no labels")?;
/// let class = classifier.classify("could you make it a bit brighter in the kitchen")?;
/// assert_eq!(class.name, "light");
/// assert!(class.log_prob() > -0.7, "not even as likely as all others together");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Classifier<'b> {
    session: Session<'b>,
    question: TokenId,
    n_labels: usize,
}

/// The likeliest label of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class<'b> {
    /// The label.
    pub name: &'b str,
    /// Its number among the labels, from 0.
    pub index: usize,
    log_prob: i32,
}

impl Class<'_> {
    /// Natural logarithm of the label's probability among all labels.
    pub fn log_prob(&self) -> f32 {
        self.log_prob as f32 / Logits::ONE as f32
    }
}

impl<'b> Classifier<'b> {
    /// A classifier with the labels of the session's model; `None` if that has none.
    pub fn new(session: Session<'b>) -> Option<Self> {
        let vocab = session.model().vocab_ref();
        let question = vocab.special(QUESTION)?;
        let n_labels = (0..).take_while(|&index| label(vocab, question, index).is_some()).count();
        (n_labels > 0).then_some(Self { session, question, n_labels })
    }

    /// The labels, in the order of their numbers.
    pub fn labels(&self) -> impl Iterator<Item = &'b str> {
        let (vocab, question) = (self.session.model().vocab(), self.question);
        (0..self.n_labels).filter_map(move |index| label(&vocab, question, index))
    }

    /// The likeliest label of a text.
    ///
    /// # Errors
    /// None for a model that [`Model::parse`](crate::Model::parse) accepted; the type is that of the session's steps.
    pub fn classify(&mut self, text: &str) -> Result<Class<'b>, StepError> {
        let vocab = self.session.model().vocab();
        self.session.rewind(0)?;
        self.session.feed(vocab.start_of_text().as_slice())?;
        let mut room = self.session.context().saturating_sub(TOKENS_AROUND);
        for (i, chunk) in chunks(text).enumerate() {
            let mut ids = [0; CHUNK + 1];
            let ids = if i == 0 { vocab.encode(chunk, &mut ids) } else { vocab.encode_continuation(chunk, &mut ids) };
            let ids = ids.map_or(&[][..], |ids| ids);
            let ids = ids.get(..room).unwrap_or(ids);
            self.session.feed(ids)?;
            room -= ids.len();
            if room == 0 {
                break;
            }
        }
        self.session.prefill(&[self.question])?;
        let scores = self.scores();
        let index = usize::from(scores.argmax());
        let score = scores.values().get(index).copied().unwrap_or(i32::MIN);
        let log_prob = score.saturating_sub(scores.log_sum_exp());
        Ok(Class { name: label(&vocab, self.question, index).unwrap_or_default(), index, log_prob })
    }

    /// The scores of all labels for the text that was classified last, by their numbers; meaningless before that.
    pub fn scores(&self) -> Logits<'_> {
        let first = usize::from(self.question) + 1;
        Logits::new(self.session.logits().values().get(first..first + self.n_labels).unwrap_or_default())
    }

    /// The session, to go on with something else.
    pub fn into_session(self) -> Session<'b> {
        self.session
    }
}

/// The label of a number.
fn label<'a>(vocab: &Vocab<'a>, question: TokenId, index: usize) -> Option<&'a str> {
    let token = TokenId::try_from(usize::from(question) + 1 + index).ok()?;
    vocab.special_name(token)?.strip_prefix(LABEL_PREFIX)?.strip_suffix(LABEL_SUFFIX)
}

/// The parts of a text that are encoded one by one, so that little memory is enough: at most 64 bytes each, cut before
/// spaces. Training cuts in the same places.
pub fn chunks(mut text: &str) -> impl Iterator<Item = &str> {
    core::iter::from_fn(move || {
        let (chunk, rest) = text.split_at_checked(chunk_len(text)).filter(|(chunk, _)| !chunk.is_empty())?;
        text = rest;
        Some(chunk)
    })
}

fn chunk_len(text: &str) -> usize {
    if text.len() <= CHUNK {
        return text.len();
    }
    let is_border = |&at: &usize| match (text.as_bytes().get(at - 1), text.as_bytes().get(at)) {
        (Some(before), Some(b' ')) => !before.is_ascii_whitespace(),
        _ => false,
    };
    (1..=CHUNK).rev().find(is_border).unwrap_or_else(|| text.floor_char_boundary(CHUNK))
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::vec::Vec;

    #[test]
    fn chunks_are_short_and_all_of_the_text() {
        let long = "ä".repeat(200);
        for text in ["", "a", "turn the lamp on  and off", &"one two  three ".repeat(30), &long, &" ".repeat(500)] {
            let parts: Vec<&str> = chunks(text).collect();
            assert_eq!(parts.concat(), text);
            assert!(parts.iter().all(|part| (1..=CHUNK).contains(&part.len())), "{parts:?}");
        }
        let words = "seventeen letters and more of them ".repeat(4);
        assert!(chunks(&words).skip(1).all(|part| part.starts_with(' ')));
    }
}
