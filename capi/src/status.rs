//! What a call has to say.

use runtime::Progress;
use runtime::error::{DictionaryError, Error, LoadError, SessionError};

/// What a function returns: 0 if all went well, 1 if there is work left, a negative number for an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
#[expect(non_camel_case_types)] // as in C
pub enum Status {
    /// Done.
    EGPT_OK = 0,
    /// Not an error: another call has something to do.
    EGPT_WORKING = 1,
    /// A pointer is null that must not be.
    EGPT_ERROR_NULL = -1,
    /// A pointer is not a multiple of what its type or object asks for.
    EGPT_ERROR_MISALIGNED = -2,
    /// The memory for an object is smaller than the library asks for, or a length is more than the target can address.
    EGPT_ERROR_SIZE = -3,
    /// A text is not UTF-8.
    EGPT_ERROR_UTF8 = -4,
    /// A number is none of those that the header names.
    EGPT_ERROR_VALUE = -5,
    /// The blob has no EGPT magic: it is another kind of file.
    EGPT_ERROR_NOT_A_BLOB = -16,
    /// The blob has a format version that this library does not read.
    EGPT_ERROR_VERSION = -17,
    /// The blob is cut short.
    EGPT_ERROR_TRUNCATED = -18,
    /// The blob does not start at a multiple of 16 bytes.
    EGPT_ERROR_BLOB_ALIGNMENT = -19,
    /// The blob was damaged after it was written.
    EGPT_ERROR_CHECKSUM = -20,
    /// The blob's header, sections, tensors or vocabulary contradict each other.
    EGPT_ERROR_BLOB = -21,
    /// The context is 0 tokens long, or longer than the model allows.
    EGPT_ERROR_CONTEXT = -32,
    /// The KV buffer has fewer words than egpt_model_kv_words says.
    EGPT_ERROR_KV = -33,
    /// The scratch buffer has fewer words than egpt_model_scratch_words says.
    EGPT_ERROR_SCRATCH = -34,
    /// The prompt is empty, and the model has no token that starts a text.
    EGPT_ERROR_EMPTY_PROMPT = -35,
    /// The output callback has returned false.
    EGPT_ERROR_OUTPUT = -36,
    /// The suggester was not made for such a keyboard.
    EGPT_ERROR_KEYBOARD = -48,
    /// The suggester has no user dictionary.
    EGPT_ERROR_NO_DICTIONARY = -49,
    /// The memory for the user dictionary is smaller than EGPT_DICTIONARY_MIN_BYTES.
    EGPT_ERROR_DICTIONARY_SIZE = -50,
    /// The saved user dictionary is damaged, or of another version.
    EGPT_ERROR_DICTIONARY_DAMAGED = -51,
    /// There is no such entry, or the word can't be learned.
    EGPT_ERROR_NO_WORD = -52,
    /// The model has no labels.
    EGPT_ERROR_NO_LABELS = -64,
    /// Something else went wrong.
    EGPT_ERROR_OTHER = -127,
}

impl Status {
    const ALL: [Self; 25] = [
        Self::EGPT_OK,
        Self::EGPT_WORKING,
        Self::EGPT_ERROR_NULL,
        Self::EGPT_ERROR_MISALIGNED,
        Self::EGPT_ERROR_SIZE,
        Self::EGPT_ERROR_UTF8,
        Self::EGPT_ERROR_VALUE,
        Self::EGPT_ERROR_NOT_A_BLOB,
        Self::EGPT_ERROR_VERSION,
        Self::EGPT_ERROR_TRUNCATED,
        Self::EGPT_ERROR_BLOB_ALIGNMENT,
        Self::EGPT_ERROR_CHECKSUM,
        Self::EGPT_ERROR_BLOB,
        Self::EGPT_ERROR_CONTEXT,
        Self::EGPT_ERROR_KV,
        Self::EGPT_ERROR_SCRATCH,
        Self::EGPT_ERROR_EMPTY_PROMPT,
        Self::EGPT_ERROR_OUTPUT,
        Self::EGPT_ERROR_KEYBOARD,
        Self::EGPT_ERROR_NO_DICTIONARY,
        Self::EGPT_ERROR_DICTIONARY_SIZE,
        Self::EGPT_ERROR_DICTIONARY_DAMAGED,
        Self::EGPT_ERROR_NO_WORD,
        Self::EGPT_ERROR_NO_LABELS,
        Self::EGPT_ERROR_OTHER,
    ];

    fn text(self) -> &'static core::ffi::CStr {
        match self {
            Self::EGPT_OK => c"done",
            Self::EGPT_WORKING => c"there is work left",
            Self::EGPT_ERROR_NULL => c"a pointer is null",
            Self::EGPT_ERROR_MISALIGNED => c"a pointer is not aligned",
            Self::EGPT_ERROR_SIZE => c"the memory is too small, or header and library differ",
            Self::EGPT_ERROR_UTF8 => c"the text is not UTF-8",
            Self::EGPT_ERROR_VALUE => c"a number has no meaning here",
            Self::EGPT_ERROR_NOT_A_BLOB => c"not an embedded-gpt blob",
            Self::EGPT_ERROR_VERSION => c"the blob has another format version; export the model again",
            Self::EGPT_ERROR_TRUNCATED => c"the blob is cut short",
            Self::EGPT_ERROR_BLOB_ALIGNMENT => c"the blob is not at a multiple of 16 bytes",
            Self::EGPT_ERROR_CHECKSUM => c"the blob is damaged; write it again",
            Self::EGPT_ERROR_BLOB => c"the blob contradicts itself",
            Self::EGPT_ERROR_CONTEXT => c"the context is 0 tokens long, or longer than the model allows",
            Self::EGPT_ERROR_KV => c"the KV buffer is too small",
            Self::EGPT_ERROR_SCRATCH => c"the scratch buffer is too small",
            Self::EGPT_ERROR_EMPTY_PROMPT => c"the prompt is empty",
            Self::EGPT_ERROR_OUTPUT => c"the output could not be written",
            Self::EGPT_ERROR_KEYBOARD => c"the suggester was made for another kind of keyboard",
            Self::EGPT_ERROR_NO_DICTIONARY => c"the suggester has no user dictionary",
            Self::EGPT_ERROR_DICTIONARY_SIZE => c"the memory for the user dictionary is too small",
            Self::EGPT_ERROR_DICTIONARY_DAMAGED => c"not a user dictionary of this version, or a damaged one",
            Self::EGPT_ERROR_NO_WORD => c"there is no such word, or it can't be learned",
            Self::EGPT_ERROR_NO_LABELS => c"the model has no labels",
            Self::EGPT_ERROR_OTHER => c"unknown error",
        }
    }
}

/// A status in English, as a text that ends with 0 and is there for ever.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_error_text(status: i32) -> *const core::ffi::c_char {
    let known = Status::ALL.into_iter().find(|known| *known as i32 == status);
    known.unwrap_or(Status::EGPT_ERROR_OTHER).text().as_ptr()
}

impl From<LoadError> for Status {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::NotABlob => Self::EGPT_ERROR_NOT_A_BLOB,
            LoadError::Version { .. } => Self::EGPT_ERROR_VERSION,
            LoadError::Truncated { .. } => Self::EGPT_ERROR_TRUNCATED,
            LoadError::Misaligned => Self::EGPT_ERROR_BLOB_ALIGNMENT,
            LoadError::Checksum => Self::EGPT_ERROR_CHECKSUM,
            _ => Self::EGPT_ERROR_BLOB,
        }
    }
}

impl From<SessionError> for Status {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Context { .. } => Self::EGPT_ERROR_CONTEXT,
            SessionError::Kv(_) => Self::EGPT_ERROR_KV,
            SessionError::Scratch(_) => Self::EGPT_ERROR_SCRATCH,
            _ => Self::EGPT_ERROR_OTHER,
        }
    }
}

impl From<DictionaryError> for Status {
    fn from(error: DictionaryError) -> Self {
        match error {
            DictionaryError::Capacity(_) => Self::EGPT_ERROR_DICTIONARY_SIZE,
            _ => Self::EGPT_ERROR_DICTIONARY_DAMAGED,
        }
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        match error {
            Error::Load(error) => error.into(),
            Error::Session(error) => error.into(),
            Error::Dictionary(error) => error.into(),
            Error::Step(_) => Self::EGPT_ERROR_EMPTY_PROMPT,
            Error::NoLabels => Self::EGPT_ERROR_NO_LABELS,
            Error::Write => Self::EGPT_ERROR_OUTPUT,
            _ => Self::EGPT_ERROR_OTHER,
        }
    }
}

impl From<Progress> for Status {
    fn from(progress: Progress) -> Self {
        match progress {
            Progress::Working => Self::EGPT_WORKING,
            Progress::Done => Self::EGPT_OK,
        }
    }
}

impl From<Result<Self, Self>> for Status {
    fn from(result: Result<Self, Self>) -> Self {
        result.unwrap_or_else(|error| error)
    }
}

impl From<Result<(), Self>> for Status {
    fn from(result: Result<(), Self>) -> Self {
        result.map_or_else(|error| error, |()| Self::EGPT_OK)
    }
}
