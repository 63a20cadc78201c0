//! What the firmware runs, run on the host: `device-run bit_identity MODEL.egpt`.

mod xip_cache;

use std::error::Error;
use std::io::{Write, stdout};
use std::process::ExitCode;
use std::{env, fmt, fs};

use device_run::{Board, RunError, bit_identity, complete, context, prefill, soak};
use embedded_gpt::{Buffers, Model, kernel_check};

const USAGE: &str = "usage: device-run complete|bit_identity|prefill|soak MODEL.egpt";

/// Memory of the longest pass, in words.
const PREFILL_WORDS: usize = 16 << 20;
/// As much memory as the boards have, in words.
const RAM_WORDS: usize = 640 << 10;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let result = match arguments.as_slice() {
        [program, path] => run(program, path),
        _ => Err(USAGE.into()),
    };
    if let Err(error) = result {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn run(program: &str, path: &str) -> Result<(), Box<dyn Error>> {
    let blob = read_aligned(path)?;
    let model = Model::parse(bytemuck::cast_slice(&blob))?;
    let (config, context) = (model.config(), context(model.config()));
    let (mut kv, mut scratch) = (vec![0; config.kv_words(context)], vec![0; config.scratch_words(context)]);
    let (kv, scratch) = (&mut kv, &mut scratch);
    match program {
        "complete" => complete(&model, Buffers { kv, scratch }, &mut Host)?,
        "bit_identity" => with_every_kernel(|out| bit_identity(&model, &mut vec![0; RAM_WORDS], out))?,
        "prefill" => prefill(&model, &mut vec![0; PREFILL_WORDS], &mut Host, |_, work| xip_cache::fetched(work))?,
        "soak" => soak(&model, &mut vec![0; RAM_WORDS], &mut Host)?,
        _ => return Err(USAGE.into()),
    }
    Ok(())
}

/// Prints what `run` does with one kernel of this processor, after it has done the same with each of them.
fn with_every_kernel(mut run: impl FnMut(&mut Memo) -> Result<(), RunError>) -> Result<(), Box<dyn Error>> {
    let mut outputs = Vec::new();
    for kernel in kernel_check::available() {
        kernel_check::choose(kernel);
        let mut out = Memo(String::new());
        run(&mut out)?;
        outputs.push((kernel, out.0));
    }
    let (first, expected) = &outputs[0];
    if let Some((kernel, output)) = outputs.iter().find(|(_, output)| output != expected) {
        return Err(format!("the kernel {first} computes\n{expected}but {kernel}\n{output}").into());
    }
    let names: Vec<&str> = outputs.iter().map(|(kernel, _)| *kernel).collect();
    print!("kernels of the host {}\n{expected}", names.join(", "));
    Ok(())
}

/// A file's bytes at a multiple of 16, with zeros after them; a blob knows its own length.
fn read_aligned(path: &str) -> Result<Vec<u128>, String> {
    let bytes = fs::read(path).map_err(|error| format!("cannot read {path}: {error}"))?;
    let mut words = vec![0_u128; bytes.len().div_ceil(size_of::<u128>())];
    bytemuck::cast_slice_mut(&mut words)[..bytes.len()].copy_from_slice(&bytes);
    Ok(words)
}

/// Prints to standard output; does not count instructions.
struct Host;

impl fmt::Write for Host {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut out = stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|_| fmt::Error)
    }
}

impl Board for Host {
    fn instructions(&self) -> Option<u64> {
        None
    }
}

/// Keeps what is printed.
struct Memo(String);

impl fmt::Write for Memo {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.push_str(text);
        Ok(())
    }
}

impl Board for Memo {
    fn instructions(&self) -> Option<u64> {
        None
    }
}
