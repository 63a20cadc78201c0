//! A long greedy generation whose logits must have the same bits everywhere.

use embedded_gpt::{Buffers, Model, Sampler, Session};

use crate::{Board, Meter, RunError, context};

/// Tokens that are generated: more than the context holds, so that it slides.
const N_TOKENS: usize = 1000;

/// Generates 1,000 tokens greedily; prints the hash of all logits and the work of a token.
///
/// # Errors
/// [`RunError`] of the call that failed.
pub fn bit_identity(model: &Model<'_>, buffers: Buffers<'_>, board: &mut impl Board) -> Result<(), RunError> {
    let mut session = Session::new(model, context(model.config()), buffers)?;
    let mut meter = Meter::new();
    let mut token = 0;
    for _ in 0..N_TOKENS {
        token = meter.step(&mut session, token, &mut Sampler::greedy(), board)?;
    }
    meter.report(board)
}
