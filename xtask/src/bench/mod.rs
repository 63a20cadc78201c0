//! `cargo xtask bench`: measurements, and the page of their results.

mod elf;
mod host;
mod keystroke;
mod mcu;
mod models;
mod on_core;
mod output;
mod prefill;
mod record;
mod report;
mod size;
mod table;

use anyhow::Result;
use clap::Subcommand;

pub use elf::Footprint;
pub use keystroke::check_slices;
pub use on_core::{Typing, stack_bytes, typing};
pub use size::{code_bytes, code_bytes_of};

/// `cargo xtask bench`
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Instructions per multiply-accumulate and per token, and memory, on emulated microcontrollers.
    Mcu(mcu::Args),
    /// Instructions of suggestions after a key, on emulated microcontrollers.
    Keystroke(keystroke::Args),
    /// Reading a prompt with several tokens per pass over the weights: flash traffic, instructions, memory.
    Prefill(prefill::Args),
    /// Tokens per CPU-second on this computer, one thread.
    Host(host::Args),
    /// Where the flash and the stack of the runtime go.
    Size(size::Args),
    /// Measures everything and writes docs/benchmarks.md with pictures.
    Report(report::Args),
}

/// Runs one of them.
pub fn run(args: &Args) -> Result<()> {
    match &args.what {
        What::Mcu(args) => mcu::run(args),
        What::Keystroke(args) => keystroke::run(args),
        What::Prefill(args) => prefill::run(args),
        What::Host(args) => host::run(args),
        What::Size(args) => size::run(args),
        What::Report(args) => report::run(args),
    }
}
