//! What must hold for any bytes at all: one check per part, for a fuzzer and for the inputs that it found.
//!
//! A check makes structured input from bytes, such as a blob with a right checksum, and panics when a promise of the
//! runtime or of the importer does not hold.

mod blob;
mod dictionary;
mod import;
mod limit;
mod models;
mod sampler;
mod session;
mod streams;
mod suggester;
mod vocab;

use arbitrary::{Result, Unstructured};

/// A check: it uses up bytes and panics if something does not hold. An error says that there were too few bytes.
pub type Check = fn(&mut Unstructured<'_>) -> Result<()>;

/// All checks, by the name of their fuzz target.
pub const ALL: [(&str, Check); 9] = [
    ("blob", blob::check),
    ("dictionary", dictionary::check),
    ("import_hf", import::hugging_face),
    ("import_llama2c", import::llama2c),
    ("sampler", sampler::check),
    ("session", session::check),
    ("streams", streams::check),
    ("suggester", suggester::check),
    ("vocab", vocab::check),
];

/// Runs the check of a name on some bytes.
///
/// # Panics
/// If something does not hold, or there is no such check.
pub fn run(name: &str, bytes: &[u8]) {
    let (_, check) = ALL.iter().find(|(other, _)| *other == name).expect("a check of this name");
    // Too few bytes are no fault.
    let _ = check(&mut Unstructured::new(bytes));
}
