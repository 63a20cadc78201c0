//! The option that names a language.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use egpt_core::language::{CODES, language_of};
use embedded_gpt::text::Language;

/// Parses the code of a language whose capitals have rules of their own.
pub(super) fn language() -> impl TypedValueParser<Value = Language> {
    PossibleValuesParser::new(CODES.map(|(code, _)| code)).map(|code| language_of(&code).unwrap_or_default())
}
