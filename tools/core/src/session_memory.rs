//! The memory of a session, on the heap of the host.

use anyhow::{Context, Result};
use embedded_gpt::{Buffers, Config, Model, Session};

/// KV cache and scratch for one session at a time, which takes one token per pass over the weights: they stay in
/// the caches of a computer, where several per pass are not faster.
#[derive(Clone, Debug)]
pub struct SessionMemory {
    context: usize,
    kv: Vec<u32>,
    scratch: Vec<u32>,
}

impl SessionMemory {
    /// Memory for `context` tokens; for as many as the model was trained for if `None`.
    pub fn new(config: &Config, context: Option<usize>) -> Self {
        let context = context.unwrap_or(config.n_ctx);
        // A longer context than the model's is refused by the session, so no memory is needed for it.
        let usable = context.min(config.n_ctx);
        Self { context, kv: vec![0; config.kv_words(usable)], scratch: vec![0; config.scratch_words(usable)] }
    }

    /// Starts a session, which borrows the memory.
    ///
    /// # Errors
    /// If the context is 0 or longer than the model's.
    pub fn session<'b>(&'b mut self, model: &'b Model<'b>) -> Result<Session<'b>> {
        let buffers = Buffers { kv: &mut self.kv, scratch: &mut self.scratch };
        Session::new(model, self.context, buffers)
            .with_context(|| format!("a context of {} tokens cannot be had; choose another --context", self.context))
    }
}
