//! What is known of chips and boards without measuring: the one place where it is written.

use super::table::{Column, Content, Facts, Table};
use crate::board::Board;
use crate::console;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;

/// How far bytes may be from the tables, in percent: compilers differ.
const BYTES: Content = Content::Bytes { percent: 2.0 };
/// The stack is small and depends on what a compiler keeps in registers.
const STACK: Content = Content::Bytes { percent: 10.0 };
const INSTRUCTIONS: Content = Content::Instructions { percent: 5.0 };

/// A core, and a chip that has it.
#[derive(Debug)]
pub struct Core {
    pub board: Board,
    chip: &'static str,
    mhz: u32,
}

/// A row of README.md each.
pub const CORES: [Core; 8] = [
    Core { board: Board::CORTEX_M0, chip: "RP2040", mhz: 125 },
    Core { board: Board::CORTEX_M3, chip: "STM32F103", mhz: 72 },
    Core { board: Board::CORTEX_M4F, chip: "nRF52840", mhz: 64 },
    Core { board: Board::CORTEX_M7, chip: "STM32H743", mhz: 400 },
    Core { board: Board::CORTEX_M33, chip: "RP2350", mhz: 150 },
    Core { board: Board::CORTEX_M55, chip: "STM32N6", mhz: 800 },
    Core { board: Board::RV32IMC, chip: "ESP32-C3", mhz: 160 },
    Core { board: Board::RV32IMAC, chip: "ESP32-C6", mhz: 160 },
];

/// A board that can be bought.
#[derive(Debug)]
pub struct SoldBoard {
    /// The name of the package, and of its directory in `firmware-examples`.
    pub package: &'static str,
    name: &'static str,
    chip: &'static str,
    mhz: u32,
    /// Bytes that the chip or the board has.
    flash: u64,
    ram: u64,
    /// An emulated board with the same core.
    pub core: Board,
    /// The model that is built in.
    pub model: &'static str,
}

/// A row of firmware-examples/README.md each.
pub const SOLD_BOARDS: [SoldBoard; 7] = [
    SoldBoard {
        package: "nrf52840-dk",
        name: "nRF52840-DK",
        chip: "nRF52840",
        mhz: 64,
        flash: MIB,
        ram: 256 * KIB,
        core: Board::CORTEX_M4F,
        model: "keyboard",
    },
    SoldBoard {
        package: "pico",
        name: "Raspberry Pi Pico (3)",
        chip: "RP2040",
        mhz: 125,
        flash: 2 * MIB,
        ram: 264 * KIB,
        core: Board::CORTEX_M0,
        model: "keyboard",
    },
    SoldBoard {
        package: "pico-2",
        name: "Raspberry Pi Pico 2 (3)",
        chip: "RP2350",
        mhz: 150,
        flash: 4 * MIB,
        ram: 520 * KIB,
        core: Board::CORTEX_M33,
        model: "keyboard",
    },
    SoldBoard {
        package: "nucleo-f411re",
        name: "Nucleo-F411RE",
        chip: "STM32F411",
        mhz: 100,
        flash: 512 * KIB,
        ram: 128 * KIB,
        core: Board::CORTEX_M4F,
        model: "demo",
    },
    SoldBoard {
        package: "nucleo-h743zi",
        name: "Nucleo-H743ZI",
        chip: "STM32H743",
        mhz: 400,
        flash: 2 * MIB,
        // The tightly coupled memory, where the program's statics are.
        ram: 128 * KIB,
        core: Board::CORTEX_M7,
        model: "keyboard",
    },
    SoldBoard {
        package: "esp32-c3",
        name: "ESP32-C3-DevKitC (3)",
        chip: "ESP32-C3",
        mhz: 160,
        flash: 4 * MIB,
        ram: 400 * KIB,
        core: Board::RV32IMC,
        model: "keyboard",
    },
    SoldBoard {
        package: "microbit-v1",
        name: "micro:bit v1 (4)",
        chip: "nRF51822",
        mhz: 16,
        flash: 256 * KIB,
        ram: 16 * KIB,
        core: Board::CORTEX_M0,
        model: "orders",
    },
];

/// The table of README.md. Measured are code, RAM, stack and the longest slice.
pub fn cores() -> Table {
    let row = |core: &Core| Facts {
        name: core.board.core,
        texts: [core.board.core, "", "", "", &clocked(core.chip, core.mhz)].map(str::to_owned).to_vec(),
        mhz: core.mhz.into(),
    };
    let columns = [
        ("core", Content::Fact),
        ("code, KB", BYTES),
        ("RAM, KB", BYTES),
        ("stack, KB", STACK),
        ("longest slice, million instructions (1)", INSTRUCTIONS),
        ("a chip", Content::Fact),
        ("ms there (2)", Content::Milliseconds),
    ];
    Table { page: "README.md", columns: columns.map(column).into(), rows: CORES.iter().map(row).collect() }
}

/// The table of firmware-examples/README.md. Measured are flash, RAM and the longest slice.
pub fn sold_boards() -> Table {
    let row = |board: &SoldBoard| {
        let [flash, ram] = [board.flash, board.ram].map(|bytes| format!(" of {}", console::thousands(bytes / 1000)));
        let [package, model] = [board.package, board.model].map(|name| format!("`{name}`"));
        let texts = vec![package, board.name.to_owned(), clocked(board.chip, board.mhz), model, flash, ram];
        Facts { name: board.package, texts, mhz: board.mhz.into() }
    };
    let columns = [
        ("directory", Content::Fact),
        ("board", Content::Fact),
        ("chip", Content::Fact),
        ("model", Content::Fact),
        ("flash, KB (1)", BYTES),
        ("RAM, KB (1)", BYTES),
        ("longest slice (2)", INSTRUCTIONS),
        ("ms (2)", Content::Milliseconds),
    ];
    let rows = SOLD_BOARDS.iter().map(row).collect();
    Table { page: "firmware-examples/README.md", columns: columns.map(column).into(), rows }
}

fn column((head, content): (&'static str, Content)) -> Column {
    Column { head, content }
}

fn clocked(chip: &str, mhz: u32) -> String {
    format!("{chip}, {mhz} MHz")
}
