//! The memory that a suggester, a generator or a classifier computes in.

use runtime::Buffers;

use crate::model::Model;
use crate::raw;
use crate::status::Status;

/// A model and the memory to run it in, of which one suggester, generator or classifier at a time can be made.
///
/// The memory need not hold anything. It belongs to that object until another one is made with it.
#[derive(Debug)]
#[repr(C)]
pub struct Session {
    /// From egpt_model_load. What is made with it keeps its own copy: the model's memory may go, its blob may not.
    pub model: Option<&'static Model>,
    /// Tokens that the model looks back, from 1 to egpt_model_max_context; 64 are about 35 words.
    pub context: usize,
    /// Keys, values and token ids of the context.
    pub kv: *mut u32,
    /// Words there: egpt_model_kv_words or more.
    pub kv_words: usize,
    /// Activations of one step, or the scores of all tokens.
    pub scratch: *mut u32,
    /// Words there: egpt_model_scratch_words or more.
    pub scratch_words: usize,
}

impl Session {
    /// A session of the runtime.
    ///
    /// # Safety
    /// The buffers are there for ever, and nothing else reads or writes them.
    pub(crate) unsafe fn open(session: Option<&Self>) -> Result<runtime::Session<'static>, Status> {
        let session = session.ok_or(Status::EGPT_ERROR_NULL)?;
        let model = session.model.ok_or(Status::EGPT_ERROR_NULL)?;
        // SAFETY: the caller answers for it.
        let (kv, scratch) = unsafe {
            (raw::slice_mut(session.kv, session.kv_words)?, raw::slice_mut(session.scratch, session.scratch_words)?)
        };
        Ok(runtime::Session::new(&model.0, session.context, Buffers { kv, scratch })?)
    }
}
