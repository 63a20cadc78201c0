//! Keeps the session's tokens in step with the text, reusing as many of them as possible.

use super::Suggester;
use crate::TokenId;
use crate::error::Refused;
use crate::part::{head, tail};
use crate::text::small_byte;

/// Bytes of text encoded at a time; a token needs at least one.
const CHUNK: usize = 64;
/// Tokens to be taken together.
pub(super) type Tokens = heapless::Vec<TokenId, MAX_PREFILL, u8>;
/// Most tokens read in a slice, however much memory the session has.
const MAX_PREFILL: usize = 8;
/// A token of running text has about three bytes; more than this times the context is read in vain.
const MAX_BYTES_PER_TOKEN: usize = 4;

impl Suggester<'_> {
    /// Goes back to where the tokens read agree with `context`; whether that is all of it, and nothing was forgotten.
    pub(super) fn align(&mut self, context: &[u8]) -> Result<bool, Refused> {
        let end = self.session.position();
        match self.common_start(context) {
            Some((position, offset)) => {
                self.session.go_back(position)?;
                (self.read, self.n_taken) = (offset, 0);
            }
            None => self.restart(whole_start(context, self.session.context())),
        }
        Ok(self.read == context.len() && self.session.position() == end)
    }

    /// Forgets everything, takes the token that starts a text, if the vocabulary has one, and goes on reading
    /// at byte `read` of the text.
    pub(super) fn restart(&mut self, read: usize) {
        let vocab = self.session.model().vocab_ref();
        let start = vocab.start_of_text();
        (self.read, self.n_taken) = (read, 0);
        self.tree.clear();
        self.prefix = u8::from(read == 0 && vocab.has_space_prefix());
        // Position 0 can always be gone back to, and this token is in the vocabulary.
        let _ = self.session.go_back(0);
        if let Some(start) = start {
            let _ = self.session.take(&[start]);
        }
    }

    /// How far the session's tokens agree with `context`: position of the session and byte offset, at the border of
    /// a piece. `None` if it is better to begin afresh.
    #[inline(never)] // keeps the frame of a decode step small
    fn common_start(&self, context: &[u8]) -> Option<(usize, usize)> {
        let vocab = self.session.model().vocab_ref();
        let (oldest, end) = (self.session.oldest(), self.session.position());
        let len_of = |position| self.session.token(position).map_or(0, |token| vocab.token_len(token));
        let bytes_held: usize = (oldest..end - usize::from(self.n_taken)).map(len_of).sum();
        // Offsets in the text with its prefix, which is read with the first piece.
        let prefix = usize::from(self.prefix);
        let begin = (self.read + prefix.min(self.read)).checked_sub(bytes_held)?;
        let mut offset = begin;
        let mut common = None;
        for position in oldest..end {
            let is_there = |byte| {
                let at = offset.checked_sub(prefix);
                offset += 1;
                let in_context = |at: usize| match vocab.folds_case() {
                    true => small_byte(context, at),
                    false => context.get(at).copied(),
                };
                at.map_or(Some(b' '), in_context) == Some(byte)
            };
            if !vocab.iter(self.session.token(position)?).all(is_there) {
                break;
            }
            let in_text = offset.saturating_sub(prefix);
            if is_piece_border(context, in_text) {
                common = Some((position + 1, in_text));
            }
        }
        let window = self.session.context();
        common.filter(|&(position, offset)| {
            // Little is left of a text whose start has slid away, or much more has come than the window holds.
            let is_blind = begin > 0 && position - oldest <= (window / 4).max(1);
            let is_far = offset + MAX_BYTES_PER_TOKEN * window < context.len();
            !is_blind && !is_far
        })
    }

    /// The next tokens of `context`, which is encoded piece by piece; none at its end.
    #[inline(never)] // keeps the frame of a decode step small
    pub(super) fn next_tokens(&mut self, context: &[u8]) -> Tokens {
        let vocab = self.session.model().vocab_ref();
        let mut tokens = Tokens::new();
        while self.read < context.len() {
            let rest = tail(context, self.read);
            let end = (1..CHUNK.min(rest.len())).find(|&at| is_piece_border(rest, at));
            let end = end.unwrap_or_else(|| char_start(rest, CHUNK));
            let piece = head(rest, end);
            // As long as it can get.
            let mut room = [0; CHUNK + 1];
            let space_prefix = self.read == 0 && vocab.has_space_prefix();
            let ids = vocab.tokens(piece, space_prefix, &mut room).unwrap_or_default();
            for &token in tail(ids, self.n_taken.into()) {
                if tokens.len() >= self.session.n_prefill() || tokens.push(token).is_err() {
                    return tokens;
                }
                self.n_taken += 1;
            }
            self.read += end;
            self.n_taken = 0;
        }
        tokens
    }
}

/// Whether the text before `at` is encoded the same whatever follows: the end, or a single space between a
/// word and what comes next.
#[inline(never)]
fn is_piece_border(text: &[u8], at: usize) -> bool {
    match (at.checked_sub(1).and_then(|before| text.get(before)), text.get(at)) {
        (_, None) => true,
        (Some(before), Some(b' ')) => !before.is_ascii_whitespace(),
        _ => false,
    }
}

/// Where to begin reading a text that may be longer than the context can hold: before a word if there is one.
fn whole_start(text: &[u8], context: usize) -> usize {
    let skip = text.len().saturating_sub(context * MAX_BYTES_PER_TOKEN);
    let before_word = (skip..text.len()).find(|&at| at == 0 || is_piece_border(text, at));
    before_word.unwrap_or_else(|| char_start(text, skip))
}

/// `at`, or before it the start of the character that goes on there.
#[inline(never)]
fn char_start(text: &[u8], at: usize) -> usize {
    let before = head(text, at + 1);
    if before.len() <= at {
        return before.len();
    }
    before.iter().rposition(|&byte| byte >> 6 != 2).unwrap_or(at)
}
