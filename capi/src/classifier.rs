//! A class for a text: which of the labels is the likeliest after it.

use core::ffi::{c_char, c_void};
use core::mem::MaybeUninit;
use core::ptr;

use crate::raw;
use crate::session::Session;
use crate::status::Status;

/// Tells texts apart: spam or not, which of a device's commands, which mood.
#[derive(Debug)]
pub struct Classifier(runtime::Classifier<'static>);

/// The likeliest label of a text.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Class {
    /// The label in UTF-8, in the model's blob; it does not end with 0.
    pub name: *const c_char,
    /// Bytes of the label.
    pub name_len: usize,
    /// Number of the label among all labels, from 0.
    pub index: usize,
    /// Natural logarithm of the label's probability among all labels, in units of 1/65536.
    pub log_prob: i32,
}

/// Makes a classifier with the labels of the session's model.
///
/// - memory, size: EGPT_CLASSIFIER_SIZE bytes or more, at a multiple of EGPT_ALIGN. The classifier lives there.
/// - classifier: where the pointer to the classifier is put; null is put there after an error.
///
/// # Errors
/// EGPT_ERROR_NULL, _MISALIGNED and _SIZE for pointers and the memory, _CONTEXT, _KV and _SCRATCH for the session,
/// _NO_LABELS for a model that was not trained to classify.
///
/// # Safety
/// The memory, the buffers of the session and the model's blob stay while the classifier is in use. Nothing else writes
/// them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_classifier_init(
    memory: *mut c_void,
    size: usize,
    session: Option<&Session>,
    classifier: Option<&mut MaybeUninit<*mut Classifier>>,
) -> Status {
    let Some(classifier) = classifier else { return Status::EGPT_ERROR_NULL };
    classifier.write(ptr::null_mut());
    let mut make = || {
        // SAFETY: the caller answers for it.
        let (place, session) = unsafe { (raw::place(memory, size)?, Session::open(session)?) };
        classifier.write(place.write(Classifier(runtime::Classifier::new(session)?)));
        Ok(())
    };
    make().into()
}

/// Finds the likeliest label of a text, of which it reads the beginning, as much as the context holds. Takes one decode
/// step per token.
///
/// - class: where the label is put.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_UTF8.
///
/// # Safety
/// The text is there until the function returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_classifier_classify(
    classifier: Option<&mut Classifier>,
    text: *const c_char,
    len: usize,
    class: Option<&mut MaybeUninit<Class>>,
) -> Status {
    let (Some(classifier), Some(class)) = (classifier, class) else { return Status::EGPT_ERROR_NULL };
    // SAFETY: the caller answers for it.
    let classify = unsafe { raw::text(text, len) }.map(|text| {
        let runtime::Class { name, index, .. } = classifier.0.classify(text);
        // Without the floats in which the runtime gives it.
        let scores = classifier.0.scores();
        let score = scores.values().get(index).copied().unwrap_or(i32::MIN);
        let log_prob = score.saturating_sub(scores.log_sum_exp());
        class.write(Class { name: name.as_ptr().cast(), name_len: name.len(), index, log_prob });
    });
    classify.into()
}

/// Gives the label of a number, from 0 on.
///
/// - name, len: where the address and the length of the label are put. It is in the model's blob, and does not end with
///   0.
///
/// # Errors
/// EGPT_ERROR_NULL; EGPT_ERROR_NO_LABELS behind the last one.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_classifier_label(
    classifier: Option<&Classifier>,
    index: usize,
    name: Option<&mut MaybeUninit<*const c_char>>,
    len: Option<&mut MaybeUninit<usize>>,
) -> Status {
    let Some(classifier) = classifier else { return Status::EGPT_ERROR_NULL };
    let label = classifier.0.labels().nth(index).ok_or(Status::EGPT_ERROR_NO_LABELS);
    label.and_then(|label| raw::give_text(label, name, len)).into()
}

/// Gives the scores of all labels for the text that was classified last, by their numbers: natural logarithms, to which
/// one number is to be added, in units of 1/65536. Meaningless before that.
///
/// - scores, n_scores: where the address and the number of the scores are put. They stay until the next call that takes
///   the classifier.
///
/// # Errors
/// EGPT_ERROR_NULL.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_classifier_scores(
    classifier: Option<&Classifier>,
    scores: Option<&mut MaybeUninit<*const i32>>,
    n_scores: Option<&mut MaybeUninit<usize>>,
) -> Status {
    let Some(classifier) = classifier else { return Status::EGPT_ERROR_NULL };
    let values = classifier.0.scores().values();
    raw::give(scores, values.as_ptr()).and_then(|()| raw::give(n_scores, values.len())).into()
}
