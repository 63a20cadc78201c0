//! What can go wrong, by the call that reports it. All errors are small, `Copy`, and hold no text.

use core::fmt;

/// Why bytes are not a model that this version of the crate can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum LoadError {
    /// The bytes do not start with the magic `EGPT`: this is another kind of file.
    NotABlob,
    /// The blob has a format version that this crate does not read.
    Version {
        /// Version in the blob's header.
        found: u16,
        /// Version that this crate reads.
        supported: u16,
    },
    /// The blob is longer than the bytes given, or its length is not that of a blob.
    Truncated {
        /// Bytes the header asks for.
        needed: usize,
        /// Bytes given.
        given: usize,
    },
    /// The bytes do not start at a multiple of 16; see [`include_model!`](crate::include_model) and
    /// [`Aligned`](crate::Aligned).
    Misaligned,
    /// The checksum does not match: the blob was damaged after it was written.
    Checksum,
    /// A field of the header is out of its limits, or fields contradict each other.
    Config,
    /// The section table is inconsistent, or a required section is missing.
    Section,
    /// A tensor is missing, has another size than the header implies, or holds a number that no model has.
    Tensor,
    /// The vocabulary is inconsistent.
    Vocab(VocabError),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NotABlob => f.write_str("not an embedded-gpt blob (no EGPT magic)"),
            Self::Version { found, supported } => {
                write!(f, "blob format version {found}, this crate reads {supported}; export the model again")
            }
            Self::Truncated { needed, given } => write!(f, "blob cut short: {needed} bytes needed, {given} given"),
            Self::Misaligned => {
                f.write_str("blob is not at a multiple of 16 bytes; place it with include_model! or Aligned")
            }
            Self::Checksum => f.write_str("checksum mismatch: the blob is damaged; write it again"),
            Self::Config => f.write_str("impossible model shape in the header"),
            Self::Section => f.write_str("broken section table"),
            Self::Tensor => f.write_str("broken tensor directory or tensor"),
            Self::Vocab(error) => write!(f, "broken vocabulary: {error}"),
        }
    }
}

impl core::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Vocab(error) => Some(error),
            _ => None,
        }
    }
}

/// Why a vocabulary section was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum VocabError {
    /// The section is shorter or longer than its tables.
    Length,
    /// An unknown kind, pre-tokenizer or flag, or a combination that has no meaning.
    Header,
    /// Ranges of token ids overlap or reach past the vocabulary.
    Range,
    /// The byte tokens do not stand for each byte once.
    Byte,
    /// A merge refers to a token that is not an earlier one, or makes a token that is too long or too deep.
    Merge,
    /// The merges or characters are not sorted, or one occurs twice.
    Order,
    /// A character token stands for no character.
    Char,
    /// A special token is an ordinary one, or its name is empty or not UTF-8.
    Special,
    /// The longest token has another length than the section says.
    Longest,
}

impl fmt::Display for VocabError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "tables do not fill the section",
            Self::Header => "unknown kind, pre-tokenizer or flag",
            Self::Range => "ranges of token ids overlap or leave the vocabulary",
            Self::Byte => "byte tokens are not a permutation",
            Self::Merge => "broken merge",
            Self::Order => "merges or characters are not sorted",
            Self::Char => "not a character",
            Self::Special => "broken special token",
            Self::Longest => "wrong longest token",
        })
    }
}

impl core::error::Error for VocabError {}

/// A buffer is too small. Sizes are in the unit of the buffer (32-bit words for
/// [`Buffers`](crate::Buffers), tokens for an encoded text).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CapacityError {
    /// Elements that are needed.
    pub needed: usize,
    /// Elements that were given.
    pub given: usize,
}

impl fmt::Display for CapacityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "buffer too small: {} needed, {} given", self.needed, self.given)
    }
}

impl core::error::Error for CapacityError {}

/// Why a [`Session`](crate::Session) could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SessionError {
    /// The context length is 0, or more than the model was trained for.
    Context {
        /// Longest context of the model, in tokens.
        n_ctx: usize,
    },
    /// The KV buffer is smaller than [`Config::kv_words`](crate::Config::kv_words).
    Kv(CapacityError),
    /// The scratch buffer is smaller than [`Config::scratch_words`](crate::Config::scratch_words).
    Scratch(CapacityError),
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Context { n_ctx } => write!(f, "context must be 1 to {n_ctx} tokens"),
            Self::Kv(error) => write!(f, "KV cache: {error} (32-bit words)"),
            Self::Scratch(error) => write!(f, "scratch: {error} (32-bit words)"),
        }
    }
}

impl core::error::Error for SessionError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Context { .. } => None,
            Self::Kv(error) | Self::Scratch(error) => Some(error),
        }
    }
}

/// Why a session did not take a token or go back. The session is as it was before the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum StepError {
    /// The token is not in the vocabulary.
    TokenOutOfRange {
        /// The token given.
        token: crate::TokenId,
        /// Number of tokens in the vocabulary.
        n_vocab: usize,
    },
    /// A prompt must have at least one token.
    EmptyPrompt,
    /// The position is ahead of the session, or its past has left the context.
    Rewind {
        /// Oldest position that can be gone back to.
        oldest: usize,
        /// Number of tokens taken so far.
        position: usize,
    },
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::TokenOutOfRange { token, n_vocab } => write!(f, "token {token} in a vocabulary of {n_vocab}"),
            Self::EmptyPrompt => f.write_str("empty prompt"),
            Self::Rewind { oldest, position } => write!(f, "can go back to positions {oldest} to {position} only"),
        }
    }
}

impl core::error::Error for StepError {}

/// Why bytes are no [`UserDictionary`](crate::UserDictionary).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum DictionaryError {
    /// There are too few bytes.
    Capacity(CapacityError),
    /// The bytes were not saved by this version of the crate, or were changed since.
    Damaged,
}

impl fmt::Display for DictionaryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Capacity(error) => error.fmt(f),
            Self::Damaged => f.write_str("not a user dictionary of this version, or a damaged one"),
        }
    }
}

impl core::error::Error for DictionaryError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Capacity(error) => Some(error),
            Self::Damaged => None,
        }
    }
}

/// A [`StepError`] on its way to the caller, who gets the details; within, an error without them takes less code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused;

/// Any error of this crate, and what ends a program that prints: the error type of firmware.
///
/// The text of an error says all there is to say in one line. [`source`](core::error::Error::source) gives the
/// error that the call returned, for programs that look into it.
///
/// ```
/// use core::fmt::Write;
/// use embedded_gpt::error::LoadError;
/// use embedded_gpt::{Error, Model};
/// fn print_size(bytes: &[u8], uart: &mut impl Write) -> Result<(), Error> {
///     let model = Model::parse(bytes)?;
///     writeln!(uart, "{} tokens", model.vocab().len())?;
///     Ok(())
/// }
/// let error = print_size(&[0; 64], &mut String::new()).unwrap_err();
/// assert!(matches!(error, Error::Load(LoadError::NotABlob)));
/// assert_eq!(error.to_string(), "not an embedded-gpt blob (no EGPT magic)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Error {
    /// From [`Model::parse`](crate::Model::parse).
    Load(LoadError),
    /// From [`Session::new`](crate::Session::new).
    Session(SessionError),
    /// From a step of a session, or from a [`Generator`](crate::Generator).
    Step(StepError),
    /// From encoding a text.
    Capacity(CapacityError),
    /// From [`UserDictionary::new`](crate::UserDictionary::new) and `restore`.
    Dictionary(DictionaryError),
    /// From [`Classifier::new`](crate::Classifier::new): the model has no labels.
    NoLabels,
    /// The output of generated text failed, or another `fmt::Write` of the program.
    Write,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Load(error) => error.fmt(f),
            Self::Session(error) => error.fmt(f),
            Self::Step(error) => error.fmt(f),
            Self::Capacity(error) => error.fmt(f),
            Self::Dictionary(error) => error.fmt(f),
            Self::NoLabels => f.write_str("the model has no labels; egpt finetune --classify trains one that has"),
            Self::Write => f.write_str("the output could not be written"),
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Load(error) => Some(error),
            Self::Session(error) => Some(error),
            Self::Step(error) => Some(error),
            Self::Capacity(error) => Some(error),
            Self::Dictionary(error) => Some(error),
            Self::NoLabels => None,
            Self::Write => Some(&fmt::Error),
        }
    }
}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Self {
        Self::Load(error)
    }
}

impl From<SessionError> for Error {
    fn from(error: SessionError) -> Self {
        Self::Session(error)
    }
}

impl From<StepError> for Error {
    fn from(error: StepError) -> Self {
        Self::Step(error)
    }
}

impl From<CapacityError> for Error {
    fn from(error: CapacityError) -> Self {
        Self::Capacity(error)
    }
}

impl From<DictionaryError> for Error {
    fn from(error: DictionaryError) -> Self {
        Self::Dictionary(error)
    }
}

impl From<fmt::Error> for Error {
    fn from(_: fmt::Error) -> Self {
        Self::Write
    }
}
