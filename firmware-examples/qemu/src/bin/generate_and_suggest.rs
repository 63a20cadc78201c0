//! Generates and suggests, and nothing else: the flash and RAM of the runtime are those of this program without
//! those of `start_up` and the model.
#![no_std]
#![no_main]

#[path = "../bare.rs"]
mod bare;
#[path = "../halt.rs"]
mod halt;

use core::hint::black_box;

use bare::{end, entry};
use embedded_gpt::{
    Aligned, Config, Error, Model, Sampler, Session, SuggestOptions, Suggester, Suggestion, Vocab, Workspace,
    include_model,
};
use static_cell::ConstStaticCell;

static BLOB: &Aligned<[u8]> = include_model!(env!("EGPT_MODEL"));
const CONFIG: Config = Config::of(&BLOB.0);
const CONTEXT: usize = if CONFIG.n_ctx < 512 { CONFIG.n_ctx } else { 512 };
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
    let mut slots = [Suggestion::EMPTY; 3];
    black_box(suggester.suggest(black_box("see you tom"), &mut slots));
    let mut session = suggester.into_session();
    let mut sampler = Sampler::new(black_box(0.7), 1).with_top_k(40);
    let mut ids = [0; 32];
    let mut next = sampler.pick(session.prefill(model.vocab().encode(black_box("see you"), &mut ids)?)?);
    for _ in 0..16 {
        black_box(model.vocab().bytes(next, &mut [0; Vocab::MAX_TOKEN_BYTES]));
        next = sampler.pick(session.step(next)?);
    }
    Ok(())
}
