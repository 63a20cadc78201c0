//! The step of `cargo xtask test` that links two versions of the runtime into one program, as cargo does when two
//! libraries ask for different ones.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::board::Board;
use crate::toolchain::Toolchain;
use crate::{files, workspace};

/// One board for each kernel that has functions in assembler, whose names are global in a program.
const BOARDS: [Board; 5] = [Board::CORTEX_M0, Board::CORTEX_M3, Board::CORTEX_M4F, Board::CORTEX_M55, Board::RV32IMC];
/// What a library consists of, for cargo.
const SOURCES: [&str; 2] = ["build.rs", "src"];
const OTHER_VERSION: &str = "9999.0.0";

const PROGRAM: &str = r#"#![no_std]
#![no_main]

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    core::hint::black_box((one::kernel_name(), other::kernel_name()));
    loop {}
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
"#;

/// The program links on every kind of core.
///
/// # Errors
/// When two functions have one name, or a version does not compile.
pub fn check() -> Result<String> {
    let directory = workspace::target().join("two-versions");
    let project = directory.join("program");
    write_library(&directory.join("other"))?;
    files::write(&project.join("src/main.rs"), PROGRAM)?;
    files::write(&project.join("Cargo.toml"), &manifest())?;
    // The versions of what the runtime uses, which are there already.
    fs::copy(workspace::root().join("Cargo.lock"), project.join("Cargo.lock"))?;
    for board in BOARDS {
        if Toolchain::find(board)? != Toolchain::Installed {
            return Ok(format!("SKIPPED: rustup cannot add {} here", board.target));
        }
        link(board, &project).with_context(|| format!("on the {}", board.core))?;
    }
    Ok(BOARDS.map(|board| board.core).join(", "))
}

/// The runtime as a package that calls itself another version.
fn write_library(to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    SOURCES.iter().try_for_each(|name| symlink(workspace::root().join(name), to.join(name)))?;
    let manifest = fs::read_to_string(workspace::root().join("Cargo.toml"))?;
    let part = |heading: &str| -> Result<String> {
        let (_, rest) = manifest.split_once(heading).with_context(|| format!("Cargo.toml has no {heading}"))?;
        Ok(format!("{heading}{}\n", rest.split("\n[").next().unwrap_or_default()))
    };
    let [features, dependencies] = ["[features]\n", "[dependencies]\n"].map(part);
    let package = format!(
        "[package]\nname = \"{}\"\nversion = \"{OTHER_VERSION}\"\nedition = \"2024\"\n\n[workspace]\n\n",
        workspace::RUNTIME
    );
    files::write(&to.join("Cargo.toml"), &format!("{package}{}\n{}", features?, dependencies?))
}

fn manifest() -> String {
    let library =
        |name: &str, path: &Path| format!("{name} = {{ package = \"{}\", path = {path:?} }}\n", workspace::RUNTIME);
    let root = workspace::root();
    format!(
        "[package]\nname = \"two-versions\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{}{}\n\
         [profile.dev]\nopt-level = 0\ndebug = false\n# All of a library in one object, which is linked as a whole.\n\
         codegen-units = 1\n",
        library("one", &root),
        library("other", Path::new("../other"))
    )
}

fn link(board: Board, project: &Path) -> Result<()> {
    let mut cargo = workspace::cargo();
    cargo.current_dir(project).args(["build", "--target", board.target, "--target-dir"]);
    cargo.arg(project.with_file_name("target").join(board.target_cpu.unwrap_or_default()));
    let target_cpu = board.target_cpu.map(|cpu| format!("-Ctarget-cpu={cpu}"));
    // So that functions stay that nothing calls.
    let flags: Vec<String> = target_cpu.into_iter().chain(["-Clink-arg=--no-gc-sections".to_owned()]).collect();
    cargo.args(["--config", &format!("target.{}.rustflags={flags:?}", board.target)]);
    // They would replace it.
    cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    let program = workspace::build("linking two versions", cargo, "two-versions")?;
    let elf = fs::read(&program)?;
    for version in [env!("CARGO_PKG_VERSION"), OTHER_VERSION] {
        let in_name = format!("_{}_", version.replace('.', "_"));
        let has_function = elf.windows(in_name.len()).any(|bytes| bytes == in_name.as_bytes());
        ensure!(has_function, "no function in assembler of version {version} is in {}", program.display());
    }
    Ok(())
}
