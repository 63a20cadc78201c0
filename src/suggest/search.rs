//! Best-first search for whole words, token by token.
//!
//! The probability of a path of tokens can only fall as it grows, so the search always takes the likeliest open
//! path further. When it has found the words it was asked for and none of the open paths is
//! likelier than the last of them, nothing better is left.

use super::word::{continues_word, is_word, is_word_byte};
use super::{MAX_WORD_BYTES, Suggestion};
use crate::error::StepError;
use crate::{Logits, MAX_TOKEN_BYTES, Session, TokenId, Vocab};

/// A word and the space before it.
const MAX_TEXT_BYTES: usize = MAX_WORD_BYTES + 1;
/// Longest path in tokens that has room.
const MAX_PATH: usize = 8;
/// Open paths kept; the least likely one makes room.
const MAX_OPEN: usize = 24;

/// A path that ends here less often than this is a part of a word, like `tomor`.
const LEAST_END: f32 = 0.02;

/// A word this much less likely than the best one (natural logarithm, 1 to 200) is rather an invention, like `goinging`.
const FAR_BEHIND: f32 = 5.3;

/// Tokens from the start of the word on, not yet taken further.
#[derive(Clone, Copy, Debug, Default)]
struct Path {
    tokens: [TokenId; MAX_PATH],
    len: u8,
    /// Natural logarithm of the probability of these tokens after the context.
    log_prob: f32,
}

impl Path {
    fn tokens(&self) -> &[TokenId] {
        &self.tokens[..usize::from(self.len).min(MAX_PATH)]
    }

    fn with(mut self, token: TokenId, log_prob: f32) -> Option<Self> {
        *self.tokens.get_mut(usize::from(self.len))? = token;
        self.len += 1;
        self.log_prob += log_prob;
        Some(self)
    }
}

/// Longest path that a session has room for beside its context.
pub(super) fn longest_path(session: &Session<'_>) -> usize {
    MAX_PATH.min(session.context() / 2)
}

/// Open paths and what the search needs to take them further.
#[derive(Debug)]
pub(super) struct Search {
    /// Bytes that every path has to start with, or be the start of.
    typed: heapless::Vec<u8, MAX_TEXT_BYTES>,
    open: heapless::Vec<Path, MAX_OPEN>,
    /// Longest path in tokens.
    longest: usize,
    steps_left: usize,
}

impl Search {
    /// `typed` has at most [`MAX_WORD_BYTES`] bytes after its space.
    pub(super) fn new(typed: impl Iterator<Item = u8>, longest: usize, budget: usize) -> Self {
        let typed = typed.take(MAX_TEXT_BYTES).collect();
        Self { typed, open: heapless::Vec::new(), longest, steps_left: budget }
    }

    /// Fills `found` with the likeliest words, best first; returns how many. `logits` are those after the
    /// context, and the session is at the end of the context again afterwards.
    pub(super) fn run(mut self, session: &mut Session<'_>, found: &mut [Suggestion]) -> Result<usize, StepError> {
        let context_end = session.position();
        let mut n_found = 0;
        self.extend(&session.model().vocab(), session.logits(), Path::default(), found, &mut n_found);
        while let Some(path) = self.likeliest() {
            if path.log_prob <= least_wanted(found, n_found) || !self.advance(session, context_end, &path)? {
                break;
            }
            self.extend(&session.model().vocab(), session.logits(), path, found, &mut n_found);
        }
        session.rewind(context_end)?;
        let least = least_wanted(found, n_found);
        Ok(found[..n_found].iter().take_while(|s| s.log_prob >= least).count())
    }

    fn likeliest(&mut self) -> Option<Path> {
        let best = (0..self.open.len()).max_by(|&a, &b| self.open[a].log_prob.total_cmp(&self.open[b].log_prob))?;
        Some(self.open.swap_remove(best))
    }

    /// Brings the session to the end of `path`, reusing what it shares with the last one; false if the budget does not
    /// reach that far.
    fn advance(&mut self, session: &mut Session<'_>, context_end: usize, path: &Path) -> Result<bool, StepError> {
        let tokens = path.tokens();
        let is_there = |&(i, &token): &(usize, &TokenId)| session.token(context_end + i) == Some(token);
        // The last token is always taken anew, for its logits.
        let shared = tokens.iter().enumerate().take_while(is_there).count().min(tokens.len() - 1);
        let new = &tokens[shared..];
        if new.len() > self.steps_left {
            return Ok(false);
        }
        self.steps_left -= new.len();
        session.rewind(context_end + shared)?;
        session.prefill(new)?;
        Ok(true)
    }

    /// Reads the logits after `path`: is it a whole word, and which tokens may follow?
    fn extend(
        &mut self,
        vocab: &Vocab<'_>,
        logits: Logits<'_>,
        path: Path,
        found: &mut [Suggestion],
        n_found: &mut usize,
    ) {
        let mut text = heapless::Vec::<u8, MAX_TEXT_BYTES>::new();
        let mut buffer = [0; MAX_TOKEN_BYTES];
        for &token in path.tokens() {
            if text.extend_from_slice(vocab.bytes(token, &mut buffer)).is_err() {
                return; // longer than any word that can be offered
            }
        }
        let typed = self.typed.clone();
        let rest = typed.get(text.len()..).unwrap_or_default();
        let spaces = usize::from(text.is_empty() && typed.starts_with(b" "));
        let is_inside_word = !text.is_empty() && rest.is_empty();
        let total = logits.log_sum_exp();
        let log_prob = |logit: i32| (logit - total) as f32 / Logits::ONE as f32;
        let mut end = 0.0;
        for (token, &logit) in logits.values().iter().enumerate() {
            let token = token as TokenId;
            // Most tokens are not of the typed letters; that is quickly found out.
            if !is_inside_word && vocab.match_prefix(token, rest).is_none() {
                continue;
            }
            let bytes = vocab.bytes(token, &mut buffer);
            if is_inside_word && !continues_word(bytes) {
                end += libm::expf(log_prob(logit));
            } else if bytes.iter().skip(spaces).all(|&byte| is_word_byte(byte)) {
                self.push(path.with(token, log_prob(logit)));
            }
        }
        let word = text.strip_prefix(b" ").unwrap_or(&text);
        if rest.is_empty() && path.len > 0 && end > LEAST_END && word.len() <= MAX_WORD_BYTES && is_word(word) {
            offer(Suggestion::new(word, path.log_prob + libm::logf(end)), found, n_found);
        }
    }

    fn push(&mut self, path: Option<Path>) {
        let Some(path) = path.filter(|path| usize::from(path.len) <= self.longest) else { return };
        if self.open.push(path).is_err()
            && let Some(worst) = self.open.iter_mut().min_by(|a, b| a.log_prob.total_cmp(&b.log_prob))
            && worst.log_prob < path.log_prob
        {
            *worst = path;
        }
    }
}

/// Logarithm of the probability that another word needs at least.
fn least_wanted(found: &[Suggestion], n_found: usize) -> f32 {
    let log_prob = |i: usize| found.get(i).map_or(f32::MIN, |s| s.log_prob);
    match n_found {
        0 => f32::MIN,
        n if n == found.len() => log_prob(n - 1).max(log_prob(0) - FAR_BEHIND),
        _ => log_prob(0) - FAR_BEHIND,
    }
}

/// Puts a suggestion in its place among those found; a word that is there already keeps its better score.
fn offer(new: Suggestion, found: &mut [Suggestion], n_found: &mut usize) {
    if let Some(same) = found[..*n_found].iter().position(|s| s.as_str() == new.as_str()) {
        if found[same].log_prob >= new.log_prob {
            return;
        }
        found[same..*n_found].rotate_left(1);
        *n_found -= 1;
    }
    let place = found[..*n_found].iter().take_while(|s| s.log_prob >= new.log_prob).count();
    if place < found.len() {
        *n_found = (*n_found + 1).min(found.len());
        found[place..*n_found].rotate_right(1);
        found[place] = new;
    }
}
