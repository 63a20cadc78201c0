//! A very long run, for what shows only after a long time: the context slides thousands of times.

use embedded_gpt::{Model, Session};

use crate::{Board, LogitsHash, RunError, buffers};

/// Tokens that the model looks back: few, so that the context slides often.
const CONTEXT: usize = 48;
/// Tokens of the whole run.
const N_TOKENS: u32 = 1_000_000;
/// After so many of them a line is printed.
const PER_LINE: u32 = 5_000;
/// Of so many tokens one is not the likeliest, so that the text does not go round in circles.
const PER_SURPRISE: u32 = 16;

/// Takes a million tokens, and prints the hash of all logits so far now and then.
///
/// # Errors
/// [`RunError`] of the call that failed, that of a session if the memory is too small for the model.
pub fn soak(model: &Model<'_>, ram: &mut [u32], board: &mut impl Board) -> Result<(), RunError> {
    let config = model.config();
    let context = config.n_ctx.min(CONTEXT);
    let mut session = Session::new(model, context, buffers(model, ram, context))?;
    let (mut hash, mut random, mut token) = (LogitsHash::new(), 1u32, 0);
    for n in 1..=N_TOKENS {
        let logits = session.step(token)?;
        hash.add(logits);
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        token =
            if n % PER_SURPRISE == 0 { (random >> 8) as usize % config.n_vocab } else { logits.argmax().into() } as _;
        if n % PER_LINE == 0 {
            writeln!(board, "soak {n} tokens: logits {:#018x}", hash.value())?;
        }
    }
    Ok(())
}
