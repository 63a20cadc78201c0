//! Compares what the same run printed on the host and on a device.

use anyhow::{Context, Result, bail};

use crate::console;

/// Before the names of the kernels that computed the same on the host.
pub const HOST_KERNELS: &str = "kernels of the host ";

/// Says in a sentence that both computed the same, and what a token costs the device.
///
/// # Errors
/// When a line of the host's run is missing on the device, the hash of the logits among them. Which kernels of the host
/// agree concerns the host alone.
pub fn check(host: &str, device: &str) -> Result<String> {
    let hash = figure(host, "logits ").context("on the host")?;
    expect(host, device)?;
    let instructions = instructions_per_token(device)?;
    let kernels = figure(host, HOST_KERNELS).map_or_else(|_| String::new(), |names| format!(" ({names})"));
    Ok(format!(
        "device and host{kernels} logits are bit-identical (FNV-1a {hash}); a token takes {instructions} instructions"
    ))
}

/// Checks that the device printed all lines that were expected; there, others may come in between.
///
/// # Errors
/// Names the first line that is missing, and the likest one that the device printed instead.
pub fn expect(expected: &str, device: &str) -> Result<()> {
    let mut lines = device.lines().map(str::trim_end);
    for (i, line) in expected.lines().map(str::trim_end).enumerate() {
        let rest = lines.clone();
        if !line.starts_with(HOST_KERNELS) && !lines.any(|printed| printed == line) {
            let common = |printed: &&str| printed.bytes().zip(line.bytes()).take_while(|(a, b)| a == b).count();
            let likest = rest.rev().max_by_key(common).unwrap_or_default();
            bail!("line {} should be\n{line}\nbut the device printed\n{likest}", i + 1);
        }
    }
    Ok(())
}

/// What a token takes on the device.
fn instructions_per_token(device: &str) -> Result<String> {
    Ok(console::thousands(figure(device, "instructions per token ")?.parse()?))
}

/// What follows `name` at the start of a line.
fn figure<'a>(output: &'a str, name: &str) -> Result<&'a str> {
    let line = output.lines().find_map(|line| line.strip_prefix(name));
    line.map(str::trim).with_context(|| format!("no line `{name}…` was printed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICE: &str = "flash 7\r\ntom > tomorrow\r\nlogits 0xab\r\ninstructions per token 12345\r\n";

    #[test]
    fn the_same_run_is_recognised() {
        let said = check("kernels of the host a, b\ntom > tomorrow\nlogits 0xab\n", DEVICE).unwrap();
        assert!(said.contains("0xab") && said.contains("12,345") && said.contains("(a, b)"), "{said}");
    }

    #[test]
    fn other_logits_and_other_text_are_not() {
        let differ = check("logits 0xac\n", DEVICE).unwrap_err().to_string();
        assert!(differ.contains("0xab") && differ.contains("0xac"), "{differ}");
        let differ = check("tom > tomato\nlogits 0xab\n", DEVICE).unwrap_err().to_string();
        assert!(differ.contains("line 1") && differ.contains("tomato") && differ.contains("tomorrow"), "{differ}");
        assert!(check("no hash\n", DEVICE).is_err());
    }
}
