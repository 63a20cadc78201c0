//! The subcommands of `egpt`, one file each: arguments, and what to do with them.

mod blob_input;
pub mod classify;
pub mod compare;
pub mod complete;
pub mod corpus;
pub mod eval;
pub mod export;
pub mod finetune;
pub mod generate;
pub mod import;
pub mod inspect;
pub mod logits_hash;
mod ranges;
pub mod report;
mod table;
mod teacher;
pub mod tokenize;
pub mod train;
pub mod type_text;
pub mod words;
