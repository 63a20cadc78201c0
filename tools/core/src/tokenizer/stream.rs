//! Documents → one stream of tokens to train on.

use std::thread;

use anyhow::{Context, Result};
use embedded_gpt::{TokenId, Vocab};

use crate::progress::Progress;

/// Encodes documents with the device's encoder, on `n_threads` threads. The token that ends a text
/// stands before, between and after them, so that beginnings and ends are learnt too.
///
/// # Errors
/// If the vocabulary has no such token.
pub fn encode_documents(vocab: &Vocab<'_>, documents: &[String], n_threads: usize) -> Result<Vec<TokenId>> {
    let separator = vocab.end_of_text().or(vocab.bos()).context("the vocabulary has no token that ends a text")?;
    let progress = Progress::new("bytes tokenized", documents.iter().map(String::len).sum());
    let encode = |documents: &[String]| {
        let mut ids = Vec::new();
        for document in documents {
            ids.push(separator);
            encode_document(vocab, document, &mut ids);
            progress.advance(document.len());
        }
        ids
    };
    let share = documents.len().div_ceil(n_threads.max(1)).max(1);
    let mut stream = thread::scope(|scope| {
        let encode = &encode;
        let threads: Vec<_> = documents.chunks(share).map(|part| scope.spawn(move || encode(part))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("encoding does not panic")).collect::<Vec<_>>()
    });
    stream.push(separator);
    Ok(stream)
}

fn encode_document(vocab: &Vocab<'_>, document: &str, ids: &mut Vec<TokenId>) {
    let start = ids.len();
    ids.resize(start + document.len() + 1, 0); // a token per byte, and one for a space before the text
    let n = vocab.encode(document, &mut ids[start..]).expect("a token per byte is enough").len();
    ids.truncate(start + n);
}
