//! Encoding is that of a naive tokenizer, and decoding gives the text back.

use arbitrary::{Result, Unstructured};
use egpt_core::blob_file::BlobFile;
use egpt_core::tokenizer::{SpacePrefix, Vocabulary};
use embedded_gpt::{TokenId, Vocab};

use crate::limit::within;
use crate::models::{N_VOCAB, text, vocabularies};

/// Most pairs that a vocabulary joins.
const MAX_MERGES: usize = 12;

/// A vocabulary with any merges and a text: without a rule that splits, all of the text is one piece.
pub fn check(input: &mut Unstructured<'_>) -> Result<()> {
    let [.., whole] = vocabularies();
    let mut vocabulary = with_merges(whole, input)?;
    if input.arbitrary()? {
        vocabulary.space_prefix = Some(SpacePrefix { one_space: input.arbitrary()?, after_special: false });
    }
    // What exceeds a limit of the format, such as the length of a token, is refused.
    let Ok(section) = vocabulary.section(N_VOCAB) else { return Ok(()) };
    let file = BlobFile::new(&section);
    let vocab = Vocab::parse(file.bytes(), N_VOCAB).expect("what was checked when it was made");
    let text = letters(input)?;
    let spaced = with_prefix(&vocabulary, &text);
    let mut room = vec![0; vocab.max_tokens(spaced.len())];
    let ids =
        within("encode", || vocab.encode(&text, &mut room).map(|ids| ids.to_vec())).expect("as much room as is needed");
    assert_eq!(ids, naive(&vocabulary, spaced.as_bytes()), "{text:?} by {:?}", vocabulary.merges);
    let mut buffer = [0; Vocab::MAX_TOKEN_BYTES];
    let bytes: Vec<u8> = ids.iter().flat_map(|&id| vocab.bytes(id, &mut buffer).to_vec()).collect();
    assert_eq!(bytes, spaced.as_bytes());
    Ok(())
}

/// The text with the space that a vocabulary may put before it.
fn with_prefix(vocabulary: &Vocabulary, text: &str) -> String {
    let is_spaced = |prefix: SpacePrefix| prefix.one_space && text.starts_with(' ');
    match vocabulary.space_prefix {
        Some(prefix) if !text.is_empty() && !is_spaced(prefix) => format!(" {text}"),
        _ => text.to_owned(),
    }
}

/// Few letters, so that pairs meet; long runs among them.
fn letters(input: &mut Unstructured<'_>) -> Result<String> {
    if input.ratio(1, 8)? {
        let part = text(input, 3)?;
        return Ok(part.repeat(input.int_in_range(0..=600)?));
    }
    (0..input.int_in_range(0..=60)?).map(|_| input.choose(&['a', 'b', 'c', 'h', 'e', ' ']).copied()).collect()
}

fn with_merges(mut vocabulary: Vocabulary, input: &mut Unstructured<'_>) -> Result<Vocabulary> {
    let byte = |byte: u8| vocabulary.first_byte + TokenId::from(byte);
    let mut known: Vec<TokenId> = [b'a', b'b', b'c', b'h', b'e', b' '].map(byte).to_vec();
    let mut merges: Vec<[TokenId; 2]> = Vec::new();
    for _ in 0..input.int_in_range(0..=MAX_MERGES)? {
        let pair = [*input.choose(&known)?, *input.choose(&known)?];
        if !merges.contains(&pair) {
            known.push(vocabulary.first_merge + merges.len() as TokenId);
            merges.push(pair);
        }
    }
    vocabulary.merges = merges;
    Ok(vocabulary)
}

/// The definition: of all pairs the one of the lowest rank is joined, the leftmost first, until there is none.
fn naive(vocabulary: &Vocabulary, text: &[u8]) -> Vec<TokenId> {
    let mut ids: Vec<TokenId> = text.iter().map(|&byte| vocabulary.first_byte + TokenId::from(byte)).collect();
    loop {
        let rank = |pair: &[TokenId]| vocabulary.merges.iter().position(|merge| merge == pair);
        let best = ids.windows(2).enumerate().filter_map(|(at, pair)| Some((rank(pair)?, at))).min();
        let Some((rank, at)) = best else { return ids };
        ids.splice(at..at + 2, [vocabulary.first_merge + rank as TokenId]);
    }
}
