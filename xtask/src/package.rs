//! The step of `cargo xtask test` that makes the packages for crates.io, and looks at what is in them.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{console, process, toolchain, workspace};

/// In the order of a release: none depends on a later one.
pub const PUBLISHED: [&str; 3] = [workspace::RUNTIME, "egpt-core", "egpt"];
/// What crates.io takes.
const MAX_BYTES: u64 = 10_000_000;
/// What cargo puts into every package.
const OF_CARGO: [&str; 4] = [".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml", "Cargo.toml.orig"];
/// What the runtime has besides its sources.
const OF_RUNTIME: [&str; 6] = ["build.rs", "README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "models/"];

/// Packages can be made in the order of a release, have what they need and nothing else, and the runtime compiles from
/// its package. Its docs are made as docs.rs makes them, and name every feature.
///
/// # Errors
/// When one of that is not so.
pub fn check() -> Result<String> {
    let packages = workspace::packages()?;
    let published = packages.iter().filter(|package| package["publish"].is_null());
    let names: Vec<&str> = published.clone().filter_map(|package| package["name"].as_str()).collect();
    ensure!(
        names.len() == PUBLISHED.len() && PUBLISHED.iter().all(|name| names.contains(name)),
        "{names:?} have no `publish = false`, but {PUBLISHED:?} are released"
    );
    published.clone().try_for_each(is_described)?;
    PUBLISHED.iter().try_for_each(|name| list(name))?;
    let runtime = published.clone().find(|package| package["name"] == workspace::RUNTIME);
    let runtime = runtime.context("cargo does not know the runtime")?;
    features_are_named(runtime)?;
    docs(runtime)?;
    let bytes = make()?;
    Ok(bytes
        .iter()
        .map(|(name, bytes)| format!("{name} {} bytes", console::thousands(*bytes)))
        .collect::<Vec<_>>()
        .join(", "))
}

/// A package has what crates.io shows, and can be had from there with what it depends on.
fn is_described(package: &Value) -> Result<()> {
    let name = package["name"].as_str().unwrap_or_default();
    for key in ["description", "license", "repository", "rust_version"] {
        ensure!(package[key].is_string(), "{name} has no {key}");
    }
    let place = PUBLISHED.iter().position(|published| *published == name);
    for dependency in package["dependencies"].as_array().into_iter().flatten() {
        // A path without a version is left out of the package with what is for tests.
        if dependency["path"].is_null() || dependency["kind"] == "dev" && dependency["req"] == "*" {
            continue;
        }
        let needed = dependency["name"].as_str().unwrap_or_default();
        ensure!(dependency["req"] != "*", "{name} does not say which version of {needed} it needs");
        let before = PUBLISHED.iter().position(|published| *published == needed);
        ensure!(before.is_some() && before < place, "{name} needs {needed}, which is not released before it");
    }
    Ok(())
}

/// A package has its sources and nothing that was not meant.
fn list(name: &str) -> Result<()> {
    let mut cargo = workspace::cargo();
    cargo.args(["package", "--list", "--allow-dirty", "--package", name]);
    let output = process::quiet(&format!("listing {name}"), cargo)?;
    let files = output.lines().filter(|line| !line.starts_with("warning") && !line.is_empty());
    let files: Vec<&str> = files.filter(|line| !line.starts_with(' ')).collect();
    let stray = stray(name, &files);
    ensure!(stray.is_empty(), "the package of {name} has {}", stray.join(", "));
    ensure!(files.contains(&"src/lib.rs") || files.contains(&"src/main.rs"), "the package of {name} has no sources");
    Ok(())
}

/// Files that do not belong into a package.
fn stray<'f>(name: &str, files: &[&'f str]) -> Vec<&'f str> {
    let is_page =
        |file: &str| file.strip_prefix("docs/").is_some_and(|page| !page.contains('/') && page.ends_with(".md"));
    let is_of_runtime = |file: &str| is_page(file) || OF_RUNTIME.iter().any(|start| file.starts_with(start));
    let is_right = |file: &str| match name {
        _ if OF_CARGO.contains(&file) || file.starts_with("src/") => true,
        workspace::RUNTIME => is_of_runtime(file) && (!file.starts_with("models/") || file.ends_with(".egpt")),
        _ => file == "README.md",
    };
    files.iter().copied().filter(|file| !is_right(file)).collect()
}

/// The docs of the crate have a line for each feature.
fn features_are_named(package: &Value) -> Result<()> {
    let page = fs::read_to_string(workspace::root().join("src/lib.rs"))?;
    let features = package["features"].as_object().context("cargo knows no features")?;
    let is_named = |name: &str| name == "default" || page.contains(&format!("//! - `{name}`: "));
    let nameless: Vec<&str> = features.keys().map(String::as_str).filter(|name| !is_named(name)).collect();
    ensure!(nameless.is_empty(), "the docs in src/lib.rs do not tell of the features {}", nameless.join(", "));
    Ok(())
}

/// Makes the docs for targets and with features that the manifest names for docs.rs.
fn docs(package: &Value) -> Result<()> {
    let settings = &package["metadata"]["docs"]["rs"];
    let texts = |key: &str| settings[key].as_array().into_iter().flatten().filter_map(Value::as_str);
    let features: Vec<&str> = texts("features").collect();
    for target in texts("targets").filter(|target| toolchain::has(target)) {
        let mut cargo = workspace::cargo();
        cargo.args(["doc", "--package", workspace::RUNTIME, "--lib", "--no-deps", "--target", target]);
        cargo.args(["--features", &features.join(",")]).env("RUSTDOCFLAGS", "-D warnings");
        process::quiet(&format!("cargo doc for {target}"), cargo)?;
    }
    Ok(())
}

/// Makes the packages, compiles that of the runtime; gives the bytes of each.
fn make() -> Result<Vec<(String, u64)>> {
    let directory = workspace::target().join("packages");
    let package = |names: &[&str], options: &[&str]| {
        let mut cargo = workspace::cargo();
        cargo.args(["package", "--allow-dirty", "--target-dir"]).arg(&directory).args(options);
        cargo.args(names.iter().flat_map(|name| ["--package", name]));
        process::quiet("cargo package", cargo)
    };
    package(&PUBLISHED[..1], &[])?;
    // Together, since later ones need earlier ones that may not be on crates.io yet.
    package(&PUBLISHED, &["--no-verify"])?;
    let version = env!("CARGO_PKG_VERSION");
    let path = |name: &str| -> PathBuf { directory.join("package").join(format!("{name}-{version}.crate")) };
    let mut bytes = Vec::new();
    for name in PUBLISHED {
        let len = fs::metadata(path(name)).with_context(|| format!("cargo made no package of {name}"))?.len();
        ensure!(len < MAX_BYTES, "the package of {name} has {len} bytes, of which crates.io takes {MAX_BYTES}");
        bytes.push((name.to_owned(), len));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn stray_files_are_found() {
        let files = ["Cargo.toml", "src/a.rs", "docs/a.md", "models/a.egpt", "README.md"];
        assert!(stray(workspace::RUNTIME, &files).is_empty());
        assert_eq!(stray("egpt", &files), ["docs/a.md", "models/a.egpt"]);
        let files = ["firmware-examples/README.md", "models/README.md", "docs/lab/a.md", "benches/a.rs"];
        assert_eq!(stray(workspace::RUNTIME, &files), files);
    }

    #[test]
    fn a_dependency_without_a_version_or_of_a_later_package_is_refused() {
        let package = |dependency: Value| {
            json!({"name": "egpt-core", "description": "a", "license": "b", "repository": "c", "rust_version": "1",
                   "dependencies": [dependency]})
        };
        let needs = |name: &str, req: &str, kind: Value| {
            is_described(&package(json!({"name": name, "req": req, "kind": kind, "path": "/"}))).is_ok()
        };
        assert!(needs("embedded-gpt", "^0.1.0", Value::Null));
        assert!(!needs("embedded-gpt", "*", Value::Null));
        assert!(!needs("egpt", "^0.1.0", Value::Null));
        assert!(needs("egpt", "*", json!("dev")));
        assert!(!needs("egpt", "^0.1.0", json!("dev")));
        assert!(is_described(&json!({"name": "egpt-core", "description": "a", "dependencies": []})).is_err());
    }
}
