//! The public yardstick model stories260K through the whole path: import, q8 blob, runtime, against the f32 reference.

use std::path::PathBuf;

use egpt_core::blob_file::BlobFile;
use egpt_core::checkpoint::Checkpoint;
use egpt_core::export::blob_of;
use egpt_core::import::llama2c;
use egpt_core::measure::bits_per_byte::{of_blob, of_weights};
use egpt_core::measure::token_stream::TokenStream;
use egpt_core::reference::Reference;
use embedded_gpt::format::tensor::Format;
use embedded_gpt::{Buffers, Model, Sampler, Session, TokenId};

const TEXT: &str = "\
The old lighthouse keeper went up the stairs every evening. He lit the lamp and looked at the sea.
One night the wind was so strong that the windows shook, and a small boat came close to the rocks.
\"Turn around!\" he shouted, but nobody could hear him. So he rang the big bell, again and again.

Anna has a new bike. It is red and very fast. She rides it to school, and her little brother runs behind her.
\"Wait for me!\" he says. Anna stops and laughs. Then they walk together, and the bike rolls between them.

Measure the flour, add two eggs and a cup of milk, and stir until the batter is smooth. Heat the pan before you pour.
";

fn import() -> Option<Checkpoint> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/models");
    let dir = std::env::var_os("EGPT_YARDSTICK_DIR").map_or(beside, PathBuf::from);
    let (model, tokenizer) = (dir.join("stories260K.bin"), dir.join("tok512.bin"));
    if !model.exists() || !tokenizer.exists() {
        println!("skipped: no stories260K.bin and tok512.bin in {}; set EGPT_YARDSTICK_DIR", dir.display());
        return None;
    }
    let out = tempfile::tempdir().unwrap();
    // The tokenizer.json has to outlive the import.
    Some(llama2c::import(&model, &tokenizer, &out.keep()).unwrap())
}

fn generate(model: &Model<'_>, prompt: &[TokenId], n: usize) -> Vec<TokenId> {
    let config = model.config();
    let (mut kv, mut scratch) = (vec![0; config.kv_words(512)], vec![0; config.scratch_words(512)]);
    let mut session = Session::new(model, 512, Buffers { kv: &mut kv, scratch: &mut scratch }).unwrap();
    let mut next = Sampler::greedy().pick(session.prefill(prompt).unwrap());
    let mut all = prompt.to_vec();
    while all.len() < prompt.len() + n {
        all.push(next);
        next = session.step(next).unwrap().argmax();
    }
    all
}

#[test]
fn greedy_text_equals_the_reference_for_60_tokens() {
    let Some(checkpoint) = import() else { return };
    let blob = BlobFile::new(&blob_of(&checkpoint, |_| Format::Q8, "").unwrap());
    let model = blob.model().unwrap();
    let mut prompt = vec![model.vocab().bos().unwrap()];
    let mut room = [0; 32];
    prompt.extend_from_slice(model.vocab().encode("Once upon a time", &mut room).unwrap());
    let right = Reference::new(&checkpoint.weights).generate_greedy(&prompt, 60);
    let tokens = generate(&model, &prompt, 60);
    assert_eq!(tokens[prompt.len()..], right[right.len() - 60..]);
}

#[test]
fn bits_per_byte_are_within_half_a_percent_of_f32() {
    let Some(checkpoint) = import() else { return };
    let blob = BlobFile::new(&blob_of(&checkpoint, |_| Format::Q8, "").unwrap());
    let model = blob.model().unwrap();
    let stream = TokenStream::new(TEXT, &model.vocab());
    let quantized = of_blob(&model, &stream, 256).unwrap().bits_per_byte;
    let right = of_weights(&checkpoint.weights, &stream, 256).unwrap().bits_per_byte;
    println!("q8 {quantized:.4}, f32 {right:.4} bits per byte");
    assert!((quantized / right - 1.0).abs() < 0.005, "q8 {quantized}, f32 {right}");
}
