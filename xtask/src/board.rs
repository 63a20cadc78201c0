//! The emulated boards.

use clap::ValueEnum;
use clap::builder::PossibleValue;

/// An emulated board.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Board {
    /// What a person types to choose it.
    pub name: &'static str,
    /// What distinguishes it.
    about: &'static str,
    /// Name of the core.
    pub core: &'static str,
    /// QEMU's name of the machine.
    pub machine: &'static str,
    /// The Rust target.
    pub target: &'static str,
    /// The core to compile for, where a target covers several that differ much.
    pub target_cpu: Option<&'static str>,
    /// Feature of the package that stands for the board's memory map.
    pub feature: Option<&'static str>,
    /// Where the emulator puts a model for a program that has none in it: 512 KiB behind the start of the flash.
    pub model_address: u32,
    family: &'static Family,
}

/// What boards have in common.
#[derive(Debug, PartialEq)]
struct Family {
    emulator: &'static str,
    emulator_package: &'static str,
    emulator_arguments: &'static [&'static str],
}

const CORTEX_M: Family = Family {
    emulator: "qemu-system-arm",
    emulator_package: "qemu-system-arm",
    emulator_arguments: &["-semihosting-config", "enable=on,target=native"],
};

const RISC_V: Family = Family {
    emulator: "qemu-system-riscv32",
    emulator_package: "qemu-system-misc",
    emulator_arguments: &["-bios", "none"],
};

impl Board {
    /// The board of most examples.
    pub const CORTEX_M4F: Board = Board {
        name: "m4f",
        about: "Arm MPS2 with a Cortex-M4F: DSP instructions and FPU",
        core: "Cortex-M4F",
        machine: "mps2-an386",
        target: "thumbv7em-none-eabihf",
        target_cpu: None,
        feature: None,
        model_address: 0x0008_0000,
        family: &CORTEX_M,
    };
    /// A core without anything that is not needed.
    pub const CORTEX_M0: Board = Board {
        name: "m0",
        about: "The board of the M3 with code for a Cortex-M0, whose instructions the M3 has, too",
        core: "Cortex-M0",
        machine: "mps2-an385",
        target: "thumbv6m-none-eabi",
        ..Board::CORTEX_M4F
    };
    /// A Cortex-M3: the M0's instructions, exclusive access and hardware division.
    pub const CORTEX_M3: Board = Board {
        name: "m3",
        about: "Arm MPS2 with a Cortex-M3",
        core: "Cortex-M3",
        machine: "mps2-an385",
        target: "thumbv7m-none-eabi",
        ..Board::CORTEX_M4F
    };
    /// Runs the code of the M4F.
    pub const CORTEX_M7: Board = Board {
        name: "m7",
        about: "Arm MPS2 with a Cortex-M7",
        core: "Cortex-M7",
        machine: "mps2-an500",
        ..Board::CORTEX_M4F
    };
    /// Armv8-M with DSP instructions.
    pub const CORTEX_M33: Board = Board {
        name: "m33",
        about: "Arm MPS2 with a Cortex-M33, in the secure state",
        core: "Cortex-M33",
        machine: "mps2-an505",
        target: "thumbv8m.main-none-eabihf",
        target_cpu: Some("cortex-m33"),
        feature: Some("an505"),
        model_address: 0x1008_0000,
        ..Board::CORTEX_M4F
    };
    /// Armv8.1-M with vectors.
    pub const CORTEX_M55: Board = Board {
        name: "m55",
        about: "Arm MPS3 with a Cortex-M55: vector instructions (Helium), in the secure state",
        core: "Cortex-M55",
        machine: "mps3-an547",
        target_cpu: Some("cortex-m55"),
        feature: Some("an547"),
        model_address: 0x1108_0000,
        ..Board::CORTEX_M33
    };
    /// RISC-V without atomic instructions.
    pub const RV32IMC: Board = Board {
        name: "rv32",
        about: "QEMU's `virt` with 32-bit RISC-V, without FPU and atomics, as in an ESP32-C3",
        core: "RV32IMC",
        machine: "virt",
        target: "riscv32imc-unknown-none-elf",
        target_cpu: None,
        feature: None,
        model_address: 0x8008_0000,
        family: &RISC_V,
    };
    /// RISC-V with atomic instructions.
    pub const RV32IMAC: Board = Board {
        name: "rv32imac",
        about: "The same with atomics, as in an ESP32-C6",
        core: "RV32IMAC",
        target: "riscv32imac-unknown-none-elf",
        ..Board::RV32IMC
    };
    /// All of them.
    pub const ALL: [Board; 8] = [
        Board::CORTEX_M0,
        Board::CORTEX_M3,
        Board::CORTEX_M4F,
        Board::CORTEX_M7,
        Board::CORTEX_M33,
        Board::CORTEX_M55,
        Board::RV32IMC,
        Board::RV32IMAC,
    ];

    /// Name of the core as figures are filed under.
    pub fn target_name(&self) -> String {
        self.core.to_ascii_lowercase()
    }

    /// The emulator, and the Debian package that it comes in.
    pub const fn emulator(&self) -> (&'static str, &'static str) {
        (self.family.emulator, self.family.emulator_package)
    }

    /// How the emulator is told to end when the program does.
    pub const fn emulator_arguments(&self) -> &'static [&'static str] {
        self.family.emulator_arguments
    }
}

impl ValueEnum for Board {
    fn value_variants<'a>() -> &'a [Self] {
        &Board::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name).help(self.about))
    }
}
