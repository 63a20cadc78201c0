//! Hands the linker the board's memory map and the programs the path of the model.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// Built in when `EGPT_MODEL` does not name another.
const DEFAULT_MODEL: &str = "../../models/demo.egpt";

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::copy(memory_map(), out.join("memory.x")).expect("the memory map can be copied to OUT_DIR");
    println!("cargo:rustc-link-search={}", out.display());
    println!("cargo:rerun-if-changed=memory");

    let model = env::var_os("EGPT_MODEL").unwrap_or_else(|| DEFAULT_MODEL.into());
    let absolute = Path::new(&model).canonicalize();
    let absolute = absolute.unwrap_or_else(|error| panic!("EGPT_MODEL: {}: {error}", Path::new(&model).display()));
    println!("cargo:rustc-env=EGPT_MODEL={}", absolute.display());
    println!("cargo:rerun-if-changed={}", absolute.display());
    println!("cargo:rerun-if-env-changed=EGPT_MODEL");
}

fn memory_map() -> &'static str {
    let is_on = |feature| env::var_os(format!("CARGO_FEATURE_{feature}")).is_some();
    if env::var_os("CARGO_CFG_TARGET_ARCH").is_some_and(|arch| arch == "riscv32") {
        "memory/virt.x"
    } else if is_on("AN505") {
        "memory/an505.x"
    } else if is_on("AN547") {
        "memory/an547.x"
    } else {
        "memory/mps2.x"
    }
}
