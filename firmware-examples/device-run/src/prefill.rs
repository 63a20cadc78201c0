//! A prompt with several tokens per pass over the weights; `cargo xtask bench prefill` reads what is printed.

use core::fmt::Write;

use embedded_gpt::{Buffers, Model, Session, TokenId};

use crate::{RunError, context};

/// Tokens per pass.
const N_PREFILL: [usize; 4] = [1, 2, 4, 8];
const N_PROMPT: usize = 32;

/// Reads a prompt with each number of tokens per pass; `measure` calls what it is given, and tells what that took.
///
/// # Errors
/// [`RunError`] of the call that failed.
pub fn prefill<B: Write>(
    model: &Model<'_>,
    ram: &mut [u32],
    board: &mut B,
    measure: impl Fn(&B, &mut dyn FnMut()) -> u64,
) -> Result<(), RunError> {
    let (config, context) = (model.config(), context(model.config()));
    let mut prompt: [TokenId; N_PROMPT] = core::array::from_fn(|i| ((i * 97 + 13) % config.n_vocab) as TokenId);
    let prompt = &mut prompt[..N_PROMPT.min(context)];
    for n_prefill in N_PREFILL {
        let (n_kv, n_scratch) = (config.kv_words(context), config.scratch_words_for(context, n_prefill));
        let (kv, rest) = ram.split_at_mut_checked(n_kv).unwrap_or_default();
        let scratch = rest.get_mut(..n_scratch).unwrap_or_default();
        let mut session = Session::new(model, context, Buffers { kv, scratch })?;
        let mut result = Ok(());
        let total = measure(board, &mut || result = session.feed(prompt));
        result?;
        writeln!(board, "prefill {n_prefill} ram {} total {total} tokens {}", 4 * (n_kv + n_scratch), prompt.len())?;
    }
    Ok(())
}
