//! Generates 1,000 tokens greedily and prints the hash of all their logits, which is the same on every target.
#![no_std]
#![no_main]

use core::fmt::Write;

use cortex_m_qemu::board::Mps;
use cortex_m_rt::entry;
use device_run::{RunError, bit_identity, check_clock, context};
use embedded_gpt::{Aligned, Config, Model, Workspace, include_model};
use static_cell::ConstStaticCell;

static BLOB: &Aligned<[u8]> = include_model!(env!("EGPT_MODEL"));
const CONFIG: Config = Config::of(&BLOB.0);
const CONTEXT: usize = context(&CONFIG);
type Ram = Workspace<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>;
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
    let model = Model::parse(&BLOB.0)?;
    bit_identity(&model, RAM.take().buffers(), board)
}
