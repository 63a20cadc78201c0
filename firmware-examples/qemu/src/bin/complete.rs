//! Completes sentences and writes on by itself; prints over the UART what that takes.
#![no_std]
#![no_main]

use core::fmt::Write;

use device_run::{RunError, check_clock, complete, context, memory};
use embedded_gpt::{Aligned, Config, Model, Workspace, include_model};
use qemu_boards::{Machine, entry};
use static_cell::ConstStaticCell;

static BLOB: &Aligned<[u8]> = include_model!(env!("EGPT_MODEL"));
const CONFIG: Config = Config::of(&BLOB.0);
const CONTEXT: usize = context(&CONFIG);
type Ram = Workspace<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>;
static RAM: ConstStaticCell<Ram> = ConstStaticCell::new(Ram::new());

#[entry]
fn main() -> ! {
    memory::paint_stack();
    qemu_boards::run(run)
}

fn run(board: &mut Machine) -> Result<(), RunError> {
    check_clock(board)?;
    let model = Model::parse(&BLOB.0)?;
    complete(&model, RAM.take().buffers(), board)?;
    let (flash, model) = (memory::flash(), BLOB.0.len());
    writeln!(board, "flash {flash} bytes: model {model}, program {}", flash - model)?;
    let (workspace, other) = (size_of::<Ram>(), memory::statics() - size_of::<Ram>());
    let stack = memory::stack_peak();
    let ram = workspace + other + stack;
    writeln!(board, "RAM {ram} bytes: KV cache and scratch {workspace}, other statics {other}, stack {stack}")?;
    Ok(())
}
