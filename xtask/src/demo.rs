//! `cargo xtask demo`.
use anyhow::Result;
/// `cargo xtask demo`
#[derive(clap::Args, Debug)]
pub struct Args {}
/// `cargo xtask demo`
pub fn run(_: &Args) -> Result<()> {
    Ok(())
}
