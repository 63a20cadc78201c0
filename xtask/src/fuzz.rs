//! `cargo xtask fuzz`: libFuzzer on the checks of `fuzz/checks`, with the address sanitizer where rustup gives it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::{console, packages, process, workspace};

/// `cargo xtask fuzz`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Only this check: blob, dictionary, import_hf, import_llama2c, sampler, session, streams, suggester or vocab
    check: Option<String>,
    /// How long each check is tried
    #[arg(long, default_value_t = 30)]
    minutes: u64,
}

/// In `cargo xtask test`.
const SHORT: Duration = Duration::from_secs(30);
/// Longest that one input may take, with the models that the first one makes. Each call has a limit of its own.
const SECONDS_PER_INPUT: &str = "60";
const MEGABYTES: &str = "4096";
/// Longest input, in bytes.
const MAX_BYTES: &str = "2048";
const CHECKS: [&str; 9] =
    ["blob", "dictionary", "import_hf", "import_llama2c", "sampler", "session", "streams", "suggester", "vocab"];
/// Counters for every edge and every comparison, as `cargo fuzz` asks for them.
const COVERAGE: [&str; 5] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// Tries each check for a while; what was found is kept in the target directory and shown.
///
/// # Errors
/// When a check failed.
pub fn run(args: &Args) -> Result<()> {
    let checks: Vec<&str> = match &args.check {
        Some(name) => vec![CHECKS.into_iter().find(|check| check == name).context("there is no check of this name")?],
        None => CHECKS.to_vec(),
    };
    println!("{}", all(&checks, Duration::from_secs(60 * args.minutes), Start::Anywhere)?);
    Ok(())
}

/// The step of `cargo xtask test`.
pub fn check() -> Result<String> {
    all(&CHECKS, SHORT, Start::Fixed)
}

/// Where a fuzzer begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// With what it found interesting before, and random numbers that nobody had.
    Anywhere,
    /// With nothing and the same random numbers each time, so that a failure comes again.
    Fixed,
}

fn all(checks: &[&str], time: Duration, start: Start) -> Result<String> {
    let sanitizer = sanitizer();
    let program = build(sanitizer)?;
    let runs =
        checks.iter().map(|check| Ok((*check, try_one(&program, check, time, start)?))).collect::<Result<Vec<_>>>()?;
    let runs: Vec<String> = runs.iter().map(|(check, n)| format!("{check} {}", console::thousands(*n))).collect();
    let with = if sanitizer.is_some() { "with" } else { "without" };
    Ok(format!("inputs, {with} the address sanitizer: {}", runs.join("; ")))
}

/// The flag for the address sanitizer, if the compiler has what it is linked with. Debian's has not.
fn sanitizer() -> Option<&'static str> {
    let output = Command::new("rustc").args(["--print", "target-libdir"]).output().ok()?;
    let libraries = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    let names = fs::read_dir(libraries).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let has_one = names.into_iter().any(|name| name.contains("rt.asan"));
    has_one.then_some("-Zsanitizer=address")
}

/// Only code for the target is instrumented, so it has to be named, although it is this computer's.
fn host() -> Result<String> {
    let output = Command::new("rustc").args(["--print", "host-tuple"]).output().context("rustc cannot be started")?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn build(sanitizer: Option<&str>) -> Result<PathBuf> {
    if workspace::find_program("c++").is_none() {
        packages::install(&["g++"], "libFuzzer")?;
    }
    let flags: Vec<&str> = COVERAGE.into_iter().chain(sanitizer).collect();
    let mut cargo = workspace::cargo();
    cargo.current_dir(workspace::root().join("fuzz"));
    cargo.args(["build", "--release", "--target", &host()?]);
    cargo.arg("--target-dir").arg(workspace::target().join("fuzz"));
    // The compiler that is there can do it, but calls it unstable.
    cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", flags.join(" ")).env_remove("CARGO_ENCODED_RUSTFLAGS");
    workspace::build("building the fuzzer", cargo, "fuzz")
}

/// Tries a check; gives the number of inputs.
fn try_one(program: &Path, check: &str, time: Duration, start: Start) -> Result<u64> {
    let directory = workspace::target().join("fuzz").join(check);
    fs::create_dir_all(&directory).with_context(|| format!("cannot create {}", directory.display()))?;
    let mut fuzzer = Command::new(program);
    fuzzer.env("FUZZ_CHECK", check);
    if start == Start::Fixed {
        fuzzer.arg("-seed=1");
    } else {
        let corpus = directory.join("corpus");
        fs::create_dir_all(&corpus).with_context(|| format!("cannot create {}", corpus.display()))?;
        fuzzer.arg(corpus);
    }
    fuzzer.arg(format!("-max_total_time={}", time.as_secs()));
    fuzzer.arg(format!("-timeout={SECONDS_PER_INPUT}")).arg(format!("-rss_limit_mb={MEGABYTES}"));
    // Long inputs from the start: otherwise it begins with a few bytes, and comes to 11 in 20 minutes.
    fuzzer.arg(format!("-max_len={MAX_BYTES}")).arg("-len_control=0").arg("-print_final_stats=1");
    fuzzer.arg(format!("-artifact_prefix={}/", directory.display()));
    let limit = time + Duration::from_secs(300);
    let output = process::quiet_within(limit, &format!("fuzzing {check}"), fuzzer).with_context(|| {
        format!("the input is in {}: copy it to fuzz/checks/found/{check}/, which makes it a test", directory.display())
    })?;
    let n = output.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    match n.and_then(|n| n.trim().parse().ok()) {
        Some(n) => Ok(n),
        None => bail!("the fuzzer does not say how many inputs it tried:\n{output}"),
    }
}
