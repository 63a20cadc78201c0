//! Keeps the session's tokens in step with the text, re-using as many of them as possible.

use super::Suggester;
use crate::error::StepError;
use crate::{MAX_TOKEN_BYTES, TokenId};

/// Bytes of text encoded at a time; a token needs at least one.
const CHUNK: usize = 64;

impl Suggester<'_> {
    /// Makes the session hold `context` and its logits; false if there is nothing to make logits from.
    pub(super) fn read_context(&mut self, context: &str) -> Result<bool, StepError> {
        let (position, offset) = self.common_start(context);
        if position == self.session.oldest() {
            self.restart();
            self.read = whole_start(context, self.session.context());
        } else {
            self.session.rewind(position)?;
            self.read = offset;
        }
        self.feed(context)?;
        // The logits of the last token are needed; a search may have overwritten them.
        let Some(last) = self.session.position().checked_sub(1).and_then(|at| self.session.token(at)) else {
            return Ok(false);
        };
        self.session.rewind(self.session.position() - 1)?;
        self.session.step(last)?;
        Ok(true)
    }

    /// Forgets everything, and takes the token that starts a text, if the vocabulary has one.
    pub(super) fn restart(&mut self) {
        self.read = 0;
        // Position 0 can always be gone back to, and these tokens are in the vocabulary.
        let _ = self.session.rewind(0);
        let vocab = self.session.model().vocab();
        if let Some(start) = vocab.bos().or(vocab.end_of_text()) {
            let _ = self.session.feed(&[start]);
        }
    }

    /// How far the session's tokens agree with `context`: position of the session and byte offset, at the border of a piece.
    fn common_start(&self, context: &str) -> (usize, usize) {
        let vocab = self.session.model().vocab();
        let held = self.session.oldest()..self.session.position();
        let bytes_held = held.clone().filter_map(|p| self.session.token(p)).map(|token| vocab.token_len(token));
        let none = (held.start, 0);
        let Some(mut offset) = self.read.checked_sub(bytes_held.sum()) else { return none };
        let mut common = none;
        let mut buffer = [0; MAX_TOKEN_BYTES];
        for position in held.clone() {
            let Some(token) = self.session.token(position) else { break };
            let bytes = vocab.bytes(token, &mut buffer);
            if !context.as_bytes().get(offset..).unwrap_or_default().starts_with(bytes) {
                break;
            }
            offset += bytes.len();
            if is_piece_border(context, offset) {
                common = (position + 1, offset);
            }
        }
        common
    }

    /// Takes the tokens of the rest of `context`, piece by piece.
    fn feed(&mut self, context: &str) -> Result<(), StepError> {
        while self.read < context.len() {
            let rest = context.get(self.read..).unwrap_or_default();
            let border = (1..=rest.len()).find(|&at| is_piece_border(rest, at)).unwrap_or(rest.len());
            let mut end = border.min(CHUNK);
            while !rest.is_char_boundary(end) {
                end -= 1;
            }
            let mut ids: [TokenId; CHUNK] = [0; CHUNK];
            let chunk = rest.get(..end).unwrap_or_default();
            let Ok(ids) = self.session.model().vocab().encode_continuation(chunk, &mut ids) else { break };
            self.session.feed(ids)?;
            self.read += end;
        }
        Ok(())
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

/// Where to begin reading a text that may be longer than the context can hold.
fn whole_start(text: &str, context: usize) -> usize {
    // A token of running text has about three bytes; more than the window is read in vain.
    let skip = text.len().saturating_sub(context * 4);
    (skip..text.len()).find(|&at| at == 0 || is_piece_border(text, at)).unwrap_or(text.len())
}
