//! What a program in C does wrong is an error, not a crash.
#![allow(unsafe_code)]

mod fixture;

use std::ffi::{CStr, c_char};
use std::mem::MaybeUninit;
use std::ptr;

use embedded_gpt_capi::caret::*;
use embedded_gpt_capi::classifier::*;
use embedded_gpt_capi::correction::*;
use embedded_gpt_capi::dictionary::*;
use embedded_gpt_capi::generator::*;
use embedded_gpt_capi::inspect::*;
use embedded_gpt_capi::keys::*;
use embedded_gpt_capi::model::*;
use embedded_gpt_capi::next_letters::*;
use embedded_gpt_capi::phrase::*;
use embedded_gpt_capi::pieces::*;
use embedded_gpt_capi::session::Session;
use embedded_gpt_capi::shell::*;
use embedded_gpt_capi::sizes::*;
use embedded_gpt_capi::status::Status::{self, *};
use embedded_gpt_capi::status::egpt_error_text;
use embedded_gpt_capi::suggester::*;
use fixture::{DEMO, load, made, memory, out, parts, session, suggester, texts};

const NOTHING: (*const c_char, usize) = (ptr::null(), 3);
const NOT_UTF8: (*const c_char, usize) = (c"ab\xFF".as_ptr(), 3);

fn error_text(status: i32) -> &'static str {
    // SAFETY: a text that ends with 0 and is there for ever.
    unsafe { CStr::from_ptr(egpt_error_text(status)) }.to_str().unwrap()
}

#[test]
fn every_status_has_a_text_of_its_own() {
    let texts: Vec<&str> = (-200..=1).map(error_text).collect();
    let known: Vec<&&str> = texts.iter().filter(|text| **text != error_text(-127)).collect();
    assert_eq!(known.len(), 24);
    assert!(known.iter().all(|text| texts.iter().filter(|other| *other == *text).count() == 1));
    assert_eq!(error_text(EGPT_ERROR_UTF8 as i32), "the text is not UTF-8");
    assert_eq!([error_text(7), error_text(i32::MIN)], [error_text(-127); 2]);
}

#[test]
fn blobs_that_cannot_be_run_are_refused() {
    let changed = |change: fn(&mut Vec<u8>)| {
        let mut bytes = DEMO.0.to_vec();
        change(&mut bytes);
        load(at(0, &bytes)).unwrap_err()
    };
    assert_eq!(changed(|bytes| bytes[0] = b'X'), EGPT_ERROR_NOT_A_BLOB);
    assert_eq!(changed(|bytes| bytes[4] += 1), EGPT_ERROR_VERSION);
    assert_eq!(changed(|bytes| bytes.truncate(5000)), EGPT_ERROR_TRUNCATED);
    assert_eq!(changed(|bytes| bytes[9000] ^= 1), EGPT_ERROR_CHECKSUM);
    assert_eq!(changed(Vec::clear), EGPT_ERROR_TRUNCATED);
    assert_eq!(load(&DEMO.0[1..]).unwrap_err(), EGPT_ERROR_NOT_A_BLOB);
    assert_eq!(load(at(8, &DEMO.0)).unwrap_err(), EGPT_ERROR_BLOB_ALIGNMENT);
}

/// A copy of bytes, so far behind a multiple of 16.
fn at(offset: usize, bytes: &[u8]) -> &'static [u8] {
    let room = Box::leak(vec![0; bytes.len() + 32].into_boxed_slice());
    let start = room.as_ptr().align_offset(16) + offset;
    room[start..start + bytes.len()].copy_from_slice(bytes);
    &room[start..start + bytes.len()]
}

/// Checks that an init function refuses memory that is not there, not aligned or too small, and that `size` bytes are
/// enough.
fn check_memory<T>(
    size: usize,
    init: impl Fn(*mut std::ffi::c_void, usize, Option<&mut MaybeUninit<*mut T>>) -> Status,
) {
    let (start, _) = memory(size + 16);
    let mut object = out();
    let mut refused = |memory, size| {
        object.write(ptr::dangling_mut());
        let status = init(memory, size, Some(&mut object));
        // SAFETY: written.
        assert!(unsafe { object.assume_init() }.is_null());
        status
    };
    assert_eq!(refused(ptr::null_mut(), size), EGPT_ERROR_NULL);
    assert_eq!(refused(start.wrapping_byte_add(1), size), EGPT_ERROR_MISALIGNED);
    assert_eq!(refused(start, size - 8), EGPT_ERROR_SIZE);
    assert_eq!(refused(start, 0), EGPT_ERROR_SIZE);
    assert_eq!(init(start, size, None), EGPT_ERROR_NULL);
    assert_eq!(init(start, size, Some(&mut out())), EGPT_OK);
}

#[test]
fn memory_that_is_no_place_for_an_object_is_refused() {
    let keys = Keys { layout: KeyLayout::EGPT_KEYS_QWERTY as i32, rows: ptr::null(), n_rows: 0 };
    let (words, n_words) = texts(&["help"]);
    let mut session = session();
    let session = &mut session;
    // SAFETY: all memory stays.
    unsafe {
        check_memory(egpt_suggester_size(), |memory, size, out| {
            egpt_suggester_init(memory, size, Some(session), None, out)
        });
        check_memory(egpt_suggester_keys_size(), |memory, size, out| {
            egpt_suggester_init_keys(memory, size, Some(session), None, Some(&keys), out)
        });
        check_memory(egpt_suggester_pieces_size(), |memory, size, out| {
            egpt_suggester_init_pieces(memory, size, Some(session), None, out)
        });
        check_memory(egpt_suggester_shell_size(), |memory, size, out| {
            egpt_suggester_init_shell(memory, size, Some(session), None, words, n_words, out)
        });
        check_memory(egpt_suggester_shell_keys_size(), |memory, size, out| {
            egpt_suggester_init_shell_keys(memory, size, Some(session), None, words, n_words, Some(&keys), out)
        });
        check_memory(egpt_generator_size(), |memory, size, out| {
            egpt_generator_init(memory, size, Some(session), None, out)
        });
        check_memory(egpt_next_letters_size(), |memory, size, out| egpt_next_letters_init(memory, size, 6, out));
        check_memory(egpt_model_size(), |memory, size, out| {
            let blob = DEMO.0.as_ptr().cast();
            // SAFETY: a pointer is a pointer.
            let out = out.map(|out: &mut MaybeUninit<*mut Model>| &mut *ptr::from_mut(out).cast());
            egpt_model_load(memory, size, blob, DEMO.0.len(), out)
        });
    }
    assert!(egpt_phrase_size() >= 64 && egpt_classifier_size() >= 256);
}

#[test]
fn sessions_that_lack_something_are_refused() {
    let init = |change: fn(&mut Session)| {
        let mut session = session();
        change(&mut session);
        let ((memory, size), mut suggester) = (memory(4096), out());
        // SAFETY: all memory stays.
        unsafe { egpt_suggester_init(memory, size, Some(&session), None, Some(&mut suggester)) }
    };
    assert_eq!(init(|_| ()), EGPT_OK);
    assert_eq!(init(|session| session.model = None), EGPT_ERROR_NULL);
    assert_eq!(init(|session| session.context = 0), EGPT_ERROR_CONTEXT);
    assert_eq!(init(|session| session.context = usize::MAX), EGPT_ERROR_CONTEXT);
    assert_eq!(init(|session| session.kv = ptr::null_mut()), EGPT_ERROR_NULL);
    assert_eq!(init(|session| session.scratch = ptr::null_mut()), EGPT_ERROR_NULL);
    assert_eq!(init(|session| session.kv = session.kv.wrapping_byte_add(2)), EGPT_ERROR_MISALIGNED);
    assert_eq!(init(|session| session.kv_words -= 1), EGPT_ERROR_KV);
    assert_eq!(init(|session| session.scratch_words -= 1), EGPT_ERROR_SCRATCH);
    assert_eq!(init(|session| session.scratch_words = usize::MAX / 2), EGPT_ERROR_SIZE);
}

#[test]
fn texts_that_are_none_are_refused() {
    let suggester = suggester();
    assert_eq!(fixture::suggest(suggester, "see you tom")[0], "tomorrow");
    let mut slot = out();
    for ((bytes, len), expected) in [(NOTHING, EGPT_ERROR_NULL), (NOT_UTF8, EGPT_ERROR_UTF8)] {
        // SAFETY: the texts stay.
        unsafe {
            assert_eq!(egpt_suggester_poll(Some(suggester), bytes, len), expected);
            assert_eq!(egpt_suggester_suggest(Some(suggester), bytes, len, ptr::null_mut(), 0, None), expected);
            assert_eq!(egpt_suggester_keep(Some(suggester), bytes, len), expected);
            assert_eq!(egpt_word_start(bytes, len, Some(&mut slot)), expected);
            assert_eq!(egpt_shell_word_start(bytes, len, Some(&mut slot)), expected);
        }
    }
    // SAFETY: an empty text needs no bytes.
    assert_eq!(unsafe { egpt_word_start(ptr::null(), 0, Some(&mut slot)) }, EGPT_OK);
    let (bad, n) = texts(&["darn", ""]);
    // SAFETY: the list was just made; nobody else reads it.
    unsafe { (*bad.cast_mut().add(1)).bytes = ptr::null() };
    // SAFETY: the list stays.
    unsafe {
        assert_eq!(egpt_suggester_set_blocked(Some(suggester), bad, n), EGPT_ERROR_NULL);
        assert_eq!(egpt_suggester_set_blocked(Some(suggester), bad.wrapping_byte_add(1), n), EGPT_ERROR_MISALIGNED);
        assert_eq!(egpt_suggester_set_blocked(Some(suggester), ptr::null(), 1), EGPT_ERROR_NULL);
        assert_eq!(egpt_suggester_set_blocked(Some(suggester), bad, usize::MAX), EGPT_ERROR_SIZE);
    }
}

#[test]
fn null_is_refused_everywhere() {
    let (text, len) = parts("see you");
    let (mut number, mut bytes) = (out(), out());
    // SAFETY: null where an object should be.
    let all = unsafe {
        [
            egpt_suggester_poll(None, text, len),
            egpt_suggester_best(None, ptr::null_mut(), 0, Some(&mut number)),
            egpt_suggester_best(Some(suggester()), ptr::null_mut(), 3, Some(&mut number)),
            egpt_suggester_set_options(None, None),
            egpt_suggester_set_blocked(None, ptr::null(), 0),
            egpt_suggester_set_keys(None, None),
            egpt_suggester_set_words(None, ptr::null(), 0),
            egpt_suggester_set_words_and_keys(None, ptr::null(), 0, None),
            egpt_suggester_correction(None, None, None),
            egpt_suggester_keep(None, text, len),
            egpt_suggester_set_text_after(None, text, len),
            egpt_word_start(text, len, None),
            egpt_dictionary_init(None, ptr::null_mut(), 0),
            egpt_dictionary_init(Some(suggester()), ptr::null_mut(), 300),
            egpt_dictionary_restore(None, ptr::null_mut(), 0),
            egpt_dictionary_save(None, Some(&mut bytes), Some(&mut number)),
            egpt_dictionary_learn(None, text, len),
            egpt_dictionary_add(None, text, len),
            egpt_dictionary_forget(None, text, len),
            egpt_dictionary_forget_all(None),
            egpt_dictionary_entry(None, 0, None),
            egpt_phrase_poll(None, Some(suggester())),
            egpt_phrase_text(None, None, None),
            egpt_next_letters_poll(None, Some(suggester())),
            egpt_next_letters_best(None, ptr::null_mut(), 0, Some(&mut number)),
            egpt_next_letters_log_prob(None, 0, None),
            egpt_generator_poll(None, text, len, None, ptr::null_mut()),
            egpt_generator_finish(None, None, ptr::null_mut()),
            egpt_generator_restart(None),
            egpt_classifier_classify(None, text, len, None),
            egpt_classifier_label(None, 0, None, None),
            egpt_classifier_scores(None, None, None),
            egpt_logits_hash(None, 0, None),
            egpt_model_encode(None, text, len, ptr::null_mut(), 8, None),
            egpt_model_token(None, 0, ptr::null_mut(), None),
        ]
    };
    assert!(all.iter().all(|status| *status == EGPT_ERROR_NULL), "{all:?}");
    assert_eq!([egpt_model_max_context(None), egpt_model_kv_words(None, 8)], [0, usize::MAX]);
    assert_eq!(egpt_model_scratch_words(None, 8, 1), usize::MAX);
    assert_eq!([egpt_model_id(None), egpt_suggester_decode_steps(None)], [0; 2]);
    assert_eq!(egpt_generator_n_written(None), 0);
    assert!(!egpt_version().is_null() && !egpt_kernel_name(None).is_null());
}

#[test]
fn what_the_suggester_has_not_is_refused() {
    let suggester = suggester();
    let keys = |layout| Keys { layout, rows: ptr::null(), n_rows: 0 };
    let (text, len) = parts("word");
    let mut phrase = out();
    let (memory, size) = memory(EGPT_PHRASE_SIZE);
    // SAFETY: all memory stays.
    unsafe {
        assert_eq!(egpt_suggester_set_keys(Some(suggester), Some(&keys(1))), EGPT_ERROR_KEYBOARD);
        assert_eq!(egpt_suggester_set_keys(Some(suggester), Some(&keys(7))), EGPT_ERROR_VALUE);
        assert_eq!(egpt_suggester_set_keys(Some(suggester), Some(&keys(-1))), EGPT_ERROR_VALUE);
        assert_eq!(egpt_suggester_set_words(Some(suggester), ptr::null(), 0), EGPT_ERROR_KEYBOARD);
        assert_eq!(egpt_dictionary_learn(Some(suggester), text, len), EGPT_ERROR_NO_DICTIONARY);
        assert_eq!(egpt_dictionary_add(Some(suggester), text, len), EGPT_ERROR_NO_DICTIONARY);
        assert_eq!(egpt_dictionary_init(Some(suggester), memory.cast(), 16), EGPT_ERROR_DICTIONARY_SIZE);
        // Nothing was suggested yet.
        let init = egpt_phrase_init(memory, size, Some(suggester), 3, 0, 20, 4, Some(&mut phrase));
        assert_eq!(init, EGPT_ERROR_NO_WORD);
        assert!(phrase.assume_init().is_null());
        let (memory, size) = fixture::memory(EGPT_CLASSIFIER_SIZE);
        let init = egpt_classifier_init(memory, size, Some(&session()), Some(&mut out()));
        assert_eq!(init, EGPT_ERROR_NO_LABELS);
    }
}

#[test]
fn output_that_fails_is_an_error() {
    extern "C" fn fail(_: *mut std::ffi::c_void, _: *const std::ffi::c_char, _: usize) -> bool {
        false
    }
    // SAFETY: all memory stays.
    let generator = made(|memory, size, out| unsafe { egpt_generator_init(memory, size, Some(&session()), None, out) });
    let (text, len) = parts("how are");
    let mut poll = |write| {
        // SAFETY: the function can be called with any context.
        std::iter::repeat_with(|| unsafe { egpt_generator_poll(Some(generator), text, len, write, ptr::null_mut()) })
            .take(99)
            .find(|&status| status != EGPT_WORKING)
    };
    assert_eq!(poll(None), Some(EGPT_ERROR_NULL));
    assert_eq!(poll(Some(fail)), Some(EGPT_ERROR_OUTPUT));
}
