//! From text to tokens: pre-tokenize, split into base tokens, join pairs by rank.

use super::parse::pair_key;
use super::pretokenize::{gpt2_piece, word_piece};
use super::{Kind, PreTokenizer, Vocab, flag};
use crate::TokenId;
use crate::error::CapacityError;
use crate::text::{BytesIn, decode, small};

impl Vocab<'_> {
    /// Encodes a text from its beginning, and returns the part of `out` that holds the tokens.
    ///
    /// Any bytes will do: one that is not UTF-8 becomes a byte token. Names of special tokens are text like any
    /// other. If the vocabulary asks for it, a space is put before the text
    /// ([`has_space_prefix`](Vocab::has_space_prefix)), and capitals become small letters
    /// ([`folds_case`](Vocab::folds_case)).
    ///
    /// The tokens of a piece (usually a word) are joined in `out` itself: a piece of `p` bytes takes at most
    /// `p²/2` searches of the merge table, and `p` is never more than the length of `out`.
    ///
    /// # Errors
    /// [`CapacityError`] if `out` is too small for the tokens, or for the last piece before its
    /// tokens are joined. `needed`, one per byte, is always enough.
    pub fn encode<'o>(
        &self,
        text: impl AsRef<[u8]>,
        out: &'o mut [TokenId],
    ) -> Result<&'o mut [TokenId], CapacityError> {
        let (text, given) = (text.as_ref(), out.len());
        self.tokens(text, self.has_space_prefix(), out).ok_or(self.too_small(text, given))
    }

    /// Encodes the continuation of a text: like [`encode`](Vocab::encode), but never puts a space before it.
    ///
    /// With a vocabulary that splits text into words, as most do, both sides of a space give the tokens of the
    /// whole text if the space is the first after a word and goes with the continuation.
    ///
    /// # Errors
    /// [`CapacityError`] if `out` is too small: one token per byte is always enough.
    pub fn encode_continuation<'o>(
        &self,
        text: impl AsRef<[u8]>,
        out: &'o mut [TokenId],
    ) -> Result<&'o mut [TokenId], CapacityError> {
        let (text, given) = (text.as_ref(), out.len());
        self.tokens(text, false, out).ok_or(self.too_small(text, given))
    }

    /// Like [`encode`](Vocab::encode), but the names of special tokens in the text become these tokens; the
    /// longest name wins.
    ///
    /// Use it only for text that you trust: whoever writes `<|endoftext|>` ends the text.
    ///
    /// # Errors
    /// [`CapacityError`] if `out` is too small: one token per byte, and one for a space before the text, is always
    /// enough.
    pub fn encode_with_special<'o>(
        &self,
        text: impl AsRef<[u8]>,
        out: &'o mut [TokenId],
    ) -> Result<&'o mut [TokenId], CapacityError> {
        let (text, given) = (text.as_ref(), out.len());
        self.run(out, |encoder| encoder.text_with_special(text)).ok_or(self.too_small(text, given))
    }

    fn too_small(&self, text: &[u8], given: usize) -> CapacityError {
        CapacityError { needed: text.len() + usize::from(self.has_space_prefix()), given }
    }

    /// [`encode`](Self::encode) or [`encode_continuation`](Self::encode_continuation); `None` if `out` is too small.
    #[inline(never)] // one for all kinds of text
    pub(crate) fn tokens<'o>(
        &self,
        text: &[u8],
        space_prefix: bool,
        out: &'o mut [TokenId],
    ) -> Option<&'o mut [TokenId]> {
        self.run(out, |encoder| encoder.text(text, space_prefix))
    }

    fn run<'o>(
        &self,
        out: &'o mut [TokenId],
        encode: impl FnOnce(&mut Encoder<'_>) -> Option<()>,
    ) -> Option<&'o mut [TokenId]> {
        let mut encoder = Encoder { vocab: self, out, len: 0 };
        let done = encode(&mut encoder);
        let len = encoder.len;
        done.and_then(|()| out.get_mut(..len))
    }

    /// Length of the first piece, at least 1 for a text that is not empty.
    fn piece_len(&self, text: &[u8]) -> usize {
        match self.pre_tokenizer {
            PreTokenizer::None => text.len(),
            PreTokenizer::Gpt2 | PreTokenizer::Gpt2Digits => {
                gpt2_piece(text, self.folds_case(), self.pre_tokenizer == PreTokenizer::Gpt2Digits)
            }
            PreTokenizer::Words => word_piece(text),
        }
    }

    fn byte_token(&self, byte: u8) -> TokenId {
        let at = self.byte_of.iter().position(|&b| b == byte).unwrap_or_default();
        (self.first_byte + at) as TokenId
    }

    fn char_token(&self, c: char) -> Option<TokenId> {
        let code = |&i: &u16| self.chars.get(usize::from(i)).copied().unwrap_or_default();
        let at = self.char_order.binary_search_by_key(&u32::from(c), code).ok()?;
        Some((self.first_char + usize::from(*self.char_order.get(at)?)) as TokenId)
    }

    /// Priority (lowest first) and result of joining a pair.
    fn merge(&self, left: TokenId, right: TokenId) -> Option<(u32, TokenId)> {
        let key = pair_key(left, right);
        if let Ok(at) = self.merge_order.binary_search_by_key(&key, |&i| self.pair(i).unwrap_or_default()) {
            let i = *self.merge_order.get(at)?;
            return Some((u32::from(i) * 2 + 1, (self.first_merge + usize::from(i)) as TokenId));
        }
        let at = self.alternatives.binary_search_by_key(&key, |&[left, right, ..]| pair_key(left, right)).ok()?;
        let &[_, _, result, rank] = self.alternatives.get(at)?;
        Some((u32::from(rank) * 2 + u32::from(self.kind == Kind::Scores), result))
    }

    /// Joins pairs in `tokens` until none is in the table. Returns the number of tokens left at its start.
    fn join(&self, tokens: &mut [TokenId]) -> usize {
        let mut len = tokens.len();
        while let Some(tail) = tokens.get_mut(..len).and_then(|live| {
            let (at, token) = self.best_pair(live)?;
            let tail = live.get_mut(at..)?;
            *tail.first_mut()? = token;
            tail.get_mut(1..)
        }) {
            let mut next = 0;
            for token in tail.iter_mut().rev() {
                core::mem::swap(token, &mut next);
            }
            len -= 1;
        }
        len
    }

    /// Place and result of the pair to be joined first.
    fn best_pair(&self, tokens: &[TokenId]) -> Option<(usize, TokenId)> {
        let mut best = None;
        let mut lowest = u32::MAX;
        for (at, pair) in tokens.windows(2).enumerate() {
            if let &[left, right] = pair
                && let Some((rank, token)) = self.merge(left, right)
                && rank < lowest
            {
                lowest = rank;
                best = Some((at, token));
            }
        }
        best
    }
}

/// Appends tokens to a lent slice. A method returns `None` when the slice is full.
struct Encoder<'e> {
    vocab: &'e Vocab<'e>,
    out: &'e mut [TokenId],
    len: usize,
}

impl Encoder<'_> {
    fn push(&mut self, token: TokenId) -> Option<()> {
        *self.out.get_mut(self.len)? = token;
        self.len += 1;
        Some(())
    }

    /// One token per byte; in a vocabulary of characters, one per character that has a token.
    fn base_tokens(&mut self, mut piece: &[u8]) -> Option<()> {
        if self.vocab.folds_case() {
            return BytesIn::new(piece, Some(small)).try_for_each(|byte| self.push(self.vocab.byte_token(byte)));
        }
        while !piece.is_empty() {
            let (c, len) = match self.vocab.kind {
                Kind::Ranks => (None, 1),
                Kind::Scores => decode(piece),
            };
            let (bytes, rest) = piece.split_at_checked(len)?;
            match c.and_then(|c| self.vocab.char_token(c)) {
                Some(token) => self.push(token)?,
                None => bytes.iter().try_for_each(|&byte| self.push(self.vocab.byte_token(byte)))?,
            }
            piece = rest;
        }
        Some(())
    }

    fn text(&mut self, mut text: &[u8], mut space_prefix: bool) -> Option<()> {
        space_prefix &= !self.vocab.is_spaced(text);
        while !text.is_empty() {
            let (piece, rest) = text.split_at_checked(self.vocab.piece_len(text))?;
            let start = self.len;
            if space_prefix {
                self.base_tokens(b" ")?;
            }
            self.base_tokens(piece)?;
            self.len = start + self.vocab.join(self.out.get_mut(start..self.len)?);
            space_prefix = false;
            text = rest;
        }
        Some(())
    }

    fn text_with_special(&mut self, mut text: &[u8]) -> Option<()> {
        let mut space_prefix = self.vocab.has_space_prefix();
        let mut plain = 0;
        while let Some(rest) = text.get(plain..).filter(|rest| !rest.is_empty()) {
            let named = self.vocab.specials().filter(|(_, name)| rest.starts_with(name));
            let Some((token, name)) = named.max_by_key(|(_, name)| name.len()) else {
                plain += 1;
                continue;
            };
            self.text(text.get(..plain)?, space_prefix)?;
            space_prefix = self.vocab.has(flag::PREFIX_AFTER_SPECIAL);
            self.push(token)?;
            text = rest.get(name.len()..)?;
            plain = 0;
        }
        self.text(text, space_prefix)
    }
}
