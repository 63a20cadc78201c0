//! Sorts orders for a house by what they are about; counts instructions.
#![no_std]
#![no_main]

use core::fmt::Write;

use cortex_m_qemu::board::Mps;
use cortex_m_rt::entry;
use device_run::{ORDERS, ORDERS_CONTEXT, RunError, check_clock, classify};
use embedded_gpt::Workspace;
use static_cell::ConstStaticCell;

type Ram = Workspace<{ ORDERS.kv_words(ORDERS_CONTEXT) }, { ORDERS.scratch_words(ORDERS_CONTEXT) }>;
static RAM: ConstStaticCell<Ram> = ConstStaticCell::new(Ram::new());

#[entry]
fn main() -> ! {
    let mut board = Mps::new();
    let result = run(&mut board);
    if let Err(error) = result {
        let _ = writeln!(board, "error: {error}");
    }
    cortex_m_qemu::end(result.is_ok())
}

fn run(board: &mut Mps) -> Result<(), RunError> {
    check_clock(board)?;
    classify(RAM.take().buffers(), board)
}
