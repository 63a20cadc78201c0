//! One measured figure, as a line of JSON.

use std::fmt::{self, Display, Formatter};

/// A figure of a target such as `cortex-m4f`.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// A matrix times a vector, row scales included.
    Kernel { target: String, kernel: String, format: String, rows: u64, cols: u64, instr_per_mac: f64 },
    /// One token; `position` is a number, or `mean32` for the mean of the first 32.
    Token { target: String, model: String, format: String, position: String, instructions: u64 },
    /// Suggestions after a key: instructions of half of the keys at most, of 99 of 100, and of any; of the longest
    /// call of `Suggester::poll` and of `Suggester::best`.
    Keystroke {
        target: String,
        model: String,
        format: String,
        /// What the keys may stand for: `letters`, or `slips` of a keyboard in English.
        keys: String,
        user_dictionary_bytes: u64,
        n: usize,
        median: u64,
        p99: u64,
        most: u64,
        longest_poll: u64,
        longest_best: u64,
        mean_steps: f64,
        ram_bytes: u64,
    },
    /// A token of a prompt, when `n_prefill` go through the weights together; bytes of flash through a cache.
    Prefill {
        target: String,
        model: String,
        format: String,
        n_prefill: u64,
        ram_bytes: u64,
        flash_bytes: u64,
        instructions: u64,
    },
    /// The runtime with a model.
    Memory { target: String, model: String, context: u64, code_bytes: u64, ram_bytes: u64, stack_bytes: u64 },
}

impl Display for Record {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Record::Kernel { target, kernel, format, rows, cols, instr_per_mac } => write!(
                f,
                r#"{{"bench":"kernel","target":{target:?},"format":{format:?},"rows":{rows},"cols":{cols},"instr_per_mac":{instr_per_mac:.3},"kernel":{kernel:?}}}"#
            ),
            Record::Token { target, model, format, position, instructions } => {
                let quote = if position.parse::<u64>().is_ok() { "" } else { "\"" };
                write!(
                    f,
                    r#"{{"bench":"token","model":{model:?},"format":{format:?},"target":{target:?},"position":{quote}{position}{quote},"instructions":{instructions}}}"#
                )
            }
            Record::Keystroke {
                target,
                model,
                format,
                keys,
                user_dictionary_bytes,
                n,
                median,
                p99,
                most,
                longest_poll,
                longest_best,
                mean_steps,
                ram_bytes,
            } => write!(
                f,
                r#"{{"bench":"keystroke","model":{model:?},"format":{format:?},"target":{target:?},"keys":{keys:?},"user_dictionary_bytes":{user_dictionary_bytes},"keystrokes":{n},"median_instructions":{median},"p99_instructions":{p99},"most_instructions":{most},"longest_poll_instructions":{longest_poll},"longest_best_instructions":{longest_best},"mean_decode_steps":{mean_steps:.2},"ram_bytes":{ram_bytes}}}"#
            ),
            Record::Prefill { target, model, format, n_prefill, ram_bytes, flash_bytes, instructions } => write!(
                f,
                r#"{{"bench":"prefill","model":{model:?},"format":{format:?},"target":{target:?},"n_prefill":{n_prefill},"ram_bytes":{ram_bytes},"flash_bytes_per_token":{flash_bytes},"instructions_per_token":{instructions}}}"#
            ),
            Record::Memory { target, model, context, code_bytes, ram_bytes, stack_bytes } => write!(
                f,
                r#"{{"bench":"memory","target":{target:?},"code_bytes":{code_bytes},"ram_bytes":{ram_bytes},"stack_bytes":{stack_bytes},"model":{model:?},"context":{context}}}"#
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_numbers_and_means_are_names() {
        let token = |position: &str| {
            let text = |text: &str| text.to_owned();
            let record = Record::Token {
                target: text("cortex-m0"),
                model: text("m"),
                format: text("q8"),
                position: position.to_owned(),
                instructions: 7,
            };
            record.to_string()
        };
        let line = r#"{"bench":"token","model":"m","format":"q8","target":"cortex-m0","position":31,"instructions":7}"#;
        assert_eq!(token("31"), line);
        assert!(token("mean32").contains(r#""position":"mean32""#));
    }
}
