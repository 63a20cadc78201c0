//! Documents → one stream of tokens to train on.

use anyhow::{Context, Result};
use embedded_gpt::{TokenId, Vocab};
use rayon::prelude::*;

use crate::progress::Progress;

/// Encodes documents with the device's encoder. The token that ends a text stands before, between and after them,
/// so that beginnings and ends are learnt too.
///
/// # Errors
/// If the vocabulary has no such token.
pub fn encode_documents(vocab: &Vocab<'_>, documents: &[String]) -> Result<Vec<TokenId>> {
    let separator = vocab.end_of_text().or(vocab.bos()).context("the vocabulary has no token that ends a text")?;
    let progress = Progress::new("bytes tokenized", documents.iter().map(String::len).sum());
    let encode = |document: &String| {
        let mut ids = vec![separator];
        encode_document(vocab, document, &mut ids);
        progress.advance(document.len());
        ids
    };
    let mut stream = documents.par_iter().map(encode).collect::<Vec<_>>().concat();
    stream.push(separator);
    Ok(stream)
}

fn encode_document(vocab: &Vocab<'_>, document: &str, ids: &mut Vec<TokenId>) {
    let start = ids.len();
    ids.resize(start + vocab.max_tokens(document.len()), 0);
    let n = vocab.encode(document, &mut ids[start..]).expect("there is room").len();
    ids.truncate(start + n);
}
