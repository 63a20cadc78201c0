//! What a program has room for.

use core::{error, fmt};

use embedded_gpt::Config;

/// Memory that a program keeps for whichever model is in its flash.
///
/// A program that is built with its model knows what that takes. One whose model comes later has buffers of a fixed
/// size, and a model that needs more is refused.
///
/// ```
/// use embedded_gpt::Workspace;
/// use model_slots::Budget;
///
/// const BUDGET: Budget = Budget { context: 64, kv_words: 4 << 10, scratch_words: 3 << 10, blob_bytes: 500 << 10 };
/// static RAM: Workspace<{ BUDGET.kv_words }, { BUDGET.scratch_words }> = Workspace::new();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Tokens that the program has a model look back. A model that can look back fewer is run with as many as it can.
    pub context: usize,
    /// 32-bit words for keys and values.
    pub kv_words: usize,
    /// 32-bit words for activations.
    pub scratch_words: usize,
    /// Bytes of the largest blob.
    pub blob_bytes: usize,
}

impl Budget {
    /// Tokens of context with which a model of this shape is run: as many as the program wants, if the model can.
    pub const fn context_of(&self, config: &Config) -> usize {
        if self.context < config.n_ctx { self.context } else { config.n_ctx }
    }

    /// Checks the length of a blob, before any of it is there.
    ///
    /// # Errors
    /// [`BudgetError::BlobBytes`] if it is longer than there is room for.
    pub const fn check_len(&self, blob_len: usize) -> Result<(), BudgetError> {
        if blob_len <= self.blob_bytes {
            Ok(())
        } else {
            Err(BudgetError::BlobBytes { needed: blob_len, room: self.blob_bytes })
        }
    }

    /// Checks what a model of this shape takes of memory.
    ///
    /// # Errors
    /// [`BudgetError::KvWords`] or [`BudgetError::ScratchWords`] if it is more than there is room for.
    pub const fn check(&self, config: &Config) -> Result<(), BudgetError> {
        let context = self.context_of(config);
        let (kv_words, scratch_words) = (config.kv_words(context), config.scratch_words(context));
        if kv_words > self.kv_words {
            return Err(BudgetError::KvWords { context, needed: kv_words, room: self.kv_words });
        }
        if scratch_words > self.scratch_words {
            return Err(BudgetError::ScratchWords { context, needed: scratch_words, room: self.scratch_words });
        }
        Ok(())
    }
}

/// What a model asks for, and what the program has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BudgetError {
    /// The blob is too long.
    BlobBytes {
        /// Bytes of the blob.
        needed: usize,
        /// [`Budget::blob_bytes`].
        room: usize,
    },
    /// Keys and values take too much memory.
    KvWords {
        /// Tokens of context that were counted with.
        context: usize,
        /// Words that the model asks for.
        needed: usize,
        /// [`Budget::kv_words`].
        room: usize,
    },
    /// Activations take too much memory.
    ScratchWords {
        /// Tokens of context that were counted with.
        context: usize,
        /// Words that the model asks for.
        needed: usize,
        /// [`Budget::scratch_words`].
        room: usize,
    },
}

impl fmt::Display for BudgetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::BlobBytes { needed, room } => {
                write!(f, "the blob has {needed} bytes, the program has room for {room}; send a smaller model")
            }
            Self::KvWords { context, needed, room } => write!(
                f,
                "the model needs {needed} words for keys and values with {context} tokens of context, \
                 the program has {room}; send a smaller model"
            ),
            Self::ScratchWords { context, needed, room } => write!(
                f,
                "the model needs {needed} words of scratch with {context} tokens of context, the program has {room}; \
                 send a smaller model"
            ),
        }
    }
}

impl error::Error for BudgetError {}
