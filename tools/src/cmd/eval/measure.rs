//! The figures of one predictor: a model, or a table.

use std::path::Path;

use anyhow::Result;
use egpt_core::baseline::{Counts, Predictor, Table};
use egpt_core::blob_file::BlobFile;
use egpt_core::checkpoint::Checkpoint;
use egpt_core::eval::ksr::MAX_SLOTS;
use egpt_core::eval::phrases::{self, Phrases};
use egpt_core::eval::steps::Steps;
use egpt_core::eval::suggestions::{self, Settings};
use egpt_core::eval::typed_text::TypedText;
use egpt_core::eval::typing::{self, N_PARTS, Typing};
use egpt_core::export::blob_of;
use egpt_core::measure::bits_per_byte::{self, TextLoss};
use egpt_core::measure::token_stream::TokenStream;
use embedded_gpt::format::tensor::Format;

use super::EvalArgs;
use crate::cmd::keys::KeysArg;

/// Which ways of typing are measured.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policies {
    pub with_repeats: bool,
    pub new_only: bool,
}

/// What was measured.
#[derive(Debug)]
pub(super) struct Measured {
    pub name: String,
    pub n_bytes: usize,
    /// Bytes that a table was allowed to take; `None` for a model.
    pub table_budget: Option<usize>,
    pub loss: Option<TextLoss>,
    /// Words that were not taken are shown again.
    pub with_repeats: Option<Typing>,
    /// Words that were not taken are not shown again.
    pub new_only: Option<Typing>,
    /// Words that were not taken are shown again, with a phrase beside them.
    pub phrases: Option<Phrases>,
}

impl Measured {
    /// The first way of typing that was measured.
    pub fn first(&self) -> Option<&Typing> {
        self.with_repeats.as_ref().or(self.new_only.as_ref())
    }

    /// That, if it writes words in a case: a table has small letters only.
    pub fn case_exact(&self) -> Option<&Typing> {
        self.first().filter(|_| self.table_budget.is_none())
    }

    /// Decode steps of that; a table takes none.
    pub fn steps(&self) -> Option<&Steps> {
        self.first().filter(|_| self.table_budget.is_none()).map(|typing| &typing.steps)
    }
}

/// The checkpoint, if it is one, and the blob.
pub(super) fn read(path: &Path) -> Result<(Option<Checkpoint>, BlobFile)> {
    let checkpoint = if path.is_dir() { Some(Checkpoint::load(path)?) } else { None };
    let file = match &checkpoint {
        Some(checkpoint) => BlobFile::new(&blob_of(checkpoint, |_| Format::Q8, "")?),
        None => BlobFile::read(path)?,
    };
    Ok((checkpoint, file))
}

pub(super) fn model(
    args: &EvalArgs,
    path: &Path,
    text: &str,
    typed: &TypedText,
    policies: Policies,
) -> Result<Measured> {
    let (checkpoint, file) = read(path)?;
    let model = file.model()?;
    let stream = TokenStream::new(text, &model.vocab());
    let context = args.context.unwrap_or(model.config().n_ctx);
    let loss = match &checkpoint {
        Some(checkpoint) => bits_per_byte::of_weights(&checkpoint.weights, &stream, context)?,
        None => bits_per_byte::of_blob(&model, &stream, context)?,
    };
    let (budget, user_dictionary) = (args.budget, args.user_dictionary);
    let settings = |is_new_only| Settings {
        context: args.context,
        budget,
        is_new_only,
        user_dictionary,
        keys: args.keys.unwrap_or(KeysArg::Letters).keys(),
    };
    let type_text = |is_new_only| suggestions::type_text(&model, typed, settings(is_new_only));
    let phrases = |percent| phrases::type_text(&model, typed, settings(false), percent);
    Ok(Measured {
        name: path.display().to_string(),
        n_bytes: file.bytes().len(),
        table_budget: None,
        loss: Some(loss),
        with_repeats: policies.with_repeats.then(|| type_text(false)).transpose()?,
        new_only: policies.new_only.then(|| type_text(true)).transpose()?,
        phrases: args.phrase.filter(|_| policies.with_repeats).map(phrases).transpose()?,
    })
}

pub(super) fn table(counts: &Counts, budget: usize, typed: &TypedText, policies: Policies) -> Result<Measured> {
    let table = Table::new(counts, budget);
    let predictor = || {
        let mut predictor = Predictor::new(&table);
        move |context: &str, prefix: &str, k: usize| Ok(predictor.suggest(context, prefix, k))
    };
    let with_repeats = || typing::in_parts(typed, N_PARTS, |part| part.type_words(MAX_SLOTS, &mut predictor()));
    let new_only = || {
        typing::for_each_slots(|slots| {
            typing::in_parts(typed, N_PARTS, |part| part.type_words(slots, &mut typing::new_only(predictor())))
        })
    };
    Ok(Measured {
        name: format!("trigram {}", size(budget)),
        n_bytes: table.n_bytes(),
        table_budget: Some(budget),
        loss: None,
        with_repeats: policies.with_repeats.then(with_repeats).transpose()?,
        new_only: policies.new_only.then(new_only).transpose()?,
        phrases: None,
    })
}

/// A size as it is written on the command line.
fn size(n_bytes: usize) -> String {
    match n_bytes {
        n if n % (1 << 20) == 0 => format!("{} MiB", n >> 20),
        n if n % (1 << 10) == 0 => format!("{} KiB", n >> 10),
        n => format!("{n} B"),
    }
}
