//! The split of own documents by the hash of their text.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use sha2::{Digest, Sha256};

use crate::corpus::{Corpus, Split};

/// The share of the bytes that each of valid and test is to have: 1 / 50.
const HELD_OUT: usize = 50;

type Hash = [u8; 32];

/// A document, or where that is long, some of its lines.
struct Piece<'a> {
    document: &'a str,
    range: Range<usize>,
}

impl Piece<'_> {
    fn hash(&self) -> Hash {
        Sha256::digest(self.document[self.range.clone()].trim_end()).into()
    }
}

/// Splits documents; the name of the corpus is left empty.
pub(super) fn by_text(documents: &[String]) -> Corpus {
    let total = documents.iter().map(String::len).sum();
    let pieces: Vec<Piece> = documents.iter().flat_map(|document| pieces_of(document, total)).collect();
    let held_out = held_out(&pieces, total);
    let mut corpus = Corpus::default();
    for (split, piece) in joined(pieces, &held_out) {
        let text = piece.document[piece.range].trim_end();
        if !text.is_empty() {
            corpus.documents_mut(split).push(text.into());
        }
    }
    corpus
}

/// Cuts a document that is a large part of the whole, or long, so that a split can be near its share.
fn pieces_of(document: &str, total: usize) -> Vec<Piece<'_>> {
    let block = (total / (2 * HELD_OUT)).clamp(128, 4096);
    let mut pieces = Vec::new();
    let mut start = 0;
    while document.len() - start > 2 * block {
        let end = start + cut(&document[start..], block);
        pieces.push(Piece { document, range: start..end });
        start = end;
    }
    pieces.push(Piece { document, range: start..document.len() });
    pieces
}

/// Where to cut `text` between one and two times `block`: after a line, else after a word, else
/// after a character.
fn cut(text: &str, block: usize) -> usize {
    let shortest = text.floor_char_boundary(block);
    let window = &text[shortest..text.floor_char_boundary(2 * block)];
    let end = window.find('\n').or_else(|| window.find(' '));
    end.map_or(shortest, |end| shortest + end + 1)
}

/// The hashes of what goes to valid or test: the smallest hashes, up to the share of each. What
/// would make a split twice its share, such as a text repeated all over, stays in train.
fn held_out(pieces: &[Piece], total: usize) -> HashMap<Hash, Split> {
    let mut bytes_of = BTreeMap::<Hash, usize>::new();
    for piece in pieces {
        *bytes_of.entry(piece.hash()).or_default() += piece.range.len();
    }
    let share = total / HELD_OUT;
    let (mut valid, mut test) = (0, 0);
    let mut held_out = HashMap::new();
    for (hash, bytes) in bytes_of {
        let (split, filled) = match (valid < share, test < share) {
            (true, _) => (Split::Valid, &mut valid),
            (_, true) => (Split::Test, &mut test),
            _ => break,
        };
        if *filled + bytes <= 2 * share {
            *filled += bytes;
            held_out.insert(hash, split);
        }
    }
    held_out
}

/// The pieces with their splits, neighbours in one document and one split put together again.
fn joined<'a>(pieces: Vec<Piece<'a>>, held_out: &HashMap<Hash, Split>) -> Vec<(Split, Piece<'a>)> {
    let mut joined: Vec<(Split, Piece)> = Vec::new();
    for piece in pieces {
        let split = held_out.get(&piece.hash()).copied().unwrap_or(Split::Train);
        match joined.last_mut() {
            // Only the first piece of a document starts at 0.
            Some((before, last)) if *before == split && piece.range.start > 0 => last.range.end = piece.range.end,
            _ => joined.push((split, piece)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn documents(n: usize) -> Vec<String> {
        (0..n).map(|i| format!("document {i} says {}", i * i)).collect()
    }

    fn bytes(documents: &[String]) -> usize {
        documents.iter().map(String::len).sum()
    }

    #[test]
    fn gives_every_document_to_one_split_in_order() {
        let documents = documents(2000);
        let corpus = by_text(&documents);
        for (name, split) in &corpus.splits()[1..] {
            let percent = bytes(split) * 100 / bytes(&documents);
            assert_eq!(percent, 2, "{name}");
        }
        let mut all: Vec<_> = corpus.splits().iter().flat_map(|(_, split)| split.to_vec()).collect();
        assert!(corpus.train.is_sorted_by_key(|text| documents.iter().position(|document| document == text)));
        all.sort();
        let mut expected = documents;
        expected.sort();
        assert_eq!(all, expected);
    }

    #[test]
    fn equal_documents_go_to_one_split() {
        let once = documents(500);
        let twice = [once.clone(), once].concat();
        let corpus = by_text(&twice);
        let [train, valid, test] = corpus.splits().map(|(_, split)| split.iter().collect::<HashSet<_>>());
        assert!(!valid.is_empty() && !test.is_empty());
        assert!(train.is_disjoint(&valid) && train.is_disjoint(&test) && valid.is_disjoint(&test));
        assert_eq!(corpus.valid.len(), 2 * valid.len());
    }

    #[test]
    fn cuts_one_long_document_at_lines_and_loses_none() {
        let lines = documents(1000);
        let corpus = by_text(&[lines.join("\n")]);
        assert!(!corpus.valid.is_empty() && !corpus.test.is_empty());
        let splits = corpus.splits();
        let mut found: Vec<_> =
            splits.iter().flat_map(|(_, split)| split.iter().flat_map(|text| text.lines())).collect();
        found.sort_unstable();
        let mut expected: Vec<_> = lines.iter().map(String::as_str).collect();
        expected.sort_unstable();
        assert_eq!(found, expected);
        // Neighbouring blocks stay one document: at most one more than what was cut out.
        assert!(corpus.train.len() <= corpus.valid.len() + corpus.test.len() + 1);
    }

    #[test]
    fn valid_is_not_empty_from_ten_kilobytes_on() {
        let words: String = (0..10_000).map(|i| format!("{} ", i * 7)).collect();
        for size in (10_000..40_000).step_by(1_237) {
            let no_spaces = words.replace(' ', "é");
            for text in [&words, &no_spaces] {
                let corpus = by_text(&[text[..text.floor_char_boundary(size)].into()]);
                assert!(!corpus.valid.is_empty() && !corpus.test.is_empty(), "{size}");
                assert!(bytes(&corpus.train) * 100 > 90 * size, "{size}");
            }
        }
    }

    #[test]
    fn a_few_short_documents_are_all_to_learn_from() {
        let corpus = by_text(&documents(3));
        assert_eq!(corpus.train, documents(3));
    }
}
