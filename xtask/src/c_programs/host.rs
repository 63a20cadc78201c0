//! Programs in C on this computer.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::cmake;
use crate::capi::Build;
use crate::golden::Golden;
use crate::{process, workspace};

/// Tells how to use the library, with a program.
const PAGE: &str = "docs/integrate-c.md";
/// Compiler flags that find what a header or a program does wrong.
const STRICT: [&str; 5] = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"];

/// Programs on this computer: what they say is what golden values have, and header and example compile without a
/// warning, also as C++.
pub fn check() -> Result<String> {
    let Some(mut compiler) = find("cc") else { return Ok("SKIPPED, since there is no C compiler".to_owned()) };
    let directory = workspace::target().join("c-host");
    Build { target: None, target_cpu: None, features: None }.write(&directory)?;
    let (sources, include, library) =
        (workspace::root().join("capi"), directory.join("include"), directory.join("lib/libembedded_gpt.a"));
    let program = directory.join("said");
    compiler.args(STRICT).args(["-std=c99", "-Wno-conversion", "-O1", "-g", "-I"]).arg(&include);
    compiler.args(["said.c", "said_host.c"].map(|name| sources.join("tests").join(name)));
    compiler.arg(&library).args(["-lm", "-lpthread", "-ldl", "-o"]).arg(&program);
    process::quiet("compiling said.c", compiler)?;
    for golden in Golden::all()? {
        let mut said = Command::new(&program);
        said.arg(&golden.model);
        golden.check_said(&process::quiet("running said", said)?)?;
    }
    example(&sources, &include, &library, &directory)?;
    let has_cmake = workspace::find_program("cmake").is_some();
    if has_cmake {
        example_with_cmake(&sources, &directory)?;
    }
    program_of_the_docs(&include, &directory)?;
    let is_cpp = as_cpp(&include, &directory)?;
    let skipped = [(is_cpp, "C++"), (has_cmake, "the CMake package")].into_iter().filter(|(is_there, _)| !is_there);
    let skipped: String =
        skipped.map(|(_, what)| format!("; {what} SKIPPED, since there is no program for it")).collect();
    Ok(format!("all golden values{skipped}"))
}

/// The example says words.
fn example(sources: &Path, include: &Path, library: &Path, directory: &Path) -> Result<()> {
    let program = directory.join("host");
    let mut compiler = Command::new("cc");
    compiler.args(STRICT).args(["-std=c99", "-I"]).arg(include).arg(sources.join("examples/host.c")).arg(library);
    compiler.args(["-lm", "-lpthread", "-ldl", "-o"]).arg(&program);
    process::quiet("compiling host.c", compiler)?;
    let mut host = Command::new(program);
    host.arg(workspace::root().join("models/keyboard.egpt")).arg("see you at the s");
    let said = process::quiet("running host", host)?;
    ensure!(said.contains("> same |"), "capi/examples/host.c said\n{said}");
    Ok(())
}

/// The example builds with the CMake package.
fn example_with_cmake(sources: &Path, directory: &Path) -> Result<()> {
    let out = directory.join("cmake");
    let mut cmake = Command::new("cmake");
    cmake.arg("-S").arg(sources.join("examples")).arg("-B").arg(&out);
    cmake.arg(format!("-DCMAKE_PREFIX_PATH={}", directory.display()));
    process::quiet("configuring the example", cmake)?;
    cmake::build(&out)?;
    let mut host = Command::new(out.join("host"));
    host.arg(workspace::root().join("models/demo.egpt")).arg("see you tom");
    let said = process::quiet("running host", host)?;
    ensure!(said.contains("> tomorrow"), "the example that CMake built said\n{said}");
    Ok(())
}

/// The program that the docs show compiles.
fn program_of_the_docs(include: &Path, directory: &Path) -> Result<()> {
    let page = fs::read_to_string(workspace::root().join(PAGE))?;
    let program = page.split_once("```c\n").and_then(|(_, rest)| rest.split_once("```"));
    let (program, _) = program.with_context(|| format!("{PAGE} has no program in C"))?;
    let source = directory.join("page.c");
    fs::write(&source, program)?;
    let mut compiler = Command::new("cc");
    compiler.args(STRICT).args(["-std=c99", "-I"]).arg(include).arg("-c").arg(&source);
    compiler.arg("-o").arg(directory.join("page.o"));
    process::quiet("compiling the program of the docs", compiler)?;
    Ok(())
}

/// The header compiles as C++; false without a compiler for that.
fn as_cpp(include: &Path, directory: &Path) -> Result<bool> {
    let Some(mut compiler) = find("c++") else { return Ok(false) };
    let source = directory.join("header.cpp");
    fs::write(
        &source,
        "#include \"embedded_gpt.h\"\nstatic EGPT_MEMORY(memory, EGPT_MODEL_SIZE);\nvoid *m = memory;\n",
    )?;
    compiler
        .args(STRICT)
        .args(["-std=c++11", "-I"])
        .arg(include)
        .arg("-c")
        .arg(&source)
        .arg("-o")
        .arg(directory.join("header.o"));
    process::quiet("compiling the header as C++", compiler)?;
    Ok(true)
}

fn find(compiler: &str) -> Option<Command> {
    workspace::find_program(compiler).map(|_| Command::new(compiler))
}
