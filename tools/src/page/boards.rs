//! Chips that a model may run on, and the least that a pass through it takes there.

use embedded_gpt::Model;
use embedded_gpt::format::tensor::Format;
use serde_json::{Value, json};

use super::macs;

/// A core, and the instructions that its kernel takes for a multiplication: the fewest of all shapes that
/// `docs/benchmarks.md` has.
struct Core {
    name: &'static str,
    /// What the measurements call it.
    #[cfg_attr(not(test), expect(dead_code))]
    target: &'static str,
    q8: f64,
    q4: f64,
}

const M0: Core = Core { name: "Cortex-M0+", target: "cortex-m0", q8: 3.189, q4: 2.221 };
const M3: Core = Core { name: "Cortex-M3", target: "cortex-m3", q8: 1.943, q4: 1.070 };
const M4F: Core = Core { name: "Cortex-M4F", target: "cortex-m4f", q8: 1.177, q4: 1.070 };
const M7: Core = Core { name: "Cortex-M7", target: "cortex-m7", q8: 1.177, q4: 1.070 };
const M33: Core = Core { name: "Cortex-M33", target: "cortex-m33", q8: 1.177, q4: 1.070 };
const RV32: Core = Core { name: "RV32IMC", target: "rv32imc", q8: 3.222, q4: 2.073 };

/// A chip as its maker describes it.
struct Chip {
    name: &'static str,
    core: Core,
    mhz: u32,
    /// `None` if programs run from a flash beside the chip.
    flash_kib: Option<u32>,
    ram_kib: u32,
}

const CHIPS: [Chip; 10] = [
    chip("STM32F103RC", M3, 72, Some(256), 48),
    chip("nRF52832", M4F, 64, Some(512), 64),
    chip("STM32F411RE", M4F, 100, Some(512), 128),
    chip("STM32F407VG", M4F, 168, Some(1024), 192),
    chip("nRF52840", M4F, 64, Some(1024), 256),
    chip("nRF5340", M33, 128, Some(1024), 512),
    chip("STM32H743ZI", M7, 480, Some(2048), 1024),
    chip("RP2040", M0, 133, None, 264),
    chip("RP2350", M33, 150, None, 520),
    chip("ESP32-C3", RV32, 160, None, 400),
];

const fn chip(name: &'static str, core: Core, mhz: u32, flash_kib: Option<u32>, ram_kib: u32) -> Chip {
    Chip { name, core, mhz, flash_kib, ram_kib }
}

/// All chips, with the instructions of a pass through the model's matrices.
pub(super) fn table(model: &Model<'_>) -> Vec<Value> {
    let [q8, q4] = [Format::Q8, Format::Q4].map(|format| macs(model, format) as f64);
    let row = |Chip { name, core, mhz, flash_kib, ram_kib }| {
        let instructions = (core.q8 * q8 + core.q4 * q4).round();
        json!({
            "name": name, "core": core.name, "mhz": mhz, "flash_kib": flash_kib, "ram_kib": ram_kib,
            "instructions": instructions,
        })
    };
    CHIPS.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::fs;
    use std::path::Path;

    use egpt_core::blob_file::BlobFile;

    fn fewest(target: &str, format: &str) -> f64 {
        let figures =
            fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/benchmarks.jsonl")).unwrap();
        let lines = figures.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let of_kernel =
            |line: &Value| line["bench"] == "kernel" && line["target"] == target && line["format"] == format;
        lines.filter(of_kernel).map(|line| line["instr_per_mac"].as_f64().unwrap()).reduce(f64::min).unwrap()
    }

    #[test]
    fn instructions_are_those_that_were_counted() {
        for core in [M0, M3, M4F, M7, M33, RV32] {
            assert_eq!((core.q8, core.q4), (fewest(core.target, "q8"), fewest(core.target, "q4")), "{}", core.name);
        }
    }

    #[test]
    fn a_pass_takes_less_than_was_counted_for_a_whole_token() {
        let file = BlobFile::new(include_bytes!("../../../models/demo.egpt"));
        let table = table(&file.model().unwrap());
        let of_m4f = table.iter().find(|chip| chip["core"] == "Cortex-M4F").unwrap();
        let computed = of_m4f["instructions"].as_f64().unwrap();
        // Token 0 of the demo model on a Cortex-M4F, by docs/benchmarks.md.
        assert!((0.5 * 354_640.0..354_640.0).contains(&computed), "{computed}");
    }
}
