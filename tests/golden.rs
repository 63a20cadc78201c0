//! What the repository's models compute and say, line by line as in `tests/golden`, with every kernel of this
//! processor.
//!
//! Every emulated core is compared with the same files in `cargo xtask test`; `cargo xtask golden` shows all lines that
//! differ, and writes them with `--overwrite`.

use std::cell::Cell;
use std::fmt::{self, Write};
use std::fs;
use std::path::{Path, PathBuf};

use device_run::{Board, bit_identity};
use egpt_core::blob_file::BlobFile;
use egpt_core::export::write_blob;
use egpt_core::weights::Weights;
use egpt_core::weights::random::gpt2_config;
use embedded_gpt::format::blob::{VOCABULARY, sections};
use embedded_gpt::format::tensor::Format;
use embedded_gpt::kernel_check;

/// As much memory as the boards have, in words.
const RAM_WORDS: usize = 640 << 10;

/// Keeps what is printed.
struct Memo(String);

impl Write for Memo {
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

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn models() -> Vec<PathBuf> {
    let files = ["models", "tests/golden"].map(|directory| root().join(directory).read_dir().unwrap());
    let paths = files.into_iter().flatten().map(|file| file.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "egpt")).collect()
}

/// In one test: the choice of a kernel is for the whole process.
#[test]
fn models_compute_and_say_what_they_did() {
    let models = models();
    assert!(models.len() >= 4, "{models:?}");
    for path in models {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let expected = fs::read_to_string(root().join(format!("tests/golden/{name}.txt"))).unwrap();
        let blob = BlobFile::read(&path).unwrap();
        let mut ram = vec![0; RAM_WORDS];
        for kernel in kernel_check::available() {
            kernel_check::choose(kernel);
            let mut printed = Memo(String::new());
            bit_identity(&blob.model().unwrap(), &mut ram, &mut printed).unwrap();
            for (i, (line, wanted)) in printed.0.lines().zip(expected.lines()).enumerate() {
                assert_eq!(line, wanted, "line {} of {name}.txt with the kernel {kernel}", i + 1);
            }
            assert_eq!(printed.0.lines().count(), expected.lines().count(), "lines of {name}.txt");
        }
    }
}

/// A model of the type of GPT-2 with random weights, matrices in both formats and the vocabulary of the demo.
#[test]
#[ignore = "writes tests/golden/gpt2.egpt anew: its values in gpt2.txt have to be written after it"]
fn write_gpt2() {
    let demo = BlobFile::read(&root().join("models/demo.egpt")).unwrap();
    let (_, vocabulary) = sections(demo.bytes()).unwrap().find(|(name, _)| *name == VOCABULARY).unwrap();
    let n_vocab = demo.model().unwrap().config().n_vocab;
    let weights = Weights::random(gpt2_config().with(|c| (c.n_vocab, c.n_ctx) = (n_vocab, 48)), 17);
    let format = Cell::new(Format::Q4);
    let alternate = |_: &_| format.replace(if format.get() == Format::Q8 { Format::Q4 } else { Format::Q8 });
    let blob = write_blob(&weights, alternate, vocabulary, "random weights").unwrap();
    fs::write(root().join("tests/golden/gpt2.egpt"), blob).unwrap();
}
