//! Keeps the session's tokens in step with the text, reusing as many of them as possible.

use super::Suggester;
use crate::TokenId;
use crate::error::StepError;

/// Bytes of text encoded at a time; a token needs at least one.
const CHUNK: usize = 64;
/// Tokens encoded and not yet taken.
pub(super) type Pending = heapless::Vec<TokenId, { CHUNK + 1 }, u8>;
/// A token of running text has about three bytes; more than this times the context is read in vain.
const MAX_BYTES_PER_TOKEN: usize = 4;

impl Suggester<'_> {
    /// Goes back to where the tokens read agree with `context`; whether that is all of it, and nothing was forgotten.
    pub(super) fn align(&mut self, context: &str) -> Result<bool, StepError> {
        let vocab = self.session.model().vocab_ref();
        let waiting: usize = self.pending.iter().map(|&token| vocab.token_len(token)).sum();
        self.read = self.read.saturating_sub(waiting);
        self.pending.clear();
        let end = self.session.position();
        match self.common_start(context) {
            Some((position, offset)) => {
                self.session.rewind(position)?;
                self.read = offset;
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
        self.read = read;
        self.tree.clear();
        self.prefix = usize::from(read == 0 && vocab.has_space_prefix());
        // Position 0 can always be gone back to, and this token is in the vocabulary.
        let _ = self.session.rewind(0);
        if let Some(start) = start {
            let _ = self.session.feed(&[start]);
        }
    }

    /// How far the session's tokens agree with `context`: position of the session and byte offset, at the border of
    /// a piece. `None` if it is better to begin afresh.
    #[inline(never)] // keeps the frame of a decode step small
    fn common_start(&self, context: &str) -> Option<(usize, usize)> {
        let vocab = self.session.model().vocab_ref();
        let held = self.session.oldest()..self.session.position();
        let bytes_held = held.clone().filter_map(|p| self.session.token(p)).map(|token| vocab.token_len(token));
        let begin = (self.read + self.prefix).checked_sub(bytes_held.sum())?;
        let mut offset = begin; // in the text with its prefix
        let mut common = None;
        for position in held.clone() {
            let is_there = |byte| {
                let at = offset.checked_sub(self.prefix);
                offset += 1;
                at.map_or(Some(&b' '), |at| context.as_bytes().get(at)) == Some(&byte)
            };
            if !vocab.iter(self.session.token(position)?).all(is_there) {
                break;
            }
            let in_text = offset.saturating_sub(self.prefix);
            if is_piece_border(context, in_text) {
                common = Some((position + 1, in_text));
            }
        }
        let window = self.session.context();
        common.filter(|&(position, offset)| {
            // Little is left of a text whose start has slid away, or much more has come than the window holds.
            let is_blind = begin > 0 && position - held.start <= (window / 4).max(1);
            let is_far = offset < context.len().saturating_sub(MAX_BYTES_PER_TOKEN * window);
            !is_blind && !is_far
        })
    }

    /// Whether tokens of the context are still to be taken.
    pub(super) fn has_more(&self, context: &str) -> bool {
        self.read < context.len() || !self.pending.is_empty()
    }

    /// The next token of `context`, which is encoded piece by piece.
    #[inline(never)] // keeps the frame of a decode step small
    pub(super) fn next_token(&mut self, context: &str) -> Option<TokenId> {
        while self.pending.is_empty() && self.read < context.len() {
            let rest = context.get(self.read..).unwrap_or_default();
            let border = (1..=rest.len()).find(|&at| is_piece_border(rest, at)).unwrap_or(rest.len());
            let mut end = border.min(CHUNK);
            while !rest.is_char_boundary(end) {
                end -= 1;
            }
            let chunk = rest.get(..end).unwrap_or_default();
            let vocab = self.session.model().vocab_ref();
            // As long as it can get; the vocabulary writes into it.
            let _ = self.pending.resize_default(CHUNK + 1);
            let ids = match self.read {
                0 => vocab.encode(chunk, &mut self.pending),
                _ => vocab.encode_continuation(chunk, &mut self.pending),
            };
            let n = ids.map_or(0, |ids| ids.len());
            self.pending.truncate(n);
            // The next one last.
            self.pending.reverse();
            self.read += end;
        }
        self.pending.pop()
    }
}

/// Whether the text before `at` is encoded the same whatever follows: the end, or a single space between a
/// word and what comes next.
fn is_piece_border(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    match (at.checked_sub(1).and_then(|before| bytes.get(before)), bytes.get(at)) {
        (_, None) => true,
        (Some(before), Some(b' ')) => !before.is_ascii_whitespace(),
        _ => false,
    }
}

/// Where to begin reading a text that may be longer than the context can hold: before a word if there is one.
fn whole_start(text: &str, context: usize) -> usize {
    let skip = text.len().saturating_sub(context * MAX_BYTES_PER_TOKEN);
    let before_word = (skip..text.len()).find(|&at| at == 0 || is_piece_border(text, at));
    before_word.unwrap_or_else(|| text.ceil_char_boundary(skip))
}
