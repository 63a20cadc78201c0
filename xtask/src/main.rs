//! `cargo xtask`: argument parsing and dispatch only.

mod api;
mod bench;
mod board;
mod c_programs;
mod capi;
mod console;
mod demo;
mod emulator;
mod files;
mod firmware;
mod fmt;
mod fuzz;
mod golden;
mod header;
mod imports;
mod licences;
mod lowest_rust;
mod miri;
mod package;
mod packages;
mod page;
mod process;
mod prose;
mod real_boards;
mod release;
mod rust_guide;
mod same_run;
mod setup;
mod soak;
mod targets;
mod test;
mod toolchain;
mod two_versions;
mod whole_path;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Trains a small GPT, then runs it on this computer and on an emulated microcontroller.
    Demo(demo::Args),
    /// Checks everything: format, lints, tests, docs, firmware on the emulator.
    Test(test::Args),
    /// Builds a firmware example and runs it on the emulator.
    Qemu(firmware::Args),
    /// Measures instructions and memory on emulated microcontrollers, and writes the page of benchmarks.
    Bench(bench::Args),
    /// Measures flash, RAM, stack and slices of cores and boards, and writes the tables in README.md of both.
    Targets(targets::Args),
    /// Tries what must hold for any input on inputs that a fuzzer makes up.
    Fuzz(fuzz::Args),
    /// Takes a million tokens on an emulated microcontroller and on the host, and compares the logits.
    Soak(soak::Args),
    /// Interprets the runtime on a small model with Miri, which finds undefined behaviour.
    Miri,
    /// Compares what the repository's models compute and say with tests/golden, or writes it there.
    Golden(golden::Args),
    /// Lists what the runtime offers to other crates in docs/api.txt.
    Api,
    /// Builds the library for programs in C, with its header and what build systems find it by.
    Capi(capi::Args),
    /// Makes the header of the C interface from its functions.
    Header,
    /// Compiles the runtime to WebAssembly, for the page that `egpt page` writes.
    Page,
    /// Finds, or installs, what the other commands need.
    Setup,
    /// Prepares a release: versions, notes, commit, tag, libraries for C.
    Release(release::Args),
    /// Formats every package, those of the fuzzer and the firmware included.
    Fmt(fmt::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Task::Demo(args) => demo::run(&args),
        Task::Test(args) => test::run(&args),
        Task::Qemu(args) => firmware::run(&args),
        Task::Bench(args) => bench::run(&args),
        Task::Targets(args) => targets::run(&args),
        Task::Fuzz(args) => fuzz::run(&args),
        Task::Soak(args) => soak::run(&args),
        Task::Miri => miri::run(),
        Task::Golden(args) => golden::run(&args),
        Task::Api => api::run(),
        Task::Capi(args) => capi::run(&args),
        Task::Header => header::run(),
        Task::Page => page::run(),
        Task::Setup => setup::run(),
        Task::Release(args) => release::run(&args),
        Task::Fmt(args) => fmt::run(&args),
    };
    if let Err(error) = result {
        eprintln!("error: {error:#}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
