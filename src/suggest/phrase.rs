//! A phrase: the words after an offered one, for as long as the model is sure of them.

use super::log_prob::{LN_2, LogProb, NEVER, exp, ln, log_probs};
use super::mark::Mark;
use super::matcher::Keyboard;
use super::suggester::Suggester;
use super::suggestion::Suggestion;
use super::word_rule::{is_word, is_word_byte};
use crate::lexicon::{Listed, Spelling, listed};
use crate::part::sides;
use crate::text::{BytesIn, MAX_WORD_BYTES, Reads, Text};
use crate::{Logits, Progress, TokenId, Vocab};

/// Longest phrase, in bytes.
const MAX_PHRASE_BYTES: usize = 63;
/// ln 100 in units of 2⁻¹⁶.
const LN_100: LogProb = 301_804;

/// How far a [`Phrase`] goes. Change the fields of [`DEFAULT`](Self::DEFAULT) that matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhraseOptions {
    /// The whole phrase is at least so probable, 0 to 100, among all that may follow.
    pub min_percent: u8,
    /// The phrase has at most so many words, the first one included.
    pub max_words: u8,
}

impl PhraseOptions {
    /// At most 4 words, which are right in one case of five or more.
    pub const DEFAULT: Self = Self { min_percent: 20, max_words: 4 };
}

impl Default for PhraseOptions {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// An offered word with the words that follow it, so that one keystroke writes all of them.
///
/// It grows by greedy choice, while it is as probable as its [options](PhraseOptions) say. It takes the decode
/// steps of its tokens, one in each [`poll`](Self::poll), and at most 8, so it is best asked for while the person
/// thinks. The suggester keeps its words meanwhile, and what it computed for them.
///
/// ```
/// use embedded_gpt::{Phrase, PhraseOptions, Progress, Session, SuggestOptions, Suggester, Suggestion};
/// # use embedded_gpt::{Aligned, Config, Model, Workspace};
/// # static BLOB: &Aligned<[u8]> = embedded_gpt::include_model!("../../models/demo.egpt");
/// # const CONFIG: Config = Config::of(&BLOB.0);
/// # let mut ram = Workspace::<{ CONFIG.kv_words(64) }, { CONFIG.scratch_words(64) }>::new();
/// # let model = Model::parse(&BLOB.0)?;
/// # let mut suggester = Suggester::new(Session::new(&model, 64, ram.buffers())?, SuggestOptions::DEFAULT);
/// let mut slots = [Suggestion::EMPTY; 3];
/// let words = suggester.suggest("how a", &mut slots);
/// let mut phrase = Phrase::after(&words[0], PhraseOptions { min_percent: 10, ..PhraseOptions::DEFAULT });
/// while phrase.poll(&mut suggester) == Progress::Working {}
/// assert!(phrase.as_str().starts_with("are you"));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Phrase {
    text: heapless::Vec<u8, MAX_PHRASE_BYTES, u8>,
    /// Bytes of the first word.
    first: u8,
    /// Bytes of the words that are complete.
    whole: u8,
    n_words: u8,
    options: PhraseOptions,
    /// Tokens of it that have been taken.
    n_taken: u8,
    is_done: bool,
    /// The token to take next, once the first word has been taken.
    next: Option<TokenId>,
    /// Logarithm of the probability of the tokens so far.
    log_prob: LogProb,
    /// The text that it goes on from.
    mark: Option<Mark>,
}

/// What may come after the tokens so far.
struct Next {
    /// The likeliest token that goes on with the word.
    inside: (TokenId, LogProb),
    /// The likeliest one that starts another word after a space.
    after: (TokenId, LogProb),
    /// Logarithm of the probability that the word ends.
    end: LogProb,
}

impl Phrase {
    /// Longest phrase, in bytes.
    pub const MAX_BYTES: usize = MAX_PHRASE_BYTES;

    /// A phrase that begins with a word that the suggester offers for the text at hand.
    pub fn after(word: &Suggestion, options: PhraseOptions) -> Self {
        let mut text = heapless::Vec::new();
        // There is room for every word.
        let _ = text.extend_from_slice(word.as_str().as_bytes());
        let len = text.len() as u8;
        Self {
            text,
            first: len,
            whole: len,
            n_words: 1,
            options,
            n_taken: 0,
            is_done: len == 0,
            next: None,
            log_prob: ln_percent(word.percent()),
            mark: None,
        }
    }

    /// The whole phrase, the first word included; empty while there is no more than that word.
    pub fn as_str(&self) -> &str {
        let bytes = self.text.get(..usize::from(self.whole)).unwrap_or_default();
        if self.n_words < 2 { "" } else { core::str::from_utf8(bytes).unwrap_or_default() }
    }

    /// Takes one token further, with the suggester that offered the word and has finished its search.
    ///
    /// There is nothing more to do once another text was given to the suggester.
    pub fn poll(&mut self, suggester: &mut Suggester<'_, impl Keyboard>) -> Progress {
        let is_mine = self.n_taken > 0 && self.mark.is_some() && suggester.text_aside() == self.mark;
        if self.n_taken == 0 {
            self.mark = suggester.text_at_rest();
        }
        let is_ready = is_mine || self.n_taken == 0 && self.mark.is_some();
        let is_sure = self.log_prob >= ln_percent(self.options.min_percent);
        if !self.is_done
            && is_ready
            && is_sure
            && usize::from(self.n_taken) < suggester.max_path()
            && let Some((token, is_last)) = self.next_token(suggester)
        {
            suggester.take_aside(token, is_last);
            self.n_taken += 1;
            if is_last {
                self.choose(suggester);
            }
            if !self.is_done {
                return Progress::Working;
            }
        } else if !is_mine {
            self.is_done = true;
            return Progress::Done;
        }
        self.is_done = true;
        suggester.end_aside();
        Progress::Done
    }

    /// The next token, and whether what follows it is to be chosen.
    fn next_token(&mut self, suggester: &Suggester<'_, impl Keyboard>) -> Option<(TokenId, bool)> {
        if let Some(token) = self.next.take() {
            return Some((token, true));
        }
        let mut ids = [0; MAX_WORD_BYTES + 1];
        let mut word = Text::new();
        let space = suggester.has_space().then_some(b' ');
        let first = self.text.get(..usize::from(self.first))?;
        // There is room for every offered word.
        let _ = space.into_iter().chain(BytesIn::new(first, suggester.reader().reads())).all(|byte| word.push(byte));
        let path = suggester.model().vocab_ref().tokens(&word, false, &mut ids)?;
        let token = *path.get(usize::from(self.n_taken))?;
        Some((token, usize::from(self.n_taken) + 1 == path.len()))
    }

    /// Goes on with the likeliest token after those taken, or ends the phrase.
    fn choose(&mut self, suggester: &Suggester<'_, impl Keyboard>) {
        let vocab = suggester.model().vocab_ref();
        let next = read_next(vocab, suggester.reader().logits());
        let min = ln_percent(self.options.min_percent);
        let is_in_first = self.text.len() == usize::from(self.first);
        // The first word is as it was offered, and its end is in its probability.
        let goes_on = !is_in_first && next.inside.1 > next.end;
        if !goes_on && !is_in_first && (self.log_prob + next.end < min || !self.complete(suggester)) {
            self.is_done = true;
            return;
        }
        let (token, log_prob) = if goes_on { next.inside } else { next.after };
        self.log_prob += if is_in_first { log_prob - next.end } else { log_prob };
        let is_sure = self.log_prob >= min && self.n_words < self.options.max_words;
        self.is_done = !(is_sure && self.append(vocab, token, goes_on));
        self.next = Some(token);
    }

    /// Adds a token's bytes; whether there is room and they are nothing but a word's.
    fn append(&mut self, vocab: &Vocab<'_>, token: TokenId, goes_on: bool) -> bool {
        vocab.iter(token).enumerate().all(|(i, byte)| {
            let belongs = is_word_byte(byte) || (i == 0 && !goes_on);
            belongs && self.text.push(byte).is_ok()
        })
    }

    /// Counts the word at the end as complete; false if it is none, or blocked.
    fn complete(&mut self, suggester: &Suggester<'_, impl Keyboard>) -> bool {
        let start = usize::from(self.whole) + 1;
        let (others, word) = sides(&self.text, start);
        if !is_word(word) || suggester.blocks_after(others, word) {
            return false;
        }
        let model = suggester.model();
        if let Some(Listed { capitals, .. }) = listed(model.vocab_ref(), model.words_ref(), word, Reads::AS_WRITTEN) {
            let spelling = Spelling { capitals, language: model.vocab_ref().language(), apostrophe: None };
            let mut written = Text::new();
            if spelling.write(word, 0, &mut written) {
                self.text.truncate(start);
                if self.text.extend_from_slice(&written).is_err() {
                    return false;
                }
            }
        }
        self.whole = self.text.len() as u8;
        self.n_words += 1;
        true
    }
}

fn read_next(vocab: &Vocab<'_>, logits: Logits<'_>) -> Next {
    let mut next = Next { inside: (0, NEVER), after: (0, NEVER), end: 0 };
    let mut end = 0u32;
    for (token, log_prob) in log_probs(logits) {
        let first = vocab.first_byte(token).unwrap_or_default();
        let is_inside = is_word_byte(first);
        if !is_inside {
            end = end.saturating_add(exp(log_prob) >> 1);
        }
        let best = if is_inside { &mut next.inside } else { &mut next.after };
        if log_prob > best.1 && (is_inside || first == b' ') {
            *best = (token, log_prob);
        }
    }
    next.end = (ln(end) + LN_2).min(0);
    next
}

/// Logarithm of a percentage.
fn ln_percent(percent: u8) -> LogProb {
    super::log_prob::ln_of(percent.into()) - LN_100
}
