//! Compares what the same run printed on the host and on a device.

use anyhow::{Context, Result, bail};

use crate::console;

/// Before the names of the kernels that computed the same on the host.
const HOST_KERNELS: &str = "kernels of the host ";

/// Says in a sentence that both computed the same, and what a token costs the device.
///
/// # Errors
/// When a line of the host's run is missing on the device (there, other lines may come in
/// between), the hash of the logits among them. Which kernels of the host agree concerns the host alone.
pub fn check(host: &str, device: &str) -> Result<String> {
    let hash = figure(host, "logits ").context("on the host")?;
    let on_device = figure(device, "logits ").context("on the device")?;
    if hash != on_device {
        bail!("the logits differ: {hash} on the host, {on_device} on the device");
    }
    let mut lines = device.lines().map(str::trim_end);
    for expected in host.lines().map(str::trim_end).filter(|line| !line.starts_with(HOST_KERNELS)) {
        if !lines.any(|line| line == expected) {
            bail!("the device did not print what the host did: {expected}");
        }
    }
    let instructions = console::thousands(figure(device, "instructions per token ")?.parse()?);
    let kernels = figure(host, HOST_KERNELS).map_or_else(|_| String::new(), |names| format!(" ({names})"));
    Ok(format!(
        "device and host{kernels} logits are bit-identical (FNV-1a {hash}); a token takes {instructions} instructions"
    ))
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
        assert!(check("tom > tomato\nlogits 0xab\n", DEVICE).unwrap_err().to_string().contains("tomato"));
        assert!(check("no hash\n", DEVICE).is_err());
    }
}
