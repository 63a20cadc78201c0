//! Sizes of objects in memory of the caller, which C has to know when it compiles.
//!
//! The functions give what the library was built with. They differ from the header only if that is of another version,
//! and then the init functions refuse the memory if it is too small.

use runtime::{Keys, Letters, Pieces, Shell};

use crate::model::Model;
use crate::suggester::Place;

/// What the address of memory for an object has to be a multiple of.
pub const EGPT_ALIGN: usize = 8;

/// Bytes of a model.
#[cfg(target_pointer_width = "64")]
pub const EGPT_MODEL_SIZE: usize = 432;

/// Bytes of a model.
#[cfg(target_pointer_width = "32")]
pub const EGPT_MODEL_SIZE: usize = 232;

/// Bytes of a suggester from egpt_suggester_init.
#[cfg(target_pointer_width = "64")]
pub const EGPT_SUGGESTER_SIZE: usize = 2712;

/// Bytes of a suggester from egpt_suggester_init.
#[cfg(target_pointer_width = "32")]
pub const EGPT_SUGGESTER_SIZE: usize = 2336;

/// Bytes of a suggester from egpt_suggester_init_keys.
#[cfg(target_pointer_width = "64")]
pub const EGPT_SUGGESTER_KEYS_SIZE: usize = 3224;

/// Bytes of a suggester from egpt_suggester_init_keys.
#[cfg(target_pointer_width = "32")]
pub const EGPT_SUGGESTER_KEYS_SIZE: usize = 2840;

/// Bytes of a suggester from egpt_suggester_init_shell.
#[cfg(target_pointer_width = "64")]
pub const EGPT_SUGGESTER_SHELL_SIZE: usize = 2752;

/// Bytes of a suggester from egpt_suggester_init_shell.
#[cfg(target_pointer_width = "32")]
pub const EGPT_SUGGESTER_SHELL_SIZE: usize = 2360;

/// Bytes of a suggester from egpt_suggester_init_shell_keys.
#[cfg(target_pointer_width = "64")]
pub const EGPT_SUGGESTER_SHELL_KEYS_SIZE: usize = 3264;

/// Bytes of a suggester from egpt_suggester_init_shell_keys.
#[cfg(target_pointer_width = "32")]
pub const EGPT_SUGGESTER_SHELL_KEYS_SIZE: usize = 2856;

/// Bytes of a suggester from egpt_suggester_init_pieces.
#[cfg(target_pointer_width = "64")]
pub const EGPT_SUGGESTER_PIECES_SIZE: usize = 2712;

/// Bytes of a suggester from egpt_suggester_init_pieces.
#[cfg(target_pointer_width = "32")]
pub const EGPT_SUGGESTER_PIECES_SIZE: usize = 2336;

/// Bytes of a phrase.
#[cfg(target_pointer_width = "64")]
pub const EGPT_PHRASE_SIZE: usize = 104;

/// Bytes of a phrase.
#[cfg(target_pointer_width = "32")]
pub const EGPT_PHRASE_SIZE: usize = 96;

/// Bytes of an object for next letters.
#[cfg(target_pointer_width = "64")]
pub const EGPT_NEXT_LETTERS_SIZE: usize = 1112;

/// Bytes of an object for next letters.
#[cfg(target_pointer_width = "32")]
pub const EGPT_NEXT_LETTERS_SIZE: usize = 1096;

/// Bytes of a generator.
#[cfg(target_pointer_width = "64")]
pub const EGPT_GENERATOR_SIZE: usize = 984;

/// Bytes of a generator.
#[cfg(target_pointer_width = "32")]
pub const EGPT_GENERATOR_SIZE: usize = 552;

/// Bytes of a classifier.
#[cfg(target_pointer_width = "64")]
pub const EGPT_CLASSIFIER_SIZE: usize = 608;

/// Bytes of a classifier.
#[cfg(target_pointer_width = "32")]
pub const EGPT_CLASSIFIER_SIZE: usize = 320;

/// A size in the header is that of the object, or hardly more. Where the compiler stops here, the runtime's types have
/// changed: put their `size_of`, rounded up to 8, into the constants above.
const fn is_right<T>(header: usize) -> bool {
    let object = size_of::<T>();
    header >= object
        && header < object + EGPT_ALIGN
        && header.is_multiple_of(EGPT_ALIGN)
        && align_of::<T>() <= EGPT_ALIGN
}

const _: () = assert!(is_right::<Model>(EGPT_MODEL_SIZE));
const _: () = assert!(is_right::<Place<Letters>>(EGPT_SUGGESTER_SIZE));
const _: () = assert!(is_right::<Place<Keys<'static>>>(EGPT_SUGGESTER_KEYS_SIZE));
const _: () = assert!(is_right::<Place<Shell<'static>>>(EGPT_SUGGESTER_SHELL_SIZE));
const _: () = assert!(is_right::<Place<Shell<'static, Keys<'static>>>>(EGPT_SUGGESTER_SHELL_KEYS_SIZE));
const _: () = assert!(is_right::<Place<Pieces>>(EGPT_SUGGESTER_PIECES_SIZE));
#[cfg(feature = "phrase")]
const _: () = assert!(is_right::<crate::phrase::Phrase>(EGPT_PHRASE_SIZE));
#[cfg(feature = "next-letters")]
const _: () = assert!(is_right::<crate::next_letters::NextLetters>(EGPT_NEXT_LETTERS_SIZE));
#[cfg(feature = "generator")]
const _: () = assert!(is_right::<crate::generator::Generator>(EGPT_GENERATOR_SIZE));
#[cfg(feature = "classifier")]
const _: () = assert!(is_right::<crate::classifier::Classifier>(EGPT_CLASSIFIER_SIZE));

/// What the address of memory for an object has to be a multiple of, as EGPT_ALIGN.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_align() -> usize {
    EGPT_ALIGN
}

/// Bytes of a model, as EGPT_MODEL_SIZE.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_model_size() -> usize {
    EGPT_MODEL_SIZE
}

/// Bytes of a suggester from egpt_suggester_init, as EGPT_SUGGESTER_SIZE.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_suggester_size() -> usize {
    EGPT_SUGGESTER_SIZE
}

/// Bytes of a suggester from egpt_suggester_init_keys, as EGPT_SUGGESTER_KEYS_SIZE.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_suggester_keys_size() -> usize {
    EGPT_SUGGESTER_KEYS_SIZE
}

/// Bytes of a suggester from egpt_suggester_init_shell, as EGPT_SUGGESTER_SHELL_SIZE.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_suggester_shell_size() -> usize {
    EGPT_SUGGESTER_SHELL_SIZE
}

/// Bytes of a suggester from egpt_suggester_init_shell_keys, as EGPT_SUGGESTER_SHELL_KEYS_SIZE.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_suggester_shell_keys_size() -> usize {
    EGPT_SUGGESTER_SHELL_KEYS_SIZE
}

/// Bytes of a suggester from egpt_suggester_init_pieces, as EGPT_SUGGESTER_PIECES_SIZE.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_suggester_pieces_size() -> usize {
    EGPT_SUGGESTER_PIECES_SIZE
}

/// Bytes of a phrase, as EGPT_PHRASE_SIZE.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_phrase_size() -> usize {
    EGPT_PHRASE_SIZE
}

/// Bytes of an object for next letters, as EGPT_NEXT_LETTERS_SIZE.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_next_letters_size() -> usize {
    EGPT_NEXT_LETTERS_SIZE
}

/// Bytes of a generator, as EGPT_GENERATOR_SIZE.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_generator_size() -> usize {
    EGPT_GENERATOR_SIZE
}

/// Bytes of a classifier, as EGPT_CLASSIFIER_SIZE.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_classifier_size() -> usize {
    EGPT_CLASSIFIER_SIZE
}
