//! Encoding joins the pairs that its definition joins, in less work.

use std::collections::HashMap;

use egpt_core::blob_file::BlobFile;
use egpt_core::checkpoint::SpecialTokens;
use egpt_core::tokenizer::{Base, PreTokenizer, Vocabulary};
use embedded_gpt::text::Language;
use embedded_gpt::{TokenId, Vocab};

const N_VOCAB: usize = 280;
const FIRST_MERGE: TokenId = 256;
const MAX_MERGES: usize = 20;
const FIRST_CHAR: TokenId = FIRST_MERGE + MAX_MERGES as TokenId;

/// Bytes 0 to 255, then merges, then characters.
fn vocabulary(base: Base, merges: Vec<[TokenId; 2]>, chars: Vec<char>) -> Vocabulary {
    Vocabulary {
        base,
        pre_tokenizer: PreTokenizer::None,
        space_prefix: None,
        folds_case: false,
        language: Language::Any,
        first_byte: 0,
        byte_of: (0..=255).collect(),
        first_merge: FIRST_MERGE,
        merges,
        first_char: FIRST_CHAR,
        chars,
        special: SpecialTokens::default(),
        named: vec![],
    }
}

fn encode(vocab: &Vocab<'_>, text: &[u8]) -> Vec<TokenId> {
    vocab.encode(text, &mut vec![0; text.len()]).unwrap().to_vec()
}

/// What encoding is defined as: the pair of lowest rank is joined, leftmost first, until none is in the table.
fn joined(merges: &[[TokenId; 2]], mut tokens: Vec<TokenId>) -> Vec<TokenId> {
    let ranks: HashMap<&[TokenId], usize> = merges.iter().enumerate().map(|(rank, pair)| (&pair[..], rank)).collect();
    let best = |tokens: &[TokenId]| {
        let ranked = tokens.windows(2).enumerate().filter_map(|(at, pair)| Some((*ranks.get(pair)?, at)));
        ranked.min()
    };
    while let Some((rank, at)) = best(&tokens) {
        tokens.splice(at..at + 2, [FIRST_MERGE + rank as TokenId]);
    }
    tokens
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    fn any<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// With vocabularies of few letters, in which nearly every pair is a token, and texts that repeat themselves: there a
/// token at one end of a run depends on the other end.
#[test]
fn tokens_are_those_of_joining_pair_after_pair() {
    let mut random = Random(1);
    let mut n_compared = 0;
    for round in 0..4000 {
        let chars = if round % 2 == 0 { vec![] } else { vec!['a', 'é', '天'] };
        let base = if chars.is_empty() { Base::Bytes } else { Base::Chars };
        let first: TokenId = if chars.is_empty() { b'a'.into() } else { FIRST_CHAR };
        let letters: Vec<TokenId> = (first..=first + random.below(3) as TokenId).collect();
        let (mut parts, mut merges) = (letters.clone(), vec![]);
        for _ in 0..random.below(MAX_MERGES) {
            let pair = [random.any(&parts), random.any(&parts)];
            if !merges.contains(&pair) {
                parts.push(FIRST_MERGE + merges.len() as TokenId);
                merges.push(pair);
            }
        }
        // Some tokens would be too long.
        let Ok(section) = vocabulary(base, merges.clone(), chars).section(N_VOCAB) else { continue };
        let file = BlobFile::new(&section);
        let vocab = Vocab::parse(file.bytes(), N_VOCAB).unwrap();
        let unit: Vec<TokenId> = (0..=random.below(4)).map(|_| random.any(&letters)).collect();
        let rest: Vec<TokenId> = (0..random.below(30)).map(|_| random.any(&letters)).collect();
        let tokens = [unit.repeat(random.below(20)), rest].concat();
        let mut buffer = [0; Vocab::MAX_TOKEN_BYTES];
        let text: Vec<u8> = tokens.iter().flat_map(|&token| vocab.bytes(token, &mut buffer).to_vec()).collect();
        assert_eq!(encode(&vocab, &text), joined(&merges, tokens.clone()), "{tokens:?} with {merges:?}");
        n_compared += 1;
    }
    assert!(n_compared > 2000, "{n_compared}");
}

/// Joining pair after pair would take hours.
#[test]
fn a_long_run_of_letters_is_encoded_in_time() {
    // Each token twice the one before it, up to 128 letters.
    let merges = (0..7).map(|i| [if i == 0 { b'a'.into() } else { FIRST_MERGE + i - 1 }; 2]).collect();
    let file = BlobFile::new(&vocabulary(Base::Bytes, merges, vec![]).section(N_VOCAB).unwrap());
    let vocab = Vocab::parse(file.bytes(), N_VOCAB).unwrap();
    let ids = encode(&vocab, &[b'a'; 1_000_000]);
    let [longest @ .., last] = &ids[..] else { panic!("no tokens") };
    assert!(longest.len() == 1_000_000 / 128 && longest.iter().all(|&token| token == FIRST_MERGE + 6));
    assert_eq!(*last, FIRST_MERGE + 5, "64 letters are left");
}
