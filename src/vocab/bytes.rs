//! From a token to its bytes, without recursion or a buffer.

use super::{MAX_TOKEN_BYTES, Vocab};
use crate::TokenId;
use crate::part::head;

/// Most right halves that may wait while the left half of a token is taken apart. A token made by adding one byte
/// at a time needs one less than its length.
const MAX_DEPTH: usize = 64;

impl Vocab<'_> {
    /// The bytes of a token, put in `buffer`. A special token and an unused id have none.
    ///
    /// A token may hold a part of a character only; [`Utf8Stream`](crate::text::Utf8Stream) puts the parts together.
    pub fn bytes<'b>(&self, token: TokenId, buffer: &'b mut [u8; MAX_TOKEN_BYTES]) -> &'b [u8] {
        let mut len = 0;
        for (slot, byte) in buffer.iter_mut().zip(self.iter(token)) {
            *slot = byte;
            len += 1;
        }
        head(buffer, len)
    }

    /// Number of bytes of a token.
    pub fn token_len(&self, token: TokenId) -> usize {
        self.iter(token).count()
    }

    /// Number of the bytes or characters that a token was joined from.
    pub(super) fn n_base(&self, token: TokenId) -> usize {
        let (mut bytes, mut n) = (self.iter(token), 0);
        while bytes.next().is_some() {
            // A character counts once.
            bytes.rest = 0;
            n += 1;
        }
        n
    }

    /// The first byte of a token. Cheaper than [`bytes`](Vocab::bytes).
    pub fn first_byte(&self, mut token: TokenId) -> Option<u8> {
        while let Some(&[left, _]) = self.halves(token) {
            token = left;
        }
        self.base(token).map(|word| word as u8)
    }

    /// The first two bytes of a token; 0 for a byte that is not there. Cheaper than [`bytes`](Vocab::bytes).
    pub(crate) fn first_two_bytes(&self, mut token: TokenId) -> [u8; 2] {
        let mut after = None;
        while let Some(&[left, right]) = self.halves(token) {
            (token, after) = (left, Some(right));
        }
        let Some(word) = self.base(token) else { return [0; 2] };
        let [first, second, ..] = word.to_le_bytes();
        let second = if word > 0xFF { Some(second) } else { after.and_then(|right| self.first_byte(right)) };
        [first, second.unwrap_or_default()]
    }

    /// The bytes of a token one by one, without a buffer.
    #[inline(never)]
    pub(crate) fn iter(&self, token: TokenId) -> TokenBytes<'_> {
        let mut pending = heapless::Vec::new();
        let _ = pending.push(token);
        TokenBytes { vocab: self, pending, rest: 0, too_deep: false }
    }

    /// Number of bytes of a token while the vocabulary is being checked; `None` if it cannot be taken apart.
    pub(super) fn checked_len(&self, token: TokenId) -> Option<usize> {
        let mut bytes = self.iter(token);
        let len = bytes.by_ref().take(MAX_TOKEN_BYTES + 1).count();
        (len <= MAX_TOKEN_BYTES && !bytes.too_deep).then_some(len)
    }
}

/// The bytes of a token, one by one.
#[derive(Clone, Debug)]
pub(crate) struct TokenBytes<'v> {
    vocab: &'v Vocab<'v>,
    /// Tokens still to be taken apart, the next one last.
    pending: heapless::Vec<TokenId, MAX_DEPTH, u8>,
    /// Bytes of a character that are still to come, the next one lowest; none of them is 0.
    rest: u32,
    too_deep: bool,
}

impl Iterator for TokenBytes<'_> {
    type Item = u8;

    #[inline(never)] // every loop over bytes would get a copy
    fn next(&mut self) -> Option<u8> {
        if self.rest > 0 {
            let byte = self.rest as u8;
            self.rest >>= 8;
            return Some(byte);
        }
        let mut token = self.pending.pop()?;
        while let Some(&[left, right]) = self.vocab.halves(token) {
            self.too_deep |= self.pending.push(right).is_err();
            token = left;
        }
        let word = self.vocab.base(token)?;
        self.rest = word >> 8;
        Some(word as u8)
    }
}
