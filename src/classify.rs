//! A class for a text: which of the labels is the likeliest after it.
//!
//! Labels are special tokens at the end of the vocabulary, after the one that asks for a label; `format::labels`
//! has their names. `egpt finetune --classify` puts them there and trains the model to answer.

use crate::format::labels::{LABEL_PREFIX, LABEL_SUFFIX, QUESTION, TOKENS_AROUND};
use crate::text::{MAX_CHUNK_BYTES, first_chunk};
use crate::{Error, Logits, Session, TokenId, Vocab};

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
/// let mut classifier = Classifier::new(Session::new(&model, 32, ram.buffers())?)?;
/// let class = classifier.classify("could you make it a bit brighter in the kitchen");
/// assert_eq!(class.name, "light");
/// assert!(class.log_prob() > -0.7, "not even as likely as all others together");
/// # Ok::<(), embedded_gpt::Error>(())
/// ```
#[derive(Debug)]
pub struct Classifier<'b> {
    session: Session<'b>,
    question: TokenId,
    n_labels: usize,
}

/// The likeliest label of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Class<'b> {
    /// The label.
    pub name: &'b str,
    /// Number of the label among all labels, from 0.
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
    /// A classifier with the labels of the session's model; whatever text the session held is forgotten.
    ///
    /// # Errors
    /// [`Error::NoLabels`] for a model that was not trained to classify.
    pub fn new(session: Session<'b>) -> Result<Self, Error> {
        let vocab = session.model().vocab_ref();
        let question = vocab.special(QUESTION).ok_or(Error::NoLabels)?;
        let n_labels = (0..).take_while(|&index| label(vocab, question, index).is_some()).count();
        if n_labels == 0 {
            return Err(Error::NoLabels);
        }
        Ok(Self { session, question, n_labels })
    }

    /// The labels, in the order of their numbers.
    pub fn labels(&self) -> impl Iterator<Item = &'b str> {
        let (vocab, question) = (self.session.model().vocab(), self.question);
        (0..self.n_labels).filter_map(move |index| label(&vocab, question, index))
    }

    /// The likeliest label of a text.
    pub fn classify(&mut self, text: &str) -> Class<'b> {
        // All tokens are from the vocabulary and position 0 can always be gone back to, so the session refuses nothing.
        let _ = self.session.go_back(0);
        let _ = self.session.take(self.session.model().vocab().start_of_text().as_slice());
        self.read(text);
        let _ = self.session.take(&[self.question]);
        self.session.finish_prefill();
        let scores = self.scores();
        let index = usize::from(scores.argmax());
        let score = scores.values().get(index).copied().unwrap_or(i32::MIN);
        let log_prob = score.saturating_sub(scores.log_sum_exp());
        let name = label(&self.session.model().vocab(), self.question, index).unwrap_or_default();
        Class { name, index, log_prob }
    }

    /// Takes the beginning of a text, as much of it as the context has room for.
    fn read(&mut self, text: &str) {
        let mut room = self.session.context().saturating_sub(TOKENS_AROUND);
        let mut rest = text;
        while !rest.is_empty() && room > 0 {
            let vocab = self.session.model().vocab_ref();
            let chunk = first_chunk(rest, vocab.max_chunk());
            let is_start = rest.len() == text.len();
            let mut ids = [0; MAX_CHUNK_BYTES + 1];
            let ids = if is_start { vocab.encode(chunk, &mut ids) } else { vocab.encode_continuation(chunk, &mut ids) };
            let ids = ids.map_or(&[][..], |ids| ids);
            let ids = ids.get(..room).unwrap_or(ids);
            let _ = self.session.take(ids);
            room -= ids.len();
            rest = rest.get(chunk.len()..).unwrap_or_default();
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Aligned, Model};

    extern crate std;
    use std::vec;

    static BLOB: &Aligned<[u8]> = crate::include_model!("../models/orders.egpt");

    #[test]
    fn tokens_that_the_session_refuses_do_no_harm() {
        let model = Model::parse(&BLOB.0).unwrap();
        let (mut kv, mut scratch) = (vec![0; model.config().kv_words(8)], vec![0; model.config().scratch_words(8)]);
        let session = Session::new(&model, 8, crate::Buffers { kv: &mut kv, scratch: &mut scratch }).unwrap();
        let mut classifier = Classifier { session, question: TokenId::MAX, n_labels: 1 };
        assert_eq!(classifier.classify("lamp on").name, "");
    }
}
