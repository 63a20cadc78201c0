//! The emulated boards.

use clap::ValueEnum;

/// An emulated board.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Board {
    /// Arm MPS2 with a Cortex-M4F: DSP instructions and FPU
    #[value(name = "m4f")]
    CortexM4F,
    /// Arm MPS2 with a Cortex-M3
    #[value(name = "m3")]
    CortexM3,
    /// The same board with code for a Cortex-M0, whose instructions the M3 has, too
    #[value(name = "m0")]
    CortexM0,
    /// QEMU's `virt` with 32-bit RISC-V, without FPU and atomics, as in an ESP32-C3
    #[value(name = "rv32")]
    RiscV32,
}

impl Board {
    /// Name of the core.
    pub const fn core(self) -> &'static str {
        match self {
            Board::CortexM4F => "Cortex-M4F",
            Board::CortexM3 => "Cortex-M3",
            Board::CortexM0 => "Cortex-M0",
            Board::RiscV32 => "RV32IMC",
        }
    }

    /// QEMU's name of the machine.
    pub const fn machine(self) -> &'static str {
        match self {
            Board::CortexM4F => "mps2-an386",
            Board::CortexM3 | Board::CortexM0 => "mps2-an385",
            Board::RiscV32 => "virt",
        }
    }

    /// The Rust target.
    pub const fn target(self) -> &'static str {
        match self {
            Board::CortexM4F => "thumbv7em-none-eabihf",
            Board::CortexM3 => "thumbv7m-none-eabi",
            Board::CortexM0 => "thumbv6m-none-eabi",
            Board::RiscV32 => "riscv32imc-unknown-none-elf",
        }
    }

    /// Directory of the firmware, from the top of the repository.
    pub const fn package(self) -> &'static str {
        match self {
            Board::RiscV32 => "firmware-examples/riscv-qemu",
            _ => "firmware-examples/cortex-m-qemu",
        }
    }

    /// The emulator, and the Debian package that it comes in.
    pub const fn emulator(self) -> (&'static str, &'static str) {
        match self {
            Board::RiscV32 => ("qemu-system-riscv32", "qemu-system-misc"),
            _ => ("qemu-system-arm", "qemu-system-arm"),
        }
    }

    /// How the emulator is told to end when the program does.
    pub const fn emulator_arguments(self) -> &'static [&'static str] {
        match self {
            Board::RiscV32 => &["-bios", "none"],
            _ => &["-semihosting-config", "enable=on,target=native"],
        }
    }
}
