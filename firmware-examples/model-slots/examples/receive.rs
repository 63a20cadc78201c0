//! Receives models in chunks, as over a serial line, into flash that is simulated; prints what runs after each.
//!
//! `cargo run -p model-slots --example receive models/orders.egpt models/keyboard.egpt`, or a model on standard input.

#[path = "../tests/simulated_flash/mod.rs"]
mod simulated_flash;

use std::error::Error;
use std::io::{self, Read};
use std::process::ExitCode;
use std::{env, fs};

use embedded_gpt::{Buffers, Letters, Session, SuggestOptions, Suggester, Suggestion};
use model_slots::{Announced, Budget, Checks, Layout, Loaded, NO_SIGNATURE, Receiver, Slots};
use simulated_flash::SimulatedFlash;

/// As beside an RP2040: pages of 256 bytes, sectors of 4 KiB, 2 MiB.
type Flash = SimulatedFlash<256, 4096>;
const FLASH_LEN: usize = 2 << 20;
/// Behind 640 KiB for the program.
const LAYOUT: Layout = Layout { starts: [0xA_0000, 0x15_0000], slot_len: 0xB_0000 };
/// 128 KiB of RAM for whichever model comes.
const BUDGET: Budget = Budget { context: 64, kv_words: 24 << 10, scratch_words: 8 << 10, blob_bytes: 700 << 10 };
/// What a serial driver gives at a time.
const CHUNK_LEN: usize = 64;
/// For which words are suggested.
const TEXT: &str = "see you tomo";

fn main() -> ExitCode {
    let flash = Flash::new(FLASH_LEN);
    let mut paths: Vec<String> = env::args().skip(1).collect();
    if paths.is_empty() {
        paths.push("-".to_owned());
    }
    for path in paths {
        // What is refused leaves the model before it.
        let received = receive(&flash, &path);
        if let Err(error) = &received {
            eprintln!("error: {path}: {error}");
        }
        let started = start(&flash);
        if let Err(error) = &started {
            eprintln!("error: {error}");
        }
        if received.and(started).is_err() {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// What a device does while a model comes in.
fn receive(flash: &Flash, path: &str) -> Result<(), Box<dyn Error>> {
    let blob = if path == "-" {
        let mut blob = Vec::new();
        io::stdin().read_to_end(&mut blob)?;
        blob
    } else {
        fs::read(path)?
    };
    let checks = Checks::unsigned(BUDGET);
    let mut slots = Slots::new(flash.clone(), flash.map(), LAYOUT)?;
    // One may run meanwhile: it stays as it is.
    let _ = slots.load(&checks);
    // The sender says first how much comes.
    let announced = Announced { blob_len: blob.len(), signature: NO_SIGNATURE };
    let mut receiver = Receiver::begin(&mut slots, announced, &checks)?;
    for chunk in blob.chunks(CHUNK_LEN) {
        receiver.push(chunk)?;
    }
    let received = receiver.finish()?;
    println!("received {path}: {} bytes into slot {:?}", blob.len(), received.slot);
    Ok(())
}

/// What a device does when it starts.
fn start(flash: &Flash) -> Result<(), Box<dyn Error>> {
    let mut slots = Slots::new(flash.clone(), flash.map(), LAYOUT)?;
    let loaded = slots.load(&Checks::unsigned(BUDGET))?;
    let Loaded { model, slot, sequence, context, .. } = loaded;
    println!("runs: slot {slot:?}, number {sequence}, {context} tokens of context, {} bytes", model.blob_len());
    println!("{}", model.metadata().trim_end());

    let (kv, scratch) = (&mut vec![0; BUDGET.kv_words], &mut vec![0; BUDGET.scratch_words]);
    let session = Session::new(&model, context, Buffers { kv, scratch })?;
    let mut suggester = Suggester::<Letters>::new(session, SuggestOptions::DEFAULT);
    let mut words = [Suggestion::EMPTY; 3];
    let words: Vec<&str> = suggester.suggest(TEXT, &mut words).iter().map(Suggestion::as_str).collect();
    println!("{TEXT:?}: {}", words.join(", "));
    Ok(())
}
