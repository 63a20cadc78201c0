//! The vocabulary: a checked view of the blob's `VOCB` section.
//!
//! A merged token is stored as the pair of tokens it was made from, so the table costs 6 bytes
//! per token however long the token is. [`parse`](Vocab::parse) rules out everything that could
//! make a later call fail: each pair refers to earlier tokens only, and no token is longer than
//! [`Vocab::MAX_TOKEN_BYTES`].

mod bytes;
mod encode;
mod parse;
mod pretokenize;

use crate::TokenId;
use crate::text::{Language, Reads, Utf8Stream, WordRule, utf8_word};

/// Tokens and their texts, read in place from a blob; encodes and decodes.
///
/// Byte pair encoding, of two kinds: byte-level as in GPT-2, and the kind of SentencePiece that Llama uses. Every
/// byte string can be encoded, and decodes to itself. A vocabulary that [folds case](Vocab::folds_case) decodes to
/// small letters, and some of SentencePiece's kind drop a space at the start of a text.
///
/// ```
/// use embedded_gpt::{Aligned, Model, Vocab, include_model};
/// static BLOB: &Aligned<[u8]> = include_model!("../../models/demo.egpt");
///
/// let model = Model::parse(&BLOB.0)?;
/// let vocab = model.vocab();
/// let (mut room, mut buffer) = ([0; 32], [0; Vocab::MAX_TOKEN_BYTES]);
/// let ids = vocab.encode("see you tomorrow", &mut room)?;
///
/// let (mut stream, mut text) = (vocab.text_stream(), String::new());
/// for &token in ids.iter() {
///     stream.push(vocab.bytes(token, &mut buffer), &mut text)?;
/// }
/// assert_eq!(text, "see you tomorrow");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Vocab<'a> {
    n_vocab: usize,
    kind: Kind,
    pre_tokenizer: PreTokenizer,
    /// Bits that [`flag`] names.
    flags: u8,
    first_byte: usize,
    first_merge: usize,
    first_char: usize,
    byte_of: &'a [u8],
    merges: &'a [[TokenId; 2]],
    merge_order: &'a [u16],
    chars: &'a [u32],
    char_order: &'a [u16],
    specials: &'a [u8],
    roles: &'a [TokenId],
    longest: usize,
}

/// Bits of [`Vocab::flags`], as the section has them.
mod flag {
    /// A space is put before a text.
    pub const SPACE_PREFIX: u8 = 1;
    /// Capitals become small letters.
    pub const FOLDS_CASE: u8 = 2;
    /// A text that begins with a space gets no other.
    pub const ONE_SPACE: u8 = 4;
    /// A space is put before the text after a special token, too.
    pub const PREFIX_AFTER_SPECIAL: u8 = 8;
    /// The number of the language whose rules capitals follow.
    pub const LANGUAGE: u8 = 0x30;
    /// The number of the rule of words.
    pub const WORDS: u8 = 0xC0;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Text is split into bytes; merges go by rank.
    Ranks,
    /// Text is split into characters, or bytes where there is no token for a character.
    Scores,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PreTokenizer {
    None,
    Gpt2,
    Words,
    /// Numbers one character at a time, the rest as [`Gpt2`](Self::Gpt2).
    Gpt2Digits,
}

/// Stands in the tables of roles for a token that is not there.
const NO_TOKEN: TokenId = TokenId::MAX;

/// Longest token of any vocabulary, in bytes.
pub(crate) const MAX_TOKEN_BYTES: usize = 255;

impl<'a> Vocab<'a> {
    /// Bytes of the longest token that any vocabulary may have.
    pub const MAX_TOKEN_BYTES: usize = MAX_TOKEN_BYTES;

    /// Number of token ids, `n_vocab`.
    #[allow(clippy::len_without_is_empty)] // a vocabulary has at least the 256 bytes
    pub fn len(&self) -> usize {
        self.n_vocab
    }

    /// The token for the beginning of a text (BOS), if the model was trained with one.
    pub fn bos(&self) -> Option<TokenId> {
        self.role(0)
    }

    /// The token for the end of a text (EOS), if the model was trained with one.
    pub fn eos(&self) -> Option<TokenId> {
        self.role(1)
    }

    /// The token for padding (PAD), if the model was trained with one.
    pub fn pad(&self) -> Option<TokenId> {
        self.role(2)
    }

    /// The token that stood between the documents of the training text: `<|endoftext|>`, or whatever plays its
    /// part.
    pub fn end_of_text(&self) -> Option<TokenId> {
        self.role(3)
    }

    /// The token to give a session before a text: [`bos`](Self::bos), else [`end_of_text`](Self::end_of_text),
    /// which ended the text before.
    pub fn start_of_text(&self) -> Option<TokenId> {
        self.bos().or(self.end_of_text())
    }

    /// Whether a generated token ends the text.
    pub fn is_end_of_text(&self, token: TokenId) -> bool {
        Some(token) == self.eos() || Some(token) == self.end_of_text()
    }

    fn role(&self, role: usize) -> Option<TokenId> {
        self.roles.get(role).copied().filter(|&token| token != NO_TOKEN)
    }

    /// Whether a token stands for no text: a special token, or an id that is not used.
    pub fn is_special(&self, token: TokenId) -> bool {
        self.halves(token).is_none() && self.base(token).is_none()
    }

    /// The special token of a name such as `<|endoftext|>`.
    pub fn special(&self, name: &str) -> Option<TokenId> {
        self.specials().find(|&(_, found)| found == name.as_bytes()).map(|(token, _)| token)
    }

    /// The name of a special token.
    pub fn special_name(&self, token: TokenId) -> Option<&'a str> {
        let (_, name) = self.specials().find(|&(found, _)| found == token)?;
        core::str::from_utf8(name).ok()
    }

    /// The merges in the order of their ranks: left and right token, and the token that they make.
    pub fn merges(&self) -> impl Iterator<Item = [TokenId; 3]> + use<'a> {
        let first = self.first_merge;
        self.merges.iter().enumerate().map(move |(i, &[left, right])| [left, right, (first + i) as TokenId])
    }

    /// Whether [`encode`](Vocab::encode) puts a space before the text, as SentencePiece does. Some vocabularies put
    /// none before a text that begins with one, which then decodes without it.
    pub fn has_space_prefix(&self) -> bool {
        self.has(flag::SPACE_PREFIX)
    }

    /// Whether this text gets no space before it because it begins with one.
    pub(crate) fn is_spaced(&self, text: &[u8]) -> bool {
        self.has(flag::ONE_SPACE) && text.first() == Some(&b' ')
    }

    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Whether capitals are encoded as small letters, so that the model tells no cases apart. Folded are the
    /// capitals of Latin, Greek, Cyrillic and Armenian, as the [language](Self::language) has them.
    pub fn folds_case(&self) -> bool {
        self.has(flag::FOLDS_CASE)
    }

    /// The language whose rules capital and small letters follow: those that are folded, and those of suggestions.
    pub fn language(&self) -> Language {
        match self.flags >> 4 & 3 {
            1 => Language::Turkic,
            2 => Language::Greek,
            3 => Language::Vietnamese,
            _ => Language::Any,
        }
    }

    /// What words are made of in the texts that it was made for. A suggester goes by its keyboard:
    /// [`Letters`](crate::Letters) or [`Keys`](crate::Keys), [`Shell`](crate::Shell), or [`Pieces`](crate::Pieces).
    pub fn word_rule(&self) -> WordRule {
        match self.flags >> 6 {
            1 => WordRule::Shell,
            2 => WordRule::Pieces,
            _ => WordRule::Letters,
        }
    }

    /// How letters are encoded.
    pub(crate) fn reads(&self) -> Reads {
        Reads { small: self.folds_case().then(|| self.language()), ..Reads::AS_WRITTEN }
    }

    /// A stream that decodes a text from its beginning. The space that [`encode`](Vocab::encode) put there is
    /// dropped.
    pub fn text_stream(&self) -> Utf8Stream {
        Utf8Stream::starting(self.has_space_prefix())
    }

    /// Tokens with names, and the names' UTF-8.
    fn specials(&self) -> impl Iterator<Item = (TokenId, &'a [u8])> + use<'a> {
        let mut rest = self.specials;
        core::iter::from_fn(move || {
            let (&[low, high, len], after) = rest.split_first_chunk()?;
            let (name, after) = after.split_at_checked(usize::from(len))?;
            rest = after;
            Some((TokenId::from_le_bytes([low, high]), name))
        })
    }

    /// The two tokens that a token was joined from.
    #[inline(always)] // most tokens are taken apart, and most of them only to know how they begin
    fn halves(&self, token: TokenId) -> Option<&[TokenId; 2]> {
        // An id below the first one wraps and is found nowhere.
        self.merges.get(usize::from(token).wrapping_sub(self.first_merge))
    }

    /// The byte or the bytes of the character that a token is, the first one lowest; `None` if it is neither. Asked
    /// where it has no [halves](Self::halves).
    #[inline(never)] // called in five places
    fn base(&self, token: TokenId) -> Option<u32> {
        let at = |first: usize| usize::from(token).wrapping_sub(first);
        match self.byte_of.get(at(self.first_byte)) {
            Some(&byte) => Some(byte.into()),
            None => self.chars.get(at(self.first_char)).map(|&code| utf8_word(code)),
        }
    }
}
