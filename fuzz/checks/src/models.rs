//! Small random models of every kind, with words, and texts for them.

use std::sync::OnceLock;

use arbitrary::{Result, Unstructured};
use egpt_core::blob_file::BlobFile;
use egpt_core::checkpoint::SpecialTokens;
use egpt_core::export::write_blob;
use egpt_core::tokenizer::{Base, PreTokenizer, SpacePrefix, Vocabulary};
use egpt_core::weights::Weights;
use egpt_core::weights::random::{gpt2_config, llama_config};
use egpt_core::words::{BlockedWords, WordSections, WordStatistics};
use embedded_gpt::config::{Mlp, Norm};
use embedded_gpt::format::tensor::{Format, TensorSpec};
use embedded_gpt::text::Language;
use embedded_gpt::{Buffers, Config, Model, Session, TokenId};

/// Tokens of the models.
pub const N_VOCAB: usize = 280;

/// Memory of a session.
#[derive(Debug)]
pub struct Memory {
    kv: Vec<u32>,
    scratch: Vec<u32>,
}

impl Memory {
    /// For a session that takes several tokens per pass over the weights.
    pub fn new(config: &Config, context: usize, n_prefill: usize) -> Self {
        let filled = |words| vec![0xDEAD_BEEF; words];
        Self { kv: filled(config.kv_words(context)), scratch: filled(config.scratch_words_for(context, n_prefill)) }
    }

    /// A session in it.
    pub fn session<'b>(&'b mut self, model: &Model<'b>, context: usize) -> Session<'b> {
        Session::new(model, context, Buffers { kv: &mut self.kv, scratch: &mut self.scratch }).expect("exact sizes")
    }
}

/// One of the sound blobs.
pub fn any(input: &mut Unstructured<'_>) -> Result<&'static BlobFile> {
    static BLOBS: OnceLock<Vec<BlobFile>> = OnceLock::new();
    input.choose(BLOBS.get_or_init(sound_blobs))
}

/// Of every kind of model and every kind of vocabulary, with words and without.
fn sound_blobs() -> Vec<BlobFile> {
    let mut blobs = Vec::new();
    let text = "hello World, hell of HELLO. we were here Wörld who would \"hell\" don't\n".repeat(3);
    for (seed, (config, vocabulary)) in configs().into_iter().zip(vocabularies()).enumerate() {
        let weights = Weights::random(config, seed as u64);
        let section = vocabulary.section(N_VOCAB).expect("a sound vocabulary");
        let format = |spec: &TensorSpec| if spec.layer == 0 { Format::Q8 } else { Format::Q4 };
        let blob = write_blob(&weights, format, &section, "a random model").expect("a sound model");
        blobs.push(BlobFile::new(&with_words(&blob, &text)));
        blobs.push(BlobFile::new(&blob));
    }
    blobs
}

fn configs() -> Vec<Config> {
    let gpt2 = gpt2_config().with(|c| c.n_vocab = N_VOCAB);
    let llama = llama_config().with(|c| c.n_vocab = N_VOCAB);
    let odd = llama.with(|c| {
        (c.n_embd, c.n_ff, c.n_head, c.n_kv_head, c.head_dim) = (23, 55, 3, 3, 6);
        (c.norm, c.mlp) = (Norm::LayerNorm, Mlp::GeluTanh);
    });
    vec![gpt2, llama, llama.with(|c| c.qk_norm = true), gpt2, odd]
}

/// The words of a text, and what follows them; the first one is blocked.
pub fn with_words(blob: &[u8], text: &str) -> Vec<u8> {
    let file = BlobFile::new(blob);
    let statistics = WordStatistics::of(&[text]);
    let vocab = file.model().expect("a sound blob").vocab();
    let words = WordSections::new(&statistics, &vocab, 1000, usize::MAX).expect("words that the vocabulary knows");
    let blob = words.with_ngrams(&statistics, 256).put_into(blob).expect("room for the words");
    let blocked = text.split_whitespace().next().unwrap_or_default();
    BlockedWords::of(blocked).and_then(|blocked| blocked.put_into(&blob)).expect("one word")
}

/// Vocabularies of small letters, of bytes, of characters with a space before any text and before one that begins with
/// none, and without a rule to split text.
pub fn vocabularies() -> [Vocabulary; 5] {
    let bytes = (0..=255).map(|byte| vec![byte]);
    let merged = ["he", "ll", "hell", "hello", " w", "ell", "ello", " hell"].map(|token| token.as_bytes().to_vec());
    let named = |names: &[(TokenId, &str)]| names.iter().map(|&(id, name)| (id, name.to_owned())).collect();
    let tokens: Vec<Vec<u8>> = bytes.chain(merged).collect();
    let bytes = Vocabulary::from_ranks(&tokens, named(&[(275, "<s>"), (276, "<|user|>")])).expect("earlier tokens");
    let bytes = Vocabulary { special: SpecialTokens { bos: Some(275), ..SpecialTokens::default() }, ..bytes };
    let chars = Vocabulary {
        base: Base::Chars,
        pre_tokenizer: PreTokenizer::Words,
        space_prefix: Some(SpacePrefix { one_space: false, after_special: true }),
        merges: vec![[260, 261], [262, 262], [263, 263], [258, 263]],
        first_char: 260,
        chars: vec![' ', 'h', 'é', 'a', '天', 'e', 'l', 'o', '"'],
        named: named(&[(275, "<s>")]),
        ..bytes.clone()
    };
    let one_space = SpacePrefix { one_space: true, after_special: false };
    let one_space = Vocabulary { space_prefix: Some(one_space), ..chars.clone() };
    let whole = Vocabulary { pre_tokenizer: PreTokenizer::None, ..bytes.clone() };
    // The small letters of Turkish are longer than some of its capitals.
    let small = Vocabulary { folds_case: true, language: Language::Turkic, ..bytes.clone() };
    [small, bytes, chars, one_space, whole]
}

/// A text: words of the models, scripts, signs, or anything.
pub fn text(input: &mut Unstructured<'_>, most: usize) -> Result<String> {
    const PARTS: [&str; 24] = [
        "hello", " ", "hell", " w", "We", "h", "e", "\"", "'", "don't", "\n", ". ", ",", "é", "É", "İ", "ß", "天",
        "नम", "😀", "aaaa", "- ", "1", "  ",
    ];
    let mut text = String::new();
    for _ in 0..input.int_in_range(0..=most)? {
        match input.int_in_range(0..=31u8)? {
            31 => text.push(input.arbitrary()?),
            part => text.push_str(PARTS[usize::from(part) % PARTS.len()]),
        }
    }
    Ok(text)
}
