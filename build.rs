//! Says by `cfg(kernel = "…")` which kernel the target runs; see `src/kernel/mod.rs`.

use std::env;

/// Kernels that have a file in `src/kernel`. A target of another one runs the portable kernel.
const WRITTEN: &[&str] = &["portable", "arm-v6m", "arm-v7m", "arm-dsp", "arm-mve", "riscv32", "x86"];

/// All kernels, so that a misspelt `cfg` is found.
const KERNELS: &[&str] = &["portable", "arm-v6m", "arm-v7m", "arm-dsp", "arm-mve", "riscv32", "x86"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let quoted: Vec<String> = KERNELS.iter().map(|name| format!("{name:?}")).collect();
    println!("cargo::rustc-check-cfg=cfg(kernel, values({}))", quoted.join(", "));

    let target = env::var("TARGET").unwrap_or_default();
    let kernel = kernel_of(&target, &cpu());
    let kernel = if WRITTEN.contains(&kernel) { kernel } else { "portable" };
    println!("cargo::rustc-cfg=kernel={kernel:?}");
    println!("cargo::rustc-check-cfg=cfg(armv8m, thumb2)");
    if matches!(kernel, "arm-v7m" | "arm-dsp" | "arm-mve") {
        println!("cargo::rustc-cfg=thumb2");
    }
    if target.starts_with("thumbv8m") {
        println!("cargo::rustc-cfg=armv8m");
    }
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
        "x86_64" if env::var_os("CARGO_FEATURE_X86").is_some() => "x86",
        _ => "portable",
    }
}

/// What `-C target-cpu=` says; empty if nothing does.
fn cpu() -> String {
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let mut cpu =
        flags.split('\x1f').filter_map(|flag| flag.trim_start_matches("-C").trim().strip_prefix("target-cpu="));
    cpu.next_back().unwrap_or_default().to_owned()
}
