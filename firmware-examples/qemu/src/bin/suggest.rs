//! Suggests, and nothing else: what a program in C that does the same is measured against.
#![no_std]
#![no_main]

#[path = "../bare.rs"]
mod bare;
#[path = "../halt.rs"]
mod halt;

use core::hint::black_box;

use bare::{end, entry};
use embedded_gpt::{
    Aligned, Config, Error, Model, Session, SuggestOptions, Suggester, Suggestion, Workspace, include_model,
};
use static_cell::ConstStaticCell;

static BLOB: &Aligned<[u8]> = include_model!(env!("EGPT_MODEL"));
const CONFIG: Config = Config::of(&BLOB.0);
const CONTEXT: usize = 64;
type Ram = Workspace<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>;
static RAM: ConstStaticCell<Ram> = ConstStaticCell::new(Ram::new());

#[entry]
fn main() -> ! {
    let _ = black_box(run());
    end()
}

fn run() -> Result<(), Error> {
    let model = Model::parse(&BLOB.0)?;
    let mut suggester = Suggester::new(Session::new(&model, CONTEXT, RAM.take().buffers())?, SuggestOptions::DEFAULT);
    black_box(suggester.suggest(black_box("see you tom"), &mut [Suggestion::EMPTY; 3]));
    Ok(())
}
