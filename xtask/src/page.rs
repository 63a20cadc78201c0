//! `cargo xtask page`: the runtime as WebAssembly, for the page that `egpt page` writes; and what `cargo xtask test`
//! does with both.
//!
//! The module is in the repository, so that whoever has `egpt` needs no compiler for it. That it does what the runtime
//! does is a test of `egpt`, which no other version of the compiler breaks (`tools/tests/page.rs`).

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};

use crate::capi::Build;
use crate::{console, packages, process, toolchain, workspace};

const RUNTIME: &str = "tools/page/embedded_gpt.wasm";
const TARGET: &str = "wasm32-unknown-unknown";
/// The parts of the C interface that the page calls.
const FEATURES: &str = "keys,correction,inspect";
/// What each page has to carry.
const MAX_BYTES: usize = 100_000;
/// Names of browsers that the test can drive, and the Debian package of the first.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const BROWSER_PACKAGE: &str = "chromium";
/// Begins the line of the test that says what it measured.
const MEASURED: &str = "browser: ";

/// `cargo xtask page`
pub fn run() -> Result<()> {
    let module = build()?;
    fs::write(runtime(), &module).with_context(|| format!("cannot write {RUNTIME}"))?;
    console::line(&format!("{RUNTIME}: {} bytes", console::thousands(module.len() as u64)));
    Ok(())
}

/// The module can be built, is small, and has the functions of the one in the repository.
pub fn check_runtime() -> Result<String> {
    if !toolchain::has(TARGET) {
        return Ok(format!("SKIPPED, since rustup does not give {TARGET}"));
    }
    let now = build()?;
    let there = fs::read(runtime()).with_context(|| format!("cannot read {RUNTIME}"))?;
    ensure!(now.len() <= MAX_BYTES, "{} bytes are more than {MAX_BYTES}", now.len());
    ensure!(
        exports(&now)? == exports(&there)?,
        "{RUNTIME} has other functions than capi/src; `cargo xtask page` writes it anew"
    );
    Ok(format!("{} bytes", console::thousands(now.len() as u64)))
}

/// A person's keys in a browser bring the words that the host finds, and the hash is the host's.
pub fn check_browser() -> Result<String> {
    if let Err(reason) = find_browser() {
        return Ok(format!("SKIPPED: {reason:#}"));
    }
    let mut cargo = workspace::cargo();
    cargo.args(["test", "--workspace", "--test", "browser", "--", "--ignored", "--nocapture"]);
    let output = process::quiet("typing in a browser", cargo)?;
    let measured = output.lines().find_map(|line| line.trim().strip_prefix(MEASURED));
    Ok(measured.context("the test did not run")?.to_owned())
}

fn build() -> Result<Vec<u8>> {
    Build { target: Some(TARGET), target_cpu: None, features: Some(FEATURES) }.module()
}

fn runtime() -> PathBuf {
    workspace::root().join(RUNTIME)
}

fn find_browser() -> Result<()> {
    if BROWSERS.iter().all(|name| workspace::find_program(name).is_none()) {
        packages::install(&[BROWSER_PACKAGE], "typing in a browser")?;
    }
    Ok(())
}

/// The names in the section of exports (7) of a module, sorted.
fn exports(module: &[u8]) -> Result<Vec<String>> {
    let mut rest = module.get(8..).context("no module of WebAssembly")?;
    while let [section, after @ ..] = rest {
        rest = after;
        let len = number(&mut rest)?;
        let (mut content, after) = rest.split_at_checked(len).context("a section is cut short")?;
        rest = after;
        if *section == 7 {
            let mut names = Vec::new();
            for _ in 0..number(&mut content)? {
                let len = number(&mut content)?;
                let (name, after) = content.split_at_checked(len).context("a name is cut short")?;
                names.push(String::from_utf8_lossy(name).into_owned());
                content = after.get(1..).unwrap_or_default(); // its kind
                number(&mut content)?;
            }
            names.sort();
            return Ok(names);
        }
    }
    bail!("the module exports nothing")
}

/// Takes a number from the front, seven bits in each byte.
fn number(bytes: &mut &[u8]) -> Result<usize> {
    let (mut value, mut shift) = (0, 0);
    while let [byte, after @ ..] = *bytes {
        *bytes = after;
        value |= usize::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
        shift += 7;
        ensure!(shift < 35, "a number is too long");
    }
    bail!("a number is cut short")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_of_a_module_are_found() {
        let module = fs::read(runtime()).unwrap();
        let names = exports(&module).unwrap();
        for name in ["egpt_logits_hash", "egpt_suggester_poll", "memory"] {
            assert!(names.iter().any(|found| found == name), "{name}");
        }
        for cut in [0, 8, 9, 200] {
            assert!(exports(&module[..cut]).is_err(), "{cut}");
        }
    }
}
