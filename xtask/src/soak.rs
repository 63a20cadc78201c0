//! `cargo xtask soak`: a million tokens on an emulated microcontroller and on this computer.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail, ensure};

use crate::board::Board;
use crate::toolchain::Toolchain;
use crate::{console, emulator, firmware, process, workspace};

/// `cargo xtask soak`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The board
    #[arg(long, default_value = Board::CORTEX_M4F.name)]
    board: Board,
    /// Another model than models/demo.egpt
    #[arg(long)]
    model: Option<PathBuf>,
    /// Longest time on the board; what it computed until then is compared
    #[arg(long, default_value_t = 60)]
    minutes: u64,
}

/// Runs both and compares the hashes of their logits.
///
/// # Errors
/// When one of them fails, or a hash differs.
pub fn run(args: &Args) -> Result<()> {
    emulator::find(args.board)?;
    let model = args.model.clone().unwrap_or_else(|| workspace::root().join("models/demo.egpt"));
    let program = firmware::build(&Toolchain::find(args.board)?, args.board, "soak", None)?;
    let mut host = Command::new(workspace::built("device-run")?);
    host.arg("soak").arg(&model);
    let host = process::quiet("a million tokens on the host", host)?;
    let spinner = console::spinner(args.board.core);
    let limit = Duration::from_secs(60 * args.minutes);
    let device = emulator::run_until(limit, args.board, &program, &model, |line| spinner.set_message(line.to_owned()))?;
    spinner.finish_and_clear();
    println!("{}", compare(&host, &device)?);
    Ok(())
}

/// Says how far both are the same.
fn compare(host: &str, device: &str) -> Result<String> {
    let hashes = |text: &str| -> Vec<String> {
        text.lines().filter_map(|line| Some(line.trim().strip_prefix("soak ")?.to_owned())).collect()
    };
    let (host, device) = (hashes(host), hashes(device));
    ensure!(device.len() <= host.len(), "the host took fewer tokens than the device");
    if let Some((host, device)) = host.iter().zip(&device).find(|(host, device)| host != device) {
        bail!("the host computes {host}, but the device {device}");
    }
    let Some(last) = device.last() else { bail!("the device computed nothing in this time") };
    Ok(format!("the same on both after {last}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_compared_as_far_as_the_device_came() {
        let host = "soak 10 tokens: logits 0xa\nsoak 20 tokens: logits 0xb\n";
        assert!(compare(host, "clock\r\nsoak 10 tokens: logits 0xa\r\n").unwrap().contains("after 10 tokens"));
        assert!(compare(host, "soak 10 tokens: logits 0xc\n").unwrap_err().to_string().contains("0xc"));
        assert!(compare(host, "error: no memory\n").is_err());
    }
}
