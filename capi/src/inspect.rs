//! What a model makes of a text, and whether it computes here what it computes elsewhere.

use core::ffi::c_char;
use core::mem::MaybeUninit;

use runtime::{LogitsHash, Vocab};

use crate::model::Model;
use crate::raw;
use crate::session::Session;
use crate::status::Status;

/// Most bytes of a token.
pub const EGPT_MAX_TOKEN_BYTES: usize = 255;

const _: () = assert!(EGPT_MAX_TOKEN_BYTES == Vocab::MAX_TOKEN_BYTES);

/// Computes a hash of all logits of a greedy run of so many tokens from token 0 on. It is the same on every target:
/// `egpt logits-hash` prints it with the same number of tokens (`-n`) and the same context.
///
/// Takes a decode step per token.
///
/// - hash: where the hash is put.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_MISALIGNED, and _CONTEXT, _KV and _SCRATCH for the session.
///
/// # Safety
/// Nothing else writes the buffers of the session until the function returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_logits_hash(
    session: Option<&Session>,
    n_tokens: usize,
    hash: Option<&mut MaybeUninit<u64>>,
) -> Status {
    let compute = || {
        // SAFETY: the caller answers for it.
        let mut session = unsafe { Session::open(session) }?;
        let (mut sum, mut token) = (LogitsHash::new(), 0);
        for _ in 0..n_tokens {
            let logits = session.step(token).map_err(|_| Status::EGPT_ERROR_OTHER)?;
            sum.add(logits);
            token = logits.argmax();
        }
        raw::give(hash, sum.value())
    };
    compute().into()
}

/// Gives the tokens of a text from its beginning.
///
/// - tokens: room for max_tokens of them. One per byte and one more is enough for most models, two per byte for all.
/// - n_tokens: where the number of tokens is put that were written.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_MISALIGNED, EGPT_ERROR_UTF8; EGPT_ERROR_SIZE if there is too little room.
///
/// # Safety
/// The text is there until the function returns, and there is room for the tokens.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_model_encode(
    model: Option<&Model>,
    text: *const c_char,
    len: usize,
    tokens: *mut u16,
    max_tokens: usize,
    n_tokens: Option<&mut MaybeUninit<usize>>,
) -> Status {
    let Some(model) = model else { return Status::EGPT_ERROR_NULL };
    let encode = || {
        // SAFETY: the caller answers for it; numbers have no invalid values.
        let (text, tokens) = unsafe { (raw::text(text, len)?, raw::slice_mut(tokens, max_tokens)?) };
        let tokens = model.0.vocab().encode(text, tokens).map_err(|_| Status::EGPT_ERROR_SIZE)?;
        raw::give(n_tokens, tokens.len())
    };
    encode().into()
}

/// Gives the bytes of a token, which may be a part of a character only. A special token and an unused number have none.
///
/// - bytes: room for EGPT_MAX_TOKEN_BYTES bytes.
/// - len: where the number of bytes is put that were written.
///
/// # Errors
/// EGPT_ERROR_NULL.
///
/// # Safety
/// There is room for the bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_model_token(
    model: Option<&Model>,
    token: u16,
    bytes: *mut u8,
    len: Option<&mut MaybeUninit<usize>>,
) -> Status {
    let Some(model) = model else { return Status::EGPT_ERROR_NULL };
    // SAFETY: the caller answers for it; bytes have no invalid values.
    let room = unsafe { raw::slice_mut(bytes, EGPT_MAX_TOKEN_BYTES) };
    let give = |room: &mut [u8]| {
        let mut buffer = [0; EGPT_MAX_TOKEN_BYTES];
        let found = model.0.vocab().bytes(token, &mut buffer);
        room.iter_mut().zip(found).for_each(|(to, from)| *to = *from);
        raw::give(len, found.len())
    };
    room.and_then(give).into()
}
