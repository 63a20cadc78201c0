//! However a text was typed and corrected, a suggester has read the tokens that a fresh one reads.

mod fixture;

use egpt_core::blob_file::BlobFile;
use egpt_core::checkpoint::SpecialTokens;
use egpt_core::export::write_blob;
use egpt_core::tokenizer::{Base, PreTokenizer, SpacePrefix, Vocabulary};
use egpt_core::weights::Weights;
use embedded_gpt::format::tensor::Format;
use embedded_gpt::text::Language;
use embedded_gpt::{SuggestOptions, Suggester, TokenId};
use fixture::{Memory, model, variants};

const N_VOCAB: usize = 280;
const FIRST_CHAR: TokenId = 262;
const CONTEXT: usize = 16;
/// With a search behind it, a text of so many letters does not make the context slide.
const MAX_LEN: usize = 6;

/// A vocabulary that puts a space before a text, or before one that begins with none; the space is a token by itself or
/// a part of one.
fn vocabulary_with(prefix: SpacePrefix) -> Vec<u8> {
    let chars: Vec<char> = " helo\"(\n".chars().collect();
    let char = |c| FIRST_CHAR + chars.iter().position(|&other| other == c).unwrap() as TokenId;
    let vocabulary = Vocabulary {
        base: Base::Chars,
        pre_tokenizer: PreTokenizer::Words,
        space_prefix: Some(prefix),
        folds_case: false,
        language: Language::Any,
        first_byte: 1,
        byte_of: (0..=255).collect(),
        first_merge: 257,
        merges: vec![
            [char(' '), char('h')],
            [char('h'), char('e')],
            [char('l'), char('l')],
            [char(' '), char('(')],
            [257, char('e')],
        ],
        first_char: FIRST_CHAR,
        chars,
        special: SpecialTokens { bos: Some(0), ..SpecialTokens::default() },
        named: vec![],
    };
    vocabulary.section(N_VOCAB).unwrap()
}

#[test]
fn typing_and_deleting_leaves_the_tokens_of_the_text() {
    let config = variants().remove(3).1;
    let weights = Weights::random(config.with(|c| c.n_vocab = N_VOCAB), 8);
    let with_prefix = [false, true].map(|one_space| {
        let prefix = SpacePrefix { one_space, after_special: false };
        BlobFile::new(&write_blob(&weights, |_| Format::Q8, &vocabulary_with(prefix), "").unwrap())
    });
    for blob in with_prefix.into_iter().chain([model(config, 8).1]) {
        let parsed = blob.model().unwrap();
        let mut memory = Memory::exact(parsed.config(), CONTEXT);
        let mut suggester = Suggester::new(memory.session(&parsed, CONTEXT), SuggestOptions::DEFAULT);
        let (mut text, mut random, mut n_compared) = (String::new(), 1u32, 0);
        for _ in 0..3000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            match (random >> 16) as usize % 16 {
                i @ 7.. if text.len() < MAX_LEN => text.extend("hello \"(\n".chars().nth(i - 7)),
                _ => _ = text.pop(),
            }
            let mut memory = Memory::exact(parsed.config(), CONTEXT);
            let mut fresh = Suggester::new(memory.session(&parsed, CONTEXT), SuggestOptions::DEFAULT);
            suggester.suggest(&text, &mut []);
            fresh.suggest(&text, &mut []);
            // Where no word can stand nothing is read.
            if text.is_empty() || fresh.decode_steps() > 0 {
                let read = |suggester: &Suggester<'_>| suggester.context_tokens().collect::<Vec<_>>();
                assert_eq!(read(&suggester), read(&fresh), "{text:?}");
                n_compared += 1;
            }
        }
        assert!(n_compared > 1000, "{n_compared}");
    }
}
