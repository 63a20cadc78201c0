//! Text that a model writes on, one token per call.

use core::ffi::{c_char, c_void};
use core::fmt;
use core::mem::MaybeUninit;
use core::ptr;

use runtime::Sampler;

use crate::raw;
use crate::session::Session;
use crate::status::Status;

/// Writes on where a prompt ends.
#[derive(Debug)]
pub struct Generator(runtime::Generator<'static>);

/// Settings of a generator. Begin with egpt_generator_options_default and change what matters.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct GeneratorOptions {
    /// Start of the random numbers; one seed gives one text on every target.
    pub seed: u64,
    /// Tokens are chosen among so many of the likeliest only; SIZE_MAX for all.
    pub top_k: usize,
    /// Tokens after which a text is over if the model has not ended it; SIZE_MAX for no limit.
    pub max_tokens: usize,
    /// Below 1 favours likely tokens, above 1 evens them out; 0 always takes the likeliest.
    pub temperature: f32,
    /// Tokens are chosen among the fewest whose probabilities reach this together; 1 for all.
    pub top_p: f32,
    /// Whether text of a model that knows small letters only gets capitals.
    pub truecasing: bool,
}

/// Takes text that was generated: len bytes of UTF-8 that do not end with 0, whole characters. False if it could not be
/// written; then the call that generates returns EGPT_ERROR_OUTPUT. The context is what was given to that call.
pub type Write = Option<unsafe extern "C" fn(context: *mut c_void, text: *const c_char, len: usize) -> bool>;

/// Where text goes.
struct Output(Write, *mut c_void);

impl fmt::Write for Output {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let write = self.0.ok_or(fmt::Error)?;
        // SAFETY: the caller of the function that generates has given a function for this context, which takes a text.
        let is_written = text.is_empty() || unsafe { write(self.1, text.as_ptr().cast(), text.len()) };
        if is_written { Ok(()) } else { Err(fmt::Error) }
    }
}

/// Always the likeliest token, no limit, and capitals.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_generator_options_default() -> GeneratorOptions {
    GeneratorOptions {
        seed: 0,
        top_k: usize::MAX,
        max_tokens: usize::MAX,
        temperature: 0.0,
        top_p: 1.0,
        truecasing: true,
    }
}

/// Makes a generator.
///
/// - memory, size: EGPT_GENERATOR_SIZE bytes or more, at a multiple of EGPT_ALIGN. The generator lives there.
/// - options: null for those by default.
/// - generator: where the pointer to the generator is put; null is put there after an error.
///
/// # Errors
/// EGPT_ERROR_NULL, _MISALIGNED and _SIZE for pointers and the memory, _CONTEXT, _KV and _SCRATCH for the session.
///
/// # Safety
/// The memory, the buffers of the session and the model's blob stay while the generator is in use. Nothing else writes
/// them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_generator_init(
    memory: *mut c_void,
    size: usize,
    session: Option<&Session>,
    options: Option<&GeneratorOptions>,
    generator: Option<&mut MaybeUninit<*mut Generator>>,
) -> Status {
    let Some(generator) = generator else { return Status::EGPT_ERROR_NULL };
    generator.write(ptr::null_mut());
    let mut make = || {
        // SAFETY: the caller answers for it.
        let (place, session) = unsafe { (raw::place(memory, size)?, Session::open(session)?) };
        let &GeneratorOptions { seed, top_k, max_tokens, temperature, top_p, truecasing } =
            options.unwrap_or(&egpt_generator_options_default());
        let sampler = Sampler::new(temperature, seed).with_top_k(top_k).with_top_p(top_p);
        let options = runtime::GeneratorOptions { sampler, max_tokens, truecasing };
        generator.write(place.write(Generator(runtime::Generator::new(session, options))));
        Ok(())
    };
    make().into()
}

/// Does a slice of the work: reads a part of the prompt, or writes one token.
///
/// Give it the same prompt until it returns EGPT_OK: the model has ended the text, or it has max_tokens. After a text
/// that the model has ended, a further call writes on with the text that the model begins then. A call takes one decode
/// step.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_UTF8. EGPT_ERROR_EMPTY_PROMPT if the prompt is empty and the vocabulary has no token
/// that starts a text. EGPT_ERROR_OUTPUT if the callback returns false: the token is lost, and the next call goes on.
///
/// # Safety
/// The prompt is there until the function returns. The callback can be called with the context, and does not call
/// functions of this generator.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_generator_poll(
    generator: Option<&mut Generator>,
    prompt: *const c_char,
    len: usize,
    write: Write,
    context: *mut c_void,
) -> Status {
    if write.is_none() {
        return Status::EGPT_ERROR_NULL;
    }
    let poll = || {
        let generator = generator.ok_or(Status::EGPT_ERROR_NULL)?;
        // SAFETY: the caller answers for it.
        let prompt = unsafe { raw::text(prompt, len) }?;
        Ok(Status::from(generator.0.poll(prompt, &mut Output(write, context))?))
    };
    poll().into()
}

/// Writes what is held back of the last word or character; for a text that is broken off before egpt_generator_poll
/// returns EGPT_OK.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_OUTPUT.
///
/// # Safety
/// The callback can be called with the context, and does not call functions of this generator.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_generator_finish(
    generator: Option<&mut Generator>,
    write: Write,
    context: *mut c_void,
) -> Status {
    let Some(generator) = generator.filter(|_| write.is_some()) else { return Status::EGPT_ERROR_NULL };
    generator.0.finish(&mut Output(write, context)).map_err(Status::from).into()
}

/// Forgets the text, and begins another one with the next egpt_generator_poll. The random numbers go on.
///
/// # Errors
/// EGPT_ERROR_NULL.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_generator_restart(generator: Option<&mut Generator>) -> Status {
    generator.map(|generator| generator.0.restart()).ok_or(Status::EGPT_ERROR_NULL).into()
}

/// Tokens written since the text began, ends of texts included; 0 if the generator is null.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_generator_n_written(generator: Option<&Generator>) -> usize {
    generator.map_or(0, |generator| generator.0.n_written())
}
