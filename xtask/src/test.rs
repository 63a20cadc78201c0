//! `cargo xtask test`: every check, in the order in which failures are cheapest to find.

use std::fs;
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::board::Board;
use crate::golden::Golden;
use crate::toolchain::{self, Toolchain};
use crate::{
    api, bench, c_programs, console, emulator, firmware, fmt, fuzz, header, imports, licences, lowest_rust, package,
    page, process, prose, real_boards, rust_guide, targets, two_versions, whole_path, workspace,
};

/// `cargo xtask test`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Only the steps whose names contain this
    only: Option<String>,
    /// Leave out what needs a compiler for microcontrollers or an emulator
    #[arg(long)]
    host_only: bool,
}

/// Bytes that a program may take on the Cortex-M4F which generates and suggests. Of these 170 are for
/// slices of the work that are a third as long, and 250 for a caret within the text and for words behind an apostrophe.
const FLASH_BUDGET: u64 = 43_350;

/// One check: what it is, and how it is done. It gives a remark for the summary.
type Step = (&'static str, fn() -> Result<String>);

/// One after another: most keep all cores of the host busy, and what fails often comes first.
const HOST: &[Step] = &[
    ("format", format),
    ("imports", imports::check),
    ("prose", prose::check),
    ("licences", licences::check),
    ("lowest Rust", lowest_rust::check),
    ("clippy", clippy),
    ("default features", default_features),
    ("other hosts", other_hosts),
    ("tests", tests),
    ("doc tests", doc_tests),
    ("docs", docs),
    ("api", api::check),
    ("package", package::check),
    ("README for Rust", rust_guide::check_readme),
    ("C: header", header::check),
    ("C: this computer", c_programs::host::check),
    ("page: runtime", page::check_runtime),
    ("page: browser", page::check_browser),
    ("whole path on the host", whole_path_on_host),
];

/// Beside the steps on devices, which keep one core busy: these have target directories of their own.
const BESIDE: &[Step] = &[("fuzz", fuzz::check), ("boards", boards)];

const DEVICE: &[Step] = &[
    ("firmware clippy", firmware_clippy),
    ("flash", flash),
    ("slices", bench::check_slices),
    ("targets", targets::check_cores),
    ("two versions in one program", two_versions::check),
    ("expect-dsp", expect_dsp),
    ("kernels: Cortex-M0", || kernels(Board::CORTEX_M0, "arm-v6m", "portable", "portable")),
    ("kernels: Cortex-M3", || kernels(Board::CORTEX_M3, "arm-v7m", "arm-v7m", "thumb2")),
    ("kernels: Cortex-M4F", || kernels(Board::CORTEX_M4F, "arm-dsp", "arm-dsp", "thumb2")),
    ("kernels: Cortex-M7", || kernels(Board::CORTEX_M7, "arm-dsp", "arm-dsp", "thumb2")),
    ("kernels: Cortex-M33", || kernels(Board::CORTEX_M33, "arm-dsp", "arm-dsp", "thumb2")),
    ("kernels: Cortex-M55", || kernels(Board::CORTEX_M55, "arm-mve", "arm-dsp", "thumb2")),
    ("kernels: RV32IMC", || kernels(Board::RV32IMC, "riscv32", "portable", "portable")),
    ("kernels: RV32IMAC", || kernels(Board::RV32IMAC, "riscv32", "portable", "portable")),
    ("no panic: Cortex-M0", || no_panic(Board::CORTEX_M0)),
    ("no panic: Cortex-M3", || no_panic(Board::CORTEX_M3)),
    ("no panic: Cortex-M4F", || no_panic(Board::CORTEX_M4F)),
    ("no panic: Cortex-M7", || no_panic(Board::CORTEX_M7)),
    ("no panic: Cortex-M33", || no_panic(Board::CORTEX_M33)),
    ("no panic: Cortex-M55", || no_panic(Board::CORTEX_M55)),
    ("no panic: RV32IMC", || no_panic(Board::RV32IMC)),
    ("no panic: RV32IMAC", || no_panic(Board::RV32IMAC)),
    ("C: size", c_programs::size),
    ("C: no panic on the Cortex-M0", || c_programs::no_panic(Board::CORTEX_M0)),
    ("C: no panic on the Cortex-M4F", || c_programs::no_panic(Board::CORTEX_M4F)),
    ("C: Cortex-M0", || c_programs::on_board(Board::CORTEX_M0)),
    ("C: Cortex-M4F", || c_programs::on_board(Board::CORTEX_M4F)),
    ("C: Cortex-M55", || c_programs::on_board(Board::CORTEX_M55)),
    ("C: Zephyr", c_programs::zephyr::check),
    ("C: ESP-IDF", c_programs::esp_idf::check),
    ("C: Arduino", c_programs::arduino::check),
    ("C: RV32IMC", || c_programs::on_board(Board::RV32IMC)),
    ("devices of few keys", few_keys),
    ("page for Rust", rust_guide::check),
    ("whole path on the Cortex-M4F", whole_path_on_device),
    ("bit identity: Cortex-M0", || bit_identity(Board::CORTEX_M0)),
    ("bit identity: Cortex-M3", || bit_identity(Board::CORTEX_M3)),
    ("bit identity: Cortex-M4F", || bit_identity(Board::CORTEX_M4F)),
    ("bit identity: Cortex-M7", || bit_identity(Board::CORTEX_M7)),
    ("bit identity: Cortex-M33", || bit_identity(Board::CORTEX_M33)),
    ("bit identity: Cortex-M55", || bit_identity(Board::CORTEX_M55)),
    ("bit identity: RV32IMC", || bit_identity(Board::RV32IMC)),
    ("bit identity: RV32IMAC", || bit_identity(Board::RV32IMAC)),
];

/// Where no panic may be left: the opt-level of the firmware examples, and the one for speed.
const OPT_LEVELS: [&str; 2] = ["s", "3"];

/// Runs every step, also after a failure; then says what failed.
///
/// # Errors
/// When a step failed.
pub fn run(args: &Args) -> Result<()> {
    let start = Instant::now();
    let is_wanted = |step: &&Step| args.only.as_ref().is_none_or(|part| step.0.contains(part.as_str()));
    let [device, beside] = if args.host_only { [&[], &BESIDE[..1]] } else { [DEVICE, BESIDE] };
    let [host, beside, device] = [HOST, beside, device].map(|steps| steps.iter().filter(is_wanted).collect::<Vec<_>>());
    let list = List { started: AtomicUsize::new(0), len: host.len() + beside.len() + device.len() };
    if let Some(part) = args.only.as_ref().filter(|_| list.len == 0) {
        bail!("no step has {part:?} in its name; `cargo xtask test` prints the names of all steps as it runs them");
    }
    let mut failed = list.failures(&host);
    failed.extend(thread::scope(|scope| {
        let beside = scope.spawn(|| list.failures(&beside));
        [list.failures(&device), beside.join().unwrap_or_else(|panic| resume_unwind(panic))].concat()
    }));
    console::heading(&format!("Summary ({})", console::seconds(start.elapsed())));
    if !failed.is_empty() {
        console::line(&format!("failed: {}", failed.join(", ")));
    }
    println!("{} passed, {} failed", list.len - failed.len(), failed.len());
    if !failed.is_empty() {
        std::process::exit(1);
    }
    Ok(())
}

/// How many steps there are, and how many have started.
struct List {
    started: AtomicUsize,
    len: usize,
}

impl List {
    /// Runs steps one after another; gives the names of those that failed.
    fn failures(&self, steps: &[&Step]) -> Vec<&'static str> {
        steps.iter().filter(|step| !self.passes(step)).map(|step| step.0).collect()
    }

    fn passes(&self, &(name, check): &Step) -> bool {
        let number = self.started.fetch_add(1, Ordering::Relaxed) + 1;
        console::heading(&format!("{number}/{} {name}", self.len));
        let start = Instant::now();
        let result = check();
        let time = console::seconds(start.elapsed());
        // Another step may have started since.
        match &result {
            Ok(remark) if remark.is_empty() => console::line(&format!("{name} passed in {time}")),
            Ok(remark) => console::line(&format!("{name} passed in {time}: {remark}")),
            Err(error) => console::line(&format!("{name} FAILED in {time}: {error:#}")),
        }
        result.is_ok()
    }
}

fn format() -> Result<String> {
    fmt::format_all(true)?;
    Ok(String::new())
}

fn clippy() -> Result<String> {
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    Ok(String::new())
}

/// The runtime without features, as it is for a crate that asks for none: no warnings, and the portable kernel computes
/// what the golden values say. Elsewhere in the workspace its features are switched on.
fn default_features() -> Result<String> {
    cargo(&["clippy", "--package", "embedded-gpt", "--lib", "--", "-D", "warnings"])?;
    let mut cargo = workspace::cargo();
    cargo.args(["build", "--package", "device-run", "--no-default-features"]);
    let program = workspace::build("building device-run", cargo, "device-run")?;
    Golden::all()?.iter().try_for_each(|golden| golden.check(&golden.on_host(&program)?))?;
    Ok(String::new())
}

/// Hosts that nobody here has: the runtime compiles for them, with all that can be switched on.
fn other_hosts() -> Result<String> {
    let mut checked = Vec::new();
    for target in ["i686-unknown-linux-gnu", "aarch64-unknown-linux-gnu"] {
        if !toolchain::has(target) {
            checked.push(format!("{target} SKIPPED, since rustup does not give it"));
            continue;
        }
        for features in ["", "defmt,kernel-check,x86"] {
            cargo(&["clippy", "--package", "embedded-gpt", "--lib", "--target", target, "--features", features])?;
        }
        checked.push(target.to_owned());
    }
    Ok(checked.join(", "))
}

fn tests() -> Result<String> {
    if workspace::find_program("cargo-nextest").is_some() {
        let output = cargo(&["nextest", "run", "--workspace", "--no-fail-fast", "--color", "never"])?;
        let summary = output.lines().rev().find(|line| line.contains("Summary"));
        let counts = summary.and_then(|line| line.split(']').nth(1));
        return Ok(counts.unwrap_or_default().trim().to_owned());
    }
    cargo(&["test", "--workspace", "--all-targets", "--no-fail-fast"])?;
    Ok("with cargo test; cargo-nextest is faster".to_owned())
}

fn doc_tests() -> Result<String> {
    cargo(&["test", "--workspace", "--doc"])?;
    Ok(String::new())
}

fn docs() -> Result<String> {
    let mut cargo = workspace::cargo();
    cargo.args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");
    process::quiet("cargo doc", cargo)?;
    Ok(String::new())
}

fn firmware_clippy() -> Result<String> {
    for board in [Board::CORTEX_M4F, Board::RV32IMC] {
        let toolchain = Toolchain::find(board)?;
        toolchain.ensure_clippy()?;
        let mut cargo = toolchain.cargo("clippy", board);
        cargo.args(["--release", "--", "-D", "warnings"]);
        process::quiet(&format!("cargo clippy for {}", board.target), cargo)?;
    }
    Ok(String::new())
}

fn whole_path_on_host() -> Result<String> {
    let blob = whole_path::on_host(&workspace::built("egpt")?)?;
    Ok(format!("{} bytes", console::thousands(fs::metadata(blob)?.len())))
}

fn whole_path_on_device() -> Result<String> {
    whole_path::on_device(Board::CORTEX_M4F, &workspace::built("device-run")?, &whole_path::blob())
}

/// The kernels give right results, and they are those of the core: not the portable ones by mistake.
fn kernels(board: Board, name: &str, attention: &str, elementwise: &str) -> Result<String> {
    let output = emulator::run_quiet(board, &on_device(board, "kernels")?)?;
    let checked = output.lines().find_map(|line| line.trim().strip_prefix("kernel "));
    let checked = checked.context("the program does not say which kernel it checked")?;
    let right = format!("{name}, attention {attention}, elementwise {elementwise}");
    ensure!(checked.starts_with(&format!("{right}: ")), "checked {checked}, but the core has {right}");
    Ok(checked.to_owned())
}

/// Feature `expect-dsp` lets only such firmware compile whose kernel has DSP instructions.
fn expect_dsp() -> Result<String> {
    let boards = [(Board::CORTEX_M3, false), (Board::CORTEX_M4F, true), (Board::CORTEX_M33, true)];
    // The same target as the core before.
    let mut nameless = Board::CORTEX_M33;
    (nameless.target_cpu, nameless.core) = (None, "Cortex-M33 that nothing names");
    for (board, has_dsp) in boards.into_iter().chain([(nameless, false)]) {
        if Toolchain::find(board)? != Toolchain::Installed {
            return Ok(format!("SKIPPED: rustup cannot add {} here", board.target));
        }
        let mut cargo = workspace::cargo();
        cargo.args([
            "check",
            "--package",
            "embedded-gpt",
            "--lib",
            "--features",
            "expect-dsp",
            "--target",
            board.target,
        ]);
        let flags: Vec<String> = board.target_cpu.iter().map(|cpu| format!("-Ctarget-cpu={cpu}")).collect();
        cargo.args(["--config", &format!("target.{}.rustflags={flags:?}", board.target), "--target-dir"]);
        cargo.arg(workspace::target().join("expect-dsp"));
        cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        let said = process::quiet("cargo check", cargo).map_err(|error| format!("{error:#}"));
        let is_right = said.as_ref().map_or_else(|error| !has_dsp && error.contains("expect-dsp: "), |_| has_dsp);
        ensure!(is_right, "for a {}: {said:?}", board.core);
    }
    Ok(String::new())
}

/// A program that uses the whole runtime links, although its panic handler calls a function that there is not.
fn no_panic(board: Board) -> Result<String> {
    let toolchain = Toolchain::find(board)?;
    for level in OPT_LEVELS {
        let mut cargo = toolchain.cargo("build", board);
        cargo.args(["--release", "--bin", "no_panic"]).env("CARGO_PROFILE_RELEASE_OPT_LEVEL", level);
        let label = format!("linking at opt-level {level}");
        workspace::build(&label, cargo, "no_panic").context("undefined symbol: code that may panic is left")?;
    }
    Ok(format!("at opt-level {}", OPT_LEVELS.join(" and ")))
}

/// Every model of the repository computes and says on a core what its golden values say: as the code is shipped, and
/// with checks that end the program where a sum overflows.
fn bit_identity(board: Board) -> Result<String> {
    emulator::find(board)?;
    let toolchain = Toolchain::find(board)?;
    let label = format!("building bit_identity for the {}", board.core);
    let all = Golden::all()?;
    for has_checks in ["true", "false"] {
        let mut cargo = toolchain.cargo("build", board);
        cargo.args(["--release", "--bin", "bit_identity"]).env("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", has_checks);
        let program = workspace::build(&label, cargo, "bit_identity")?;
        for golden in &all {
            golden.check(&emulator::run_quiet_with(board, &program, &golden.model)?)?;
        }
    }
    let names: Vec<String> = all.iter().map(Golden::name).collect();
    Ok(format!("{}, with checks for overflow and without", names.join(", ")))
}

/// The runtime stays as small as it was.
fn flash() -> Result<String> {
    let bytes = bench::code_bytes(Board::CORTEX_M4F)?;
    ensure!(
        bytes <= FLASH_BUDGET,
        "{bytes} bytes are more than {FLASH_BUDGET}: `cargo xtask bench size` shows where they go; raise the budget if \
         they are worth it, and say so"
    );
    Ok(format!("{} of {} bytes", console::thousands(bytes), console::thousands(FLASH_BUDGET)))
}

/// The programs of boards that can be bought take no more than their budgets, and what the table of them says.
fn boards() -> Result<String> {
    let (remark, footprints) = real_boards::check()?;
    Ok(format!("{remark}; {}", targets::check_sold_boards(&footprints)?))
}

/// Builds a program for a board, and sees to it that there is an emulator; gives the ELF file.
fn on_device(board: Board, program: &str) -> Result<PathBuf> {
    emulator::find(board)?;
    firmware::build(&Toolchain::find(board)?, board, program, None)
}

/// A person writes on a telephone's keypad, and with a knob.
fn few_keys() -> Result<String> {
    let board = Board::CORTEX_M4F;
    emulator::run_typed(board, &on_device(board, "keypad")?, "84265 968#110#30*", "Thank you. 10:30 \x1b[4m")?;
    emulator::run_typed(board, &on_device(board, "knob")?, "s", "Hello \x1b[4m")?;
    Ok(String::new())
}

/// Runs cargo with `arguments`, its output hidden.
fn cargo(arguments: &[&str]) -> Result<String> {
    let mut cargo = workspace::cargo();
    cargo.args(arguments);
    process::quiet(&format!("cargo {}", arguments[0]), cargo).with_context(|| format!("cargo {}", arguments.join(" ")))
}
