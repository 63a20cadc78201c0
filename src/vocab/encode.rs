//! From text to tokens: pre-tokenize, split into base tokens, join pairs by rank.

use core::cell::Cell;

use super::parse::pair_key;
use super::pretokenize::{gpt2_piece, word_piece};
use super::{Kind, PreTokenizer, Vocab, flag};
use crate::TokenId;
use crate::error::CapacityError;
use crate::part::tail;
use crate::text::{BytesIn, Language, MAX_CHUNK_BYTES, decode};

impl Vocab<'_> {
    /// Encodes a text from its beginning, and returns the part of `out` that holds the tokens.
    ///
    /// Any bytes will do: one that is not UTF-8 becomes a byte token. Names of special tokens are text like any
    /// other. If the vocabulary asks for it, a space is put before the text
    /// ([`has_space_prefix`](Vocab::has_space_prefix)), and capitals become small letters
    /// ([`folds_case`](Vocab::folds_case)).
    ///
    /// The tokens of a piece (usually a word) are joined in `out` itself. The work grows with the length of the text
    /// alone, however long a piece is.
    ///
    /// # Errors
    /// [`CapacityError`] if `out` is too small for the tokens, or for the last piece before its
    /// tokens are joined. `needed`, which is [`max_tokens`](Vocab::max_tokens), is always enough.
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
    /// [`CapacityError`] if `out` is too small: [`max_tokens`](Vocab::max_tokens) is always enough.
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
    /// [`CapacityError`] if `out` is too small: [`max_tokens`](Vocab::max_tokens) is always enough.
    pub fn encode_with_special<'o>(
        &self,
        text: impl AsRef<[u8]>,
        out: &'o mut [TokenId],
    ) -> Result<&'o mut [TokenId], CapacityError> {
        let (text, given) = (text.as_ref(), out.len());
        self.run(out, |encoder| encoder.text_with_special(text)).ok_or(self.too_small(text, given))
    }

    fn too_small(&self, text: &[u8], given: usize) -> CapacityError {
        CapacityError { needed: self.max_tokens(text.len()), given }
    }

    /// Most tokens that a text of `n_bytes` may need room for: one per byte, and one for a space before the text. A
    /// vocabulary of small letters of Turkish needs two per byte, as `I` becomes `ı`.
    pub fn max_tokens(&self, n_bytes: usize) -> usize {
        (n_bytes << u8::from(self.lengthens())) + usize::from(self.has_space_prefix())
    }

    /// Most bytes of a text that are encoded at a time where there is room for [`MAX_CHUNK_BYTES`] tokens.
    pub(crate) fn max_chunk(&self) -> usize {
        MAX_CHUNK_BYTES >> u8::from(self.lengthens())
    }

    /// Whether small letters may be longer than the capitals they come from.
    fn lengthens(&self) -> bool {
        self.folds_case() && self.language() == Language::Turkic
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
        let at = self.merge_order.binary_search_by_key(&key, |&i| self.pair(i).unwrap_or_default()).ok()?;
        let i = usize::from(*self.merge_order.get(at)?);
        Some((rank(i), (self.first_merge + i) as TokenId))
    }

    /// Joins pairs in `tokens`, base tokens, until none is in the table. Returns the number of tokens that are left,
    /// which begin the slice.
    ///
    /// It finds for each base token which token the text up to there ends in, from what the text before it ends in.
    /// Take the text `abc` and the merges `b c`, `a b`, `a bc` in the order of their ranks. `a` ends in `a`, `ab` in
    /// `ab`. The `c` then meets `ab`, or the `b` that stood there until `a b` was joined. `b c` has the lower rank, so
    /// that is what happens first. The joined `bc` meets what the text before it ends in, `a`, and becomes `abc`.
    ///
    /// This is exact: joins on one side of a place depend on the other side only once a join crosses the place. And
    /// each token is made in one way, so its right half stands at its end until the rank of that join.
    fn join(&self, tokens: &mut [TokenId]) -> usize {
        let tokens = Cell::from_mut(tokens).as_slice_of_cells();
        // First, in the place of each base token, the last token of the text up to there.
        for (end, place) in tokens.iter().enumerate() {
            let (mut token, mut start, mut since) = (place.get(), end, 0);
            while let Some(last) = tokens.get(start.wrapping_sub(1))
                && let Some((rank, left, joined)) = self.first_join(last.get(), token, since)
            {
                start = start.wrapping_sub(self.n_base(left));
                (token, since) = (joined, rank);
            }
            place.set(token);
        }
        // Then the last token of all, the one before that, and so on, at the end.
        let (mut at, mut places) = (tokens.len(), tokens.iter().rev());
        while let Some(last) = tokens.get(at.wrapping_sub(1))
            && let Some(place) = places.next()
        {
            let token = last.get();
            at = at.saturating_sub(self.n_base(token));
            place.set(token);
        }
        let joined = tail(tokens, places.len());
        tokens.iter().zip(joined).for_each(|(place, token)| place.set(token.get()));
        joined.len()
    }

    /// The first join of a token with what the text before it ends in: rank, left half and result. By itself that text
    /// ends in the token `last`. The token is there since the join of rank `since`; base tokens are there from 0 on.
    fn first_join(&self, last: TokenId, token: TokenId, since: u32) -> Option<(u32, TokenId, TokenId)> {
        let (mut left, mut until, mut found) = (last, u32::MAX, None);
        loop {
            if let Some((of_join, joined)) = self.merge(left, token)
                && of_join < until
            {
                found = Some((of_join, left, joined));
            }
            // Before `left` was joined, its right half stood there, if `token` did already.
            let at = usize::from(left).wrapping_sub(self.first_merge);
            match self.merges.get(at) {
                Some(&[_, right]) if rank(at) > since => (left, until) = (right, rank(at)),
                _ => return found,
            }
        }
    }
}

/// Priority of a merge by its number: lowest first, and 0 is before all.
fn rank(number: usize) -> u32 {
    number as u32 + 1
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
            return BytesIn::new(piece, self.vocab.reads()).try_for_each(|byte| self.push(self.vocab.byte_token(byte)));
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
