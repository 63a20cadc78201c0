//! The programs for boards that can be bought: each is built, and takes no more of its chip than it did. The one that
//! QEMU has an emulation for is run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::bench::Footprint;
use crate::board::Board;
use crate::{console, emulator, process, toolchain, workspace};

/// A program for a board, and the bytes that it may take.
#[derive(Debug)]
struct RealBoard {
    /// The name of the package, of its directory in `firmware-examples`, and of the program.
    package: &'static str,
    target: &'static str,
    /// Code, constants and the model.
    flash: u64,
    /// Statics; the stack comes on top.
    ram: u64,
    /// QEMU's name of the board, if it has one.
    machine: Option<&'static str>,
}

/// The budgets. Raise one if what takes the bytes is worth it, and say so. The micro:bit has 16 KiB, of which the stack
/// takes 4.8 KB.
const BOARDS: [RealBoard; 7] = [
    RealBoard { package: "nrf52840-dk", target: "thumbv7em-none-eabihf", flash: 585_000, ram: 40_500, machine: None },
    RealBoard { package: "nucleo-f411re", target: "thumbv7em-none-eabihf", flash: 293_500, ram: 22_900, machine: None },
    RealBoard { package: "nucleo-h743zi", target: "thumbv7em-none-eabihf", flash: 590_000, ram: 40_100, machine: None },
    RealBoard { package: "pico", target: "thumbv6m-none-eabi", flash: 595_500, ram: 42_000, machine: None },
    RealBoard { package: "pico-2", target: "thumbv8m.main-none-eabihf", flash: 603_000, ram: 41_500, machine: None },
    RealBoard {
        package: "microbit-v1",
        target: "thumbv6m-none-eabi",
        flash: 105_500,
        ram: 11_100,
        machine: Some("microbit"),
    },
    RealBoard {
        package: "esp32-c3",
        target: "riscv32imc-unknown-none-elf",
        flash: 618_000,
        ram: 47_500,
        machine: None,
    },
];

/// What a person may have set for builds of their own, and what would change these.
const SETTINGS: [&str; 5] =
    ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET", "EGPT_MODEL", "EGPT_CONTEXT"];

/// What programs take, by the names of their packages.
pub type Footprints = Vec<(&'static str, Footprint)>;

/// Builds all of them, and compares with the budgets; gives a remark and what they take.
///
/// # Errors
/// When one does not compile, or does not fit.
pub fn check() -> Result<(String, Footprints)> {
    let (mut remarks, mut footprints) = (Vec::new(), Vec::new());
    for board in &BOARDS {
        if !toolchain::has(board.target) {
            remarks.push(format!("{} SKIPPED, since rustup does not give {}", board.package, board.target));
            continue;
        }
        let (program, took) = board.measure()?;
        board.compare(took)?;
        footprints.push((board.package, took));
        if let Some(machine) = board.machine {
            type_on(machine, &program).with_context(|| format!("{} on QEMU", board.package))?;
        }
    }
    remarks.push(format!("{} programs within their budgets", footprints.len()));
    Ok((remarks.join(", "), footprints))
}

/// What the program of each board takes.
///
/// # Errors
/// When one does not compile.
pub fn footprints() -> Result<Footprints> {
    let footprint = |board: &RealBoard| {
        ensure!(toolchain::has(board.target), "rustup does not give {}, which {} needs", board.target, board.package);
        Ok((board.package, board.measure()?.1))
    };
    BOARDS.iter().map(footprint).collect()
}

/// Types on the board's serial port: the first word that is offered is the one that everybody means.
fn type_on(machine: &str, program: &Path) -> Result<()> {
    emulator::find(Board::CORTEX_M0)?;
    let mut qemu = Command::new("qemu-system-arm");
    qemu.args(["-machine", machine, "-display", "none", "-monitor", "none", "-serial", "stdio", "-kernel"])
        .arg(program);
    process::typed(Duration::from_secs(60), qemu, "thank y\t", "> thank you \r\n")
}

impl RealBoard {
    /// Builds and sizes; gives the ELF file, too.
    fn measure(&self) -> Result<(PathBuf, Footprint)> {
        let program = self.build()?;
        let took = Footprint::of(&program)?;
        let [flash, ram] = [took.flash, took.ram].map(console::thousands);
        console::line(&format!("{:<14} {flash:>9} bytes of flash {ram:>7} of RAM", self.package));
        Ok((program, took))
    }

    /// The ELF file.
    fn build(&self) -> Result<PathBuf> {
        let mut cargo = workspace::cargo();
        cargo.current_dir(workspace::root().join(workspace::EXAMPLES).join(self.package));
        cargo.args(["build", "--release", "--locked"]);
        // What boards have in common is compiled once.
        cargo.arg("--target-dir").arg(workspace::target().join("boards"));
        // Nobody debugs these, and it takes time.
        cargo.env("CARGO_PROFILE_RELEASE_DEBUG", "false");
        for name in SETTINGS {
            cargo.env_remove(name);
        }
        let label = format!("building {}", self.package);
        workspace::build(&label, cargo, self.package).with_context(|| format!("in firmware-examples/{}", self.package))
    }

    fn compare(&self, took: Footprint) -> Result<()> {
        for (what, bytes, budget) in [("flash", took.flash, self.flash), ("RAM", took.ram, self.ram)] {
            ensure!(
                bytes <= budget,
                "{} takes {bytes} bytes of {what}, more than {budget}: raise the budget in xtask/src/real_boards.rs if \
                 they are worth it, and say so",
                self.package
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_board_has_a_budget() {
        let packages = workspace::checked().unwrap();
        let examples =
            packages.iter().filter(|path| path.parent().is_some_and(|parent| parent.ends_with("firmware-examples")));
        let names: BTreeSet<_> = examples.map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
        let known: BTreeSet<_> = BOARDS.iter().map(|board| board.package).chain(["qemu"]).collect();
        assert_eq!(names, known);
    }

    #[test]
    fn more_than_the_budget_is_an_error() {
        let board = RealBoard { package: "a", target: "b", flash: 10, ram: 5, machine: None };
        assert!(board.compare(Footprint { flash: 10, ram: 5 }).is_ok());
        for took in [Footprint { flash: 11, ram: 5 }, Footprint { flash: 10, ram: 6 }] {
            assert!(board.compare(took).unwrap_err().to_string().contains("budget"));
        }
    }
}
