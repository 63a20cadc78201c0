//! Says by `cfg(kernel = "…")` which kernel the target runs, and gives the functions in assembler names that no other
//! instance of the crate has; see `src/kernel/mod.rs`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Kernels that have a file in `src/kernel`. A target of another one runs the portable kernel.
const WRITTEN: &[&str] = &["portable", "arm-v6m", "arm-v7m", "arm-dsp", "arm-mve", "riscv32", "x86"];

/// All kernels, so that a misspelt `cfg` is found.
const KERNELS: &[&str] = &["portable", "arm-v6m", "arm-v7m", "arm-dsp", "arm-mve", "riscv32", "x86"];

/// First minor version of Rust 1 that has the functions of the kernel `x86`.
const X86_MINOR: u32 = 94;

/// Where the files in assembler are.
const SOURCES: &str = "src/kernel";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={SOURCES}");
    let quoted: Vec<String> = KERNELS.iter().map(|name| format!("{name:?}")).collect();
    println!("cargo::rustc-check-cfg=cfg(kernel, values({}))", quoted.join(", "));

    let target = env::var("TARGET").unwrap_or_default();
    let kernel = kernel_of(&target, &cpu());
    let kernel = if WRITTEN.contains(&kernel) { kernel } else { "portable" };
    println!("cargo::rustc-cfg=kernel={kernel:?}");
    // Cargo shows this to whoever has the crate as a directory; others see what feature `expect-dsp` refuses.
    if target.starts_with("thumbv8m.main") && cpu().is_empty() {
        println!(
            "cargo::warning={target} without `-C target-cpu` gets the kernel for cores without DSP instructions; \
             `rustflags = [\"-C\", \"target-cpu=cortex-m33\"]` chooses the faster one, `target-cpu=generic` keeps this"
        );
    }
    println!("cargo::rustc-check-cfg=cfg(armv8m, thumb2)");
    if matches!(kernel, "arm-v7m" | "arm-dsp" | "arm-mve") {
        println!("cargo::rustc-cfg=thumb2");
    }
    if target.starts_with("thumbv8m") {
        println!("cargo::rustc-cfg=armv8m");
    }
    write_assembly()
}

/// Copies the files in assembler with a suffix behind the name of each global function, `EGPT_SUFFIX`.
///
/// Names in assembler are global in a program, and two versions of the crate may be linked into one.
fn write_assembly() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let suffix = suffix(&out)?;
    println!("cargo::rustc-env=EGPT_SUFFIX={suffix}");
    for entry in fs::read_dir(SOURCES)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "s") {
            let name = path.file_name().unwrap_or_default();
            fs::write(out.join(name), with_suffix(&fs::read_to_string(&path)?, &suffix))?;
        }
    }
    Ok(())
}

/// The version, and a hash of what cargo calls this instance of the crate: the directory of `OUT_DIR` has a name that
/// differs with version, source and features, but not with the place of the target directory.
fn suffix(out: &Path) -> Result<String, env::VarError> {
    let instance = out.parent().and_then(Path::file_name).unwrap_or_default();
    let hash = instance.as_encoded_bytes().iter();
    let hash = hash.fold(0x811C_9DC5_u32, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let version = env::var("CARGO_PKG_VERSION")?.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    Ok(format!("_{version}_{hash:08x}"))
}

/// A file in assembler with the suffix behind each name that it declares `.global`, wherever the name stands.
fn with_suffix(assembly: &str, suffix: &str) -> String {
    let globals: Vec<&str> = assembly.lines().filter_map(|line| line.trim().strip_prefix(".global ")).collect();
    let is_in_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (mut out, mut rest) = (String::new(), assembly);
    while !rest.is_empty() {
        let start = rest.find(is_in_name).unwrap_or(rest.len());
        let (before, from_name) = rest.split_at(start);
        let end = from_name.find(|c| !is_in_name(c)).unwrap_or(from_name.len());
        let (name, after) = from_name.split_at(end);
        out.push_str(before);
        out.push_str(name);
        if globals.contains(&name) {
            out.push_str(suffix);
        }
        rest = after;
    }
    out
}

/// The kernel for a target triple and a `-C target-cpu`.
///
/// Which extensions an Armv8-M core has is not in the triple, and stable Rust does not tell a build script.
fn kernel_of(target: &str, cpu: &str) -> &'static str {
    match target.split('-').next().unwrap_or_default() {
        "thumbv6m" | "thumbv8m.base" => "arm-v6m",
        "thumbv7m" => "arm-v7m",
        "thumbv7em" => "arm-dsp",
        "thumbv8m.main" => match cpu {
            "cortex-m55" | "cortex-m85" | "cortex-m52" => "arm-mve",
            // A Cortex-M35P or a Cortex-M33 without the DSP extension must not be named as the CPU.
            "cortex-m33" | "cortex-m35p" => "arm-dsp",
            _ => "arm-v7m",
        },
        // `i` and `e` alone do not multiply.
        arch if arch.starts_with("riscv32im") || arch.starts_with("riscv32gc") => "riscv32",
        "x86_64" if env::var_os("CARGO_FEATURE_X86").is_some() => x86_kernel(),
        _ => "portable",
    }
}

/// The kernel of feature `x86`, or the portable one for compilers that do not know its functions.
fn x86_kernel() -> &'static str {
    match compiler_minor() {
        Some(minor) if minor < X86_MINOR => {
            println!("cargo::warning=feature x86 needs Rust 1.{X86_MINOR}; the portable kernel computes instead");
            "portable"
        }
        _ => "x86",
    }
}

/// The minor version of the compiler in use, if it says that as expected.
fn compiler_minor() -> Option<u32> {
    let output = Command::new(env::var_os("RUSTC")?).arg("--version").output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?;
    version.strip_prefix("rustc 1.")?.split('.').next()?.parse().ok()
}

/// What `-C target-cpu=` says; empty if nothing does.
fn cpu() -> String {
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let mut cpu =
        flags.split('\x1f').filter_map(|flag| flag.trim_start_matches("-C").trim().strip_prefix("target-cpu="));
    cpu.next_back().unwrap_or_default().to_owned()
}
