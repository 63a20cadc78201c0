//! The reader: keeps a session's tokens in step with the text, reusing as many of them as possible.

use super::search::MAX_PATH;
use crate::error::Refused;
use crate::part::{head, tail};
use crate::text::{BytesIn, MAX_CHUNK_BYTES, Reads};
use crate::{Logits, Model, Session, TokenId, Vocab};

/// Tokens to be taken together.
type Tokens = heapless::Vec<TokenId, MAX_PREFILL, u8>;
/// Most tokens read in a slice, however much memory the session has.
const MAX_PREFILL: usize = 8;
/// A token of running text has about three bytes; more than this times the context is read in vain.
const MAX_BYTES_PER_TOKEN: usize = 4;

/// How far a text has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// There is more to read.
    Part,
    /// All of it is read, and the logits after it are there.
    Whole,
    /// There is nothing to make logits from.
    Nothing,
}

/// A session that reads a text, and paths of tokens after it.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Reader<'b> {
    /// Bytes that the vocabulary put before the text, 0 or 1.
    prefix: u8,
    /// Whether a text that goes on may keep any of its tokens: those that may become others are not read then.
    keeps_any: bool,
    /// Tokens taken of the piece after the bytes that have been encoded.
    n_taken: u8,
    /// Bytes of the text before the first token that was read.
    start: usize,
    /// Bytes of the text that have been encoded.
    read: usize,
    /// Position of the session behind the context, once all of it was read.
    context_end: Option<usize>,
    n_step: u32,
    /// How the model reads letters.
    reads: Reads,
    session: Session<'b>,
}

impl<'b> Reader<'b> {
    /// Takes over a session; whatever text it held is forgotten.
    pub(super) fn new(session: Session<'b>, keeps_any: bool) -> Self {
        let reads = reads(session.model().vocab_ref());
        let mut new =
            Self { prefix: 0, keeps_any, n_taken: 0, start: 0, read: 0, context_end: None, n_step: 0, reads, session };
        new.restart(0);
        new
    }

    pub(super) fn session(&self) -> &Session<'b> {
        &self.session
    }

    pub(super) fn into_session(self) -> Session<'b> {
        self.session
    }

    pub(super) fn model(&self) -> &Model<'b> {
        self.session.model()
    }

    /// The logits after the token taken last.
    pub(super) fn logits(&self) -> Logits<'_> {
        self.session.logits()
    }

    /// Decode steps taken so far. Wraps.
    pub(super) fn n_step(&self) -> u32 {
        self.n_step
    }

    /// How the model reads letters.
    pub(super) fn reads(&self) -> Reads {
        self.reads
    }

    /// Whether the vocabulary puts a space before a text that was read from its beginning.
    pub(super) fn has_prefix(&self) -> bool {
        self.prefix > 0
    }

    /// Most tokens of a path, so that it does not push out the context that it goes out from.
    pub(super) fn max_path(&self) -> usize {
        MAX_PATH.min(self.session.context() / 2)
    }

    /// Goes back to where the tokens read agree with `context`; whether that is all of it, and nothing was forgotten.
    pub(super) fn align(&mut self, context: &[u8]) -> Result<bool, Refused> {
        let Some((position, offset)) = self.common_start(context) else {
            self.restart(whole_start(context, self.session.context()));
            return Ok(false);
        };
        let is_same = offset == context.len() && position == self.session.position();
        self.session.go_back(position)?;
        (self.read, self.n_taken) = (offset, 0);
        if !is_same {
            self.context_end = None;
        }
        Ok(is_same)
    }

    /// Forgets everything, takes the token that starts a text, if the vocabulary has one, and goes on reading
    /// at byte `read` of the text.
    fn restart(&mut self, read: usize) {
        let vocab = self.session.model().vocab_ref();
        let start = vocab.start_of_text();
        (self.start, self.read, self.n_taken, self.context_end) = (read, read, 0, None);
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
        let prefix = usize::from(self.prefix) * usize::from(!vocab.is_spaced(context));
        let begin = match oldest {
            0 => self.start,
            _ => (self.read + prefix.min(self.read)).checked_sub(bytes_held)?,
        };
        let mut space = (begin < prefix).then_some(b' ').into_iter();
        let mut bytes = BytesIn::new(tail(context, begin.saturating_sub(prefix)), self.reads);
        let mut common = None;
        for position in oldest..end {
            let mut is_there = |byte| space.next().or_else(|| bytes.next()) == Some(byte);
            if !vocab.iter(self.session.token(position)?).all(&mut is_there) {
                break;
            }
            // The space before a text is of its first piece, as the tokens of both depend on each other.
            if let Some(n_left) = bytes.n_left()
                && let in_text = context.len() - n_left
                && (self.keeps_any || is_piece_border(context, in_text))
                && (in_text > 0 || space.len() == prefix)
            {
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

    /// Takes the next tokens of the context in one pass.
    pub(super) fn read_some(&mut self, context: &[u8]) -> Result<Reading, Refused> {
        let tokens = self.next_tokens(context);
        if !tokens.is_empty() {
            self.session.take(&tokens)?;
            self.n_step = self.n_step.wrapping_add(tokens.len() as u32);
            if self.read < context.len() {
                return Ok(Reading::Part);
            }
        }
        self.session.reserve(self.max_path());
        if tokens.is_empty() { self.read_last_again() } else { Ok(self.finish()) }
    }

    /// Steps the last token of the context, whose logits have been overwritten by those of paths.
    pub(super) fn read_last_again(&mut self) -> Result<Reading, Refused> {
        let last = self.session.position().wrapping_sub(1);
        let Some(token) = self.session.token(last) else { return Ok(Reading::Nothing) };
        self.session.go_back(last)?;
        self.session.take(&[token])?;
        self.n_step = self.n_step.wrapping_add(1);
        Ok(self.finish())
    }

    fn finish(&mut self) -> Reading {
        self.session.finish_prefill();
        self.context_end = Some(self.session.position());
        Reading::Whole
    }

    /// The next tokens of `context`, which is encoded piece by piece; none at its end.
    #[inline(never)] // keeps the frame of a decode step small
    fn next_tokens(&mut self, context: &[u8]) -> Tokens {
        let vocab = self.session.model().vocab_ref();
        let mut tokens = Tokens::new();
        while self.read < context.len() {
            let rest = tail(context, self.read);
            let max_len = vocab.max_chunk();
            let end = (1..max_len.min(rest.len())).find(|&at| is_piece_border(rest, at));
            let end = end.unwrap_or_else(|| char_start(rest, max_len));
            let (mut piece, mut len) = ([0; MAX_CHUNK_BYTES], 0);
            for (slot, byte) in piece.iter_mut().zip(BytesIn::new(head(rest, end), self.reads)) {
                (*slot, len) = (byte, len + 1);
            }
            // As long as it can get.
            let mut room = [0; MAX_CHUNK_BYTES + 1];
            let space_prefix = self.read == 0 && vocab.has_space_prefix();
            let ids = vocab.tokens(head(&piece, len), space_prefix, &mut room).unwrap_or_default();
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

    /// Goes back to the end of the context, if a path was taken from there.
    pub(super) fn leave_path(&mut self) -> Result<(), Refused> {
        self.context_end.map_or(Ok(()), |end| self.session.go_back(end))
    }

    /// Tokens that have been taken behind the context.
    fn n_behind(&self) -> usize {
        self.context_end.map_or(0, |end| self.session.position().saturating_sub(end))
    }

    /// Goes back to what a path shares with the one taken last, if no more than `n_max` tokens have to be taken then:
    /// whether that is so. The last token is always taken, for its logits.
    pub(super) fn start_path(&mut self, path: &[TokenId], n_max: usize) -> Result<bool, Refused> {
        let end = self.context_end.unwrap_or_default();
        let is_there = |&(i, &token): &(usize, &TokenId)| self.session.token(end + i) == Some(token);
        let shared = path.iter().enumerate().take_while(is_there).count().min(path.len().saturating_sub(1));
        if path.len() - shared > n_max {
            return Ok(false);
        }
        self.session.go_back(end + shared)?;
        Ok(true)
    }

    /// Takes the next token of a path; whether it is the last one, and the logits after the path are there.
    pub(super) fn take_some(&mut self, path: &[TokenId]) -> Result<bool, Refused> {
        let at = self.n_behind();
        let &token = path.get(at).ok_or(Refused)?;
        self.take(token)?;
        let is_last = at + 1 == path.len();
        if is_last {
            self.session.finish_prefill();
        }
        Ok(is_last)
    }

    /// Takes a token behind the context.
    pub(super) fn take(&mut self, token: TokenId) -> Result<(), Refused> {
        self.n_step = self.n_step.wrapping_add(1);
        self.session.take(&[token])
    }

    /// Computes the logits after the token taken last.
    pub(super) fn compute_logits(&mut self) {
        self.session.finish_prefill();
    }
}

/// How a vocabulary reads letters: capitals as small letters if it folds case, typographic apostrophes as `'` if it has
/// no token for `’`, as the model has hardly seen any then.
fn reads(vocab: &Vocab<'_>) -> Reads {
    let is_token = vocab.tokens("\u{2019}".as_bytes(), false, &mut [0; 3]).is_some_and(|ids| ids.len() == 1);
    Reads { apostrophe: (!is_token).then_some('\''), ..vocab.reads() }
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
pub(super) fn char_start(text: &[u8], at: usize) -> usize {
    let before = head(text, at + 1);
    if before.len() <= at {
        return before.len();
    }
    before.iter().rposition(|&byte| byte >> 6 != 2).unwrap_or(at)
}
