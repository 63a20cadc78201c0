//! The tokenizer file of llama2.c as a tokenizer.json.
//!
//! The file holds SentencePiece pieces with scores, "▁" written as a space. Its encoder
//! joins the adjacent pair whose text has the best score, leftmost first. A tokenizer.json
//! holds merges in order instead: for every piece all its splits into two other pieces,
//! the pieces in order of falling score.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};

/// Ids 0 to 2, which have these names in a tokenizer.json.
const SPECIAL: [&str; 3] = ["<unk>", "<s>", "</s>"];
/// Id of the byte 0; llama2.c relies on it too.
const FIRST_BYTE: usize = 3;
const FIRST_PIECE: usize = FIRST_BYTE + 256;

struct Piece {
    score: f32,
    text: String, // with "▁" for a space
}

/// Converts the bytes of a tokenizer file with `n_vocab` tokens.
///
/// # Errors
/// If the file is malformed, or does not begin with three special tokens and 256 bytes.
pub fn tokenizer_json(bytes: &[u8], n_vocab: usize) -> Result<Value> {
    let pieces = read_pieces(bytes, n_vocab)?;
    let mut ids = HashMap::new();
    for (id, piece) in pieces.iter().enumerate().skip(FIRST_PIECE) {
        if let Some(first) = ids.insert(piece.text.as_str(), id) {
            bail!("tokens {first} and {id} are both {:?}", piece.text);
        }
    }
    let merges = merges(&pieces, &ids);
    let vocab: Map<String, Value> =
        pieces.iter().enumerate().map(|(id, piece)| (piece.text.clone(), json!(id))).collect();
    ensure!(vocab.len() == pieces.len(), "a token has the name of a special token or of a byte");
    Ok(document(vocab, merges))
}

/// Reads i32 `max_token_length`, then per token f32 score, i32 length, bytes.
fn read_pieces(bytes: &[u8], n_vocab: usize) -> Result<Vec<Piece>> {
    ensure!(n_vocab >= FIRST_PIECE, "{n_vocab} tokens: too few for {FIRST_PIECE} special and byte tokens");
    let mut rest = bytes;
    take::<4>(&mut rest).context("the file is empty")?;
    let mut pieces = Vec::with_capacity(n_vocab);
    for id in 0..n_vocab {
        let piece = read_piece(&mut rest, id).with_context(|| format!("token {id} of {n_vocab}"))?;
        pieces.push(piece);
    }
    ensure!(
        rest.is_empty(),
        "{} bytes are left after {n_vocab} tokens: the tokenizer does not belong to this checkpoint",
        rest.len()
    );
    Ok(pieces)
}

fn read_piece(rest: &mut &[u8], id: usize) -> Result<Piece> {
    let score = f32::from_le_bytes(take(rest)?);
    ensure!(!score.is_nan(), "its score is not a number");
    let len = usize::try_from(i32::from_le_bytes(take(rest)?)).context("its length is negative")?;
    ensure!(len <= rest.len(), "the file ends inside it");
    let (text, after) = rest.split_at(len);
    *rest = after;
    let text = std::str::from_utf8(text).context("it is not UTF-8")?;
    let text = match id {
        // The second and third are written with line breaks around them.
        0..FIRST_BYTE => SPECIAL[id].to_owned(),
        FIRST_BYTE..FIRST_PIECE => {
            let expected = format!("<0x{:02X}>", id - FIRST_BYTE);
            ensure!(text == expected, "it is {text:?}, not {expected}: not a SentencePiece model with byte fallback");
            expected
        }
        _ => text.replace(' ', "▁"),
    };
    Ok(Piece { score, text })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N]> {
    let (first, after) = rest.split_first_chunk().context("the file ends too early")?;
    *rest = after;
    Ok(*first)
}

/// Every way to make a piece from two others, the best scores first.
fn merges(pieces: &[Piece], ids: &HashMap<&str, usize>) -> Vec<[String; 2]> {
    let mut order: Vec<&Piece> = pieces[FIRST_PIECE..].iter().collect();
    order.sort_by(|a, b| b.score.partial_cmp(&a.score).expect("scores are numbers")); // stable: by id
    let mut merges = Vec::new();
    for piece in order {
        for (at, _) in piece.text.char_indices().skip(1) {
            let (left, right) = piece.text.split_at(at);
            if ids.contains_key(left) && ids.contains_key(right) {
                merges.push([left.to_owned(), right.to_owned()]);
            }
        }
    }
    merges
}

/// The rest of a tokenizer.json, as Hugging Face converts a Llama tokenizer.
fn document(vocab: Map<String, Value>, merges: Vec<[String; 2]>) -> Value {
    let added: Vec<Value> = (SPECIAL.iter().enumerate())
        .map(|(id, name)| {
            json!({
                "id": id, "content": name, "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": true
            })
        })
        .collect();
    let bos = json!({ "SpecialToken": { "id": "<s>", "type_id": 0 } });
    let text = |id: &str, kind: u8| json!({ "Sequence": { "id": id, "type_id": kind } });
    json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added,
        "normalizer": { "type": "Sequence", "normalizers": [
            { "type": "Prepend", "prepend": "▁" },
            { "type": "Replace", "pattern": { "String": " " }, "content": "▁" }
        ] },
        "pre_tokenizer": null,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [bos, text("A", 0)],
            "pair": [bos, text("A", 0), { "SpecialToken": { "id": "<s>", "type_id": 1 } }, text("B", 1)],
            "special_tokens": { "<s>": { "id": "<s>", "ids": [1], "tokens": ["<s>"] } }
        },
        "decoder": { "type": "Sequence", "decoders": [
            { "type": "Replace", "pattern": { "String": "▁" }, "content": " " },
            { "type": "ByteFallback" },
            { "type": "Fuse" },
            { "type": "Strip", "content": " ", "start": 1, "stop": 0 }
        ] },
        "model": {
            "type": "BPE", "dropout": null, "unk_token": "<unk>", "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": true, "byte_fallback": true, "ignore_merges": false,
            "vocab": vocab, "merges": merges
        }
    })
}

#[cfg(test)]
mod tests;
