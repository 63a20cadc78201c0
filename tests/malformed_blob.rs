//! No bytes at all make the runtime panic, and damaged ones are refused.

mod fixture;

use egpt_core::blob_file::BlobFile;
use egpt_core::export::{seal, with_section, write_blob};
use egpt_core::weights::Weights;
use embedded_gpt::error::LoadError;
use embedded_gpt::format::blob::{BLOCKED, HEADER_LEN, TENSOR_DIRECTORY, VOCABULARY, WORDS, sections};
use embedded_gpt::format::tensor::{DIRECTORY_ENTRY_LEN, Format, Role, TensorSpec};
use embedded_gpt::{
    Config, Model, Phrase, PhraseOptions, Progress, Session, SuggestOptions, Suggester, Suggestion, Truecaser,
};
use fixture::{Memory, in_small_letters, model, tokens, variants};

/// With matrices of both formats.
fn blob() -> Vec<u8> {
    let weights = Weights::random(variants().remove(3).1, 9);
    let format_of = |spec: &TensorSpec| if spec.layer == 0 { Format::Q8 } else { Format::Q4 };
    write_blob(&weights, format_of, &fixture::vocabulary(), "").unwrap()
}

fn parse(bytes: &[u8]) -> Result<(), LoadError> {
    let file = BlobFile::new(bytes);
    Model::parse(file.bytes()).map(|_| ())
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

#[test]
fn every_truncation_is_an_error() {
    let blob = blob();
    for len in 0..blob.len() {
        assert!(parse(&blob[..len]).is_err(), "{len} of {} bytes", blob.len());
    }
    assert_eq!(parse(&blob), Ok(()));
}

#[test]
fn bytes_after_the_blob_are_ignored() {
    let mut blob = blob();
    blob.extend([0xFF; 100]);
    assert_eq!(parse(&blob), Ok(()));
}

#[test]
fn every_flipped_header_bit_is_an_error() {
    let blob = blob();
    for bit in 0..HEADER_LEN * 8 {
        let mut damaged = blob.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(parse(&damaged).is_err(), "bit {bit}");
    }
}

/// What flash does to a blob: the checksum tells.
#[test]
fn random_damage_is_an_error() {
    let blob = blob();
    let mut random = Random(1);
    for _ in 0..1_000 {
        let mut damaged = blob.clone();
        let at = random.below(blob.len());
        damaged[at] ^= 1 + random.below(255) as u8;
        assert!(parse(&damaged).is_err(), "byte {at}");
    }
}

/// Offset of the directory entry of the first tensor that is wanted.
fn directory_entry(blob: &[u8], wanted: impl Fn(&TensorSpec) -> bool) -> usize {
    let (_, directory) = sections(blob).unwrap().find(|section| section.0 == TENSOR_DIRECTORY).unwrap();
    let start = directory.as_ptr().addr() - blob.as_ptr().addr();
    start + Config::of(blob).tensors().position(|spec| wanted(&spec)).unwrap() * DIRECTORY_ENTRY_LEN
}

#[test]
fn wrong_directory_entries_are_errors() {
    let blob = blob();
    let gain = directory_entry(&blob, |spec| spec.role == Role::AttnNormGain);
    let query = directory_entry(&blob, |spec| spec.role == Role::Query);
    let exponent = |value: i16| value.to_le_bytes().to_vec();
    let damages = [
        (gain, vec![Role::AttnNormBias as u8]),
        (gain + 1, vec![Format::Q8 as u8]),
        (gain + 1, vec![3]),
        (query + 1, vec![Format::I16 as u8]),
        (query + 1, vec![Format::Q4 as u8]),
        (query + 2, vec![1]),
        (query + 4, vec![8]),
        (query + 6, vec![0xFF, 0xFF]),
        (query + 8, vec![0]),
        (query + 10, vec![0xFF, 0xFF]),
        (query + 12, exponent(17)),
        (query + 12, exponent(-65)),
        (gain + 12, exponent(i16::MIN)),
        (gain + 14, vec![1]),
    ];
    for (at, bytes) in damages {
        let mut damaged = blob.clone();
        damaged[at..at + bytes.len()].copy_from_slice(&bytes);
        seal(&mut damaged);
        assert_eq!(parse(&damaged), Err(LoadError::Tensor), "{bytes:?} at {at}");
    }
    for (at, value) in [(query, 16), (query, -64), (gain, 16), (gain, -64)] {
        let mut changed = blob.clone();
        changed[at + 12..at + 14].copy_from_slice(&exponent(value));
        seal(&mut changed);
        assert_eq!(parse(&changed), Ok(()));
        assert!(run(&changed).is_some());
    }
}

/// A hostile blob with a right checksum is refused, or runs without a panic.
#[test]
fn sealed_damage_never_panics() {
    let blob = blob();
    let mut random = Random(2);
    let mut accepted = 0;
    for round in 0..15_000 {
        let mut damaged = blob.clone();
        // Half of the rounds damage header, section table and directory only, where a byte does most.
        let reach = if round % 2 == 0 { blob.len() } else { 700 };
        for _ in 0..=random.below(4) {
            damaged[random.below(reach)] = [0, 1, 0x7F, 0x80, 0xFF, random.below(256) as u8][random.below(6)];
        }
        seal(&mut damaged);
        accepted += usize::from(run(&damaged).is_some());
    }
    assert!(accepted > 100, "the mutations hardly reach the forward pass: {accepted}");
}

#[test]
fn broken_lists_of_blocked_words_are_refused() {
    let blob = blob();
    let parse = |list: &[u8]| parse(&with_section(&blob, BLOCKED, list.to_vec()).unwrap());
    let hashes = |hashes: &[u32]| parse(&hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect::<Vec<_>>());
    for len in [1, 2, 3, 5, 6, 7, 9] {
        assert_eq!(parse(&[1, 0, 0, 0, 2, 0, 0, 0, 3][..len]), Err(LoadError::Section), "{len}");
    }
    for sound in [&[][..], &[0], &[u32::MAX], &[0, 1, 0x0100_0000, u32::MAX]] {
        assert_eq!(hashes(sound), Ok(()), "{sound:?}");
    }
    for broken in [[2, 1, 3], [1, 1, 2], [1, 3, 2], [0x0100_0000, 1, 2], [0, 0, 0]] {
        assert_eq!(hashes(&broken), Err(LoadError::Section), "{broken:?}");
    }
}

/// Hostile vocabularies of small letters and hostile word lists are refused, or run without a panic.
#[test]
fn sealed_damage_to_words_never_panics() {
    let text = "hello World, hell of HELLO. we were here Wörld who would\n".repeat(3);
    let blob = in_small_letters(&blob(), text);
    let places: Vec<usize> = sections(&blob)
        .unwrap()
        .filter(|(name, _)| [VOCABULARY, WORDS].contains(name))
        .flat_map(|(_, bytes)| {
            let start = bytes.as_ptr().addr() - blob.as_ptr().addr();
            start..start + bytes.len()
        })
        .collect();
    let mut random = Random(3);
    let mut accepted = 0;
    for _ in 0..5_000 {
        let mut damaged = blob.clone();
        for _ in 0..=random.below(4) {
            damaged[places[random.below(places.len())]] = [0, 1, 0x7F, 0xFF, random.below(256) as u8][random.below(5)];
        }
        seal(&mut damaged);
        accepted += usize::from(run(&damaged).is_some());
    }
    assert!(accepted > 1000, "the mutations hardly reach the suggestions: {accepted}");
}

fn run(bytes: &[u8]) -> Option<()> {
    let file = BlobFile::new(bytes);
    let model = Model::parse(file.bytes()).ok()?;
    let config = *model.config();
    let context = config.n_ctx.min(6);
    if config.kv_words(context) + config.scratch_words(context) > 1 << 22 {
        return None;
    }
    let mut memory = Memory::exact(&config, context);
    let mut session = Session::new(&model, context, memory.buffers()).ok()?;
    for token in tokens(8) {
        let _ = session.step(token);
    }
    let _ = model.vocab().encode("hello wörld, hell", &mut [0; 32]);
    let (mut stream, mut written) = (Truecaser::after(&model, "so"), String::new());
    stream.push("hello w\u{f6}rld. hell, i'm w\u{d6}r".as_bytes(), &mut written).ok()?;
    stream.finish(&mut written).ok()?;
    let mut suggester = Suggester::new(session, SuggestOptions { budget: 3, ..SuggestOptions::DEFAULT });
    for text in ["hello w", "Hello W\u{d6}R", "hell "] {
        let mut slots = [Suggestion::EMPTY; 2];
        let found = suggester.suggest(text, &mut slots).len();
        let mut phrase = Phrase::after(&slots[0], PhraseOptions { min_percent: 0, ..PhraseOptions::DEFAULT });
        while found > 0 && phrase.poll(&mut suggester) == Progress::Working {}
    }
    let mut memory = Memory::exact(&config, context);
    let mut session = Session::new(&model, context, memory.buffers()).ok()?;
    let _ = session.prefill(&tokens(8));
    Some(())
}

#[test]
fn misaligned_and_foreign_bytes_are_named() {
    let blob = blob();
    let mut shifted = vec![0; 1];
    shifted.extend(&blob);
    let file = BlobFile::new(&shifted);
    assert_eq!(Model::parse(&file.bytes()[1..]).unwrap_err(), LoadError::Misaligned);
    assert_eq!(
        parse(b"\x7FELF and some more bytes, enough of them to be a header of 64 bytes."),
        Err(LoadError::NotABlob)
    );
    assert_eq!(Config::read(&[]), Err(LoadError::Truncated { needed: HEADER_LEN, given: 0 }));
}

/// Flash can hold weights that make floats overflow: the session must still not panic.
#[test]
fn extreme_weights_do_not_panic() {
    for (_, config) in variants() {
        let (mut weights, _) = model(config, 10);
        for layer in 0..config.n_layer {
            for (role, factor) in [(Role::Up, 60_000.0), (Role::Down, 60_000.0), (Role::AttnNormGain, 10_000.0)] {
                weights.get_mut(role, layer).unwrap().iter_mut().for_each(|w| *w *= factor);
            }
        }
        for format in [Format::Q8, Format::Q4] {
            let file = fixture::blob(&weights, format);
            let model = file.model().unwrap();
            let mut memory = Memory::exact(&config, 8);
            let mut session = memory.session(&model, 8);
            for token in tokens(20) {
                let _ = session.step(token).unwrap().argmax();
            }
        }
    }
}
