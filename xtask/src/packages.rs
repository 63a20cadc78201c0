//! Installs Debian packages, saying which and why.

use std::io::{IsTerminal, stdin};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};

use crate::{console, process, workspace};

/// apt-get refuses to start while another one runs.
static APT_GET: Mutex<()> = Mutex::new(());

/// Installs `packages` with apt-get, as root or through sudo.
///
/// # Errors
/// When there is no apt-get, no way to become root, or the packages cannot be had.
pub fn install(packages: &[&str], why: &str) -> Result<()> {
    let _alone = APT_GET.lock().unwrap_or_else(PoisonError::into_inner);
    let list = packages.join(" ");
    if workspace::find_program("apt-get").is_none() {
        bail!("{why} needs what Debian calls {list}; this system has no apt-get, so install it by hand");
    }
    console::line(&format!("installing {list} with apt-get, for {why}"));
    // A source that cannot be reached is no reason to give up: the others may have it all.
    let _ = process::quiet("apt-get update", apt_get(&["update"])?);
    // Recommended packages would clash with newer qemu-utils, and nobody needs them here.
    let mut command = apt_get(&["install", "--yes", "--no-install-recommends"])?;
    command.args(packages);
    process::quiet("apt-get install", command)
        .with_context(|| format!("{why} needs {list}, which could not be installed"))?;
    Ok(())
}

fn apt_get(arguments: &[&str]) -> Result<Command> {
    let mut command = if is_root() {
        Command::new("env")
    } else if workspace::find_program("sudo").is_some() {
        let mut sudo = Command::new("sudo");
        // Its question for a password must not be asked where nobody can answer.
        if !stdin().is_terminal() {
            sudo.arg("--non-interactive");
        }
        sudo.arg("env");
        sudo
    } else {
        bail!("`apt-get {}` needs root, and there is no sudo", arguments.join(" "));
    };
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"]).args(arguments);
    Ok(command)
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
