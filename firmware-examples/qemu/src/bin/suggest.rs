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

/// What it is given is hidden from the compiler, as from a library.
fn run() -> Result<(), Error> {
    let model = Model::parse(black_box(&BLOB.0))?;
    let session = Session::new(&model, black_box(CONTEXT), RAM.take().buffers())?;
    let mut suggester = Suggester::new(session, black_box(SuggestOptions::DEFAULT));
    let text = core::str::from_utf8(black_box(b"see you tom")).unwrap_or_default();
    let mut slots = [Suggestion::EMPTY; 3];
    for word in suggester.suggest(text, &mut slots) {
        black_box((word.as_str(), word.log_prob(), word.percent(), word.corrects(), word.takes_space()));
    }
    Ok(())
}
