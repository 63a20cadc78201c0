//! `cargo xtask bench`: measurements that give the same numbers on every computer.

mod elf;
mod mcu;
mod models;
mod output;
mod record;
mod table;

use anyhow::Result;
use clap::Subcommand;

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
}

/// Runs one of them.
pub fn run(args: &Args) -> Result<()> {
    match &args.what {
        What::Mcu(args) => mcu::run(args),
    }
}
