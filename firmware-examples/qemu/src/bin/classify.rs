//! Sorts orders for a house by what they are about; counts instructions.
#![no_std]
#![no_main]

use device_run::{ORDERS, ORDERS_CONTEXT, RunError, check_clock, classify};
use embedded_gpt::Workspace;
use qemu_boards::{Machine, entry};
use static_cell::ConstStaticCell;

type Ram = Workspace<{ ORDERS.kv_words(ORDERS_CONTEXT) }, { ORDERS.scratch_words(ORDERS_CONTEXT) }>;
static RAM: ConstStaticCell<Ram> = ConstStaticCell::new(Ram::new());

#[entry]
fn main() -> ! {
    qemu_boards::run(run)
}

fn run(board: &mut Machine) -> Result<(), RunError> {
    check_clock(board)?;
    classify(RAM.take().buffers(), board)
}
