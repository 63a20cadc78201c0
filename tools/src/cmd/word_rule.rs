//! The option that says what words are made of.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use egpt_core::word_rule::{NAMES, word_rule_of};
use embedded_gpt::text::WordRule;

/// Parses the name of a rule of words.
pub(super) fn word_rule() -> impl TypedValueParser<Value = WordRule> {
    PossibleValuesParser::new(NAMES.map(|(name, _)| name)).map(|name| word_rule_of(&name).unwrap_or_default())
}
