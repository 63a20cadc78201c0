//! A Python with PyTorch, for the tests that compare with it.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// `EGPT_PYTHON`, else `python3`; `None`, with the reason printed, where it cannot import torch and transformers.
pub fn find() -> Option<PathBuf> {
    let python = PathBuf::from(std::env::var_os("EGPT_PYTHON").unwrap_or_else(|| "python3".into()));
    let mut probe = Command::new(&python);
    probe.args(["-c", "import torch, transformers"]).stderr(Stdio::null());
    if probe.status().is_ok_and(|status| status.success()) {
        return Some(python);
    }
    println!("skipped: no Python with torch and transformers; set EGPT_PYTHON to one that has them");
    None
}
