//! The default corpus: messages that people typed to each other (PyPI `chitchat-dataset`, MIT).
//!
//! A document is a conversation, a line of it one message. The split is by the hash of the
//! conversation's id, so that it stays the same whatever happens to the text.

mod clean;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::wheel::{self, Wheel};
use super::{Corpus, Split};

/// The name that stands for this corpus in a list of files.
pub const NAME: &str = "chitchat";

const WHEEL: Wheel = Wheel {
    corpus: NAME,
    licence: "MIT",
    variable: "EGPT_CHITCHAT_WHEEL",
    requirement: "chitchat-dataset==0.9.0",
    file: "chitchat_dataset-0.9.0-py3-none-any.whl",
    sha256: "7bf89f36645e2d5ec87d53370c8e851b5a688479c7beb7079cb4c87fc5acea3e",
    megabytes: 8.1,
};
const DATASET: &str = "chitchat_dataset/dataset.json";

/// Conversations by id, in the order of the ids.
type Conversations = BTreeMap<String, Conversation>;

#[derive(Deserialize)]
struct Conversation {
    /// Each turn is one person's messages up to the answer.
    messages: Vec<Vec<Message>>,
}

#[derive(Deserialize)]
struct Message {
    text: String,
}

/// Loads the corpus: from the wheel that `EGPT_CHITCHAT_WHEEL` names, else from the cache
/// (`$XDG_CACHE_HOME/egpt` or `~/.cache/egpt`), else fetched with pip. Says on standard error
/// what the package and its licence are.
///
/// # Errors
/// If the wheel cannot be fetched or is not the one expected; the message says what to do.
pub fn load() -> Result<Corpus> {
    prepare(&read(&WHEEL.obtain()?)?)
}

/// The corpus if its wheel is on this machine already; says nothing and fetches nothing.
///
/// # Errors
/// If the wheel is there but not as expected.
pub fn load_present() -> Result<Option<Corpus>> {
    WHEEL.present()?.map(|path| prepare(&read(&path)?)).transpose()
}

/// The data set's JSON.
fn read(path: &Path) -> Result<String> {
    wheel::read(&mut wheel::open(path)?, DATASET)
}

/// Cleans and splits the conversations of the data set's JSON.
fn prepare(json: &str) -> Result<Corpus> {
    let conversations: Conversations = serde_json::from_str(json).context("the data set is not as expected")?;
    let mut corpus = Corpus { name: NAME.into(), licence: Some(WHEEL.licence.into()), ..Corpus::default() };
    for (id, conversation) in &conversations {
        let lines = lines_of(conversation);
        if lines.len() >= 2 {
            corpus.documents_mut(split_of(id)).push(lines.join("\n"));
        }
    }
    Ok(corpus)
}

/// The messages worth keeping, without those that repeat the one before.
fn lines_of(conversation: &Conversation) -> Vec<String> {
    let messages = conversation.messages.iter().flatten();
    let mut lines: Vec<String> = messages.filter_map(|message| clean::clean(&message.text)).collect();
    lines.dedup();
    lines
}

/// 2 % test, 2 % valid, by the SHA-256 of the id as a 256-bit number.
fn split_of(id: &str) -> Split {
    let percent = Sha256::digest(id).iter().fold(0, |remainder, &byte| (remainder * 256 + u32::from(byte)) % 100);
    match percent {
        0..2 => Split::Test,
        2..4 => Split::Valid,
        _ => Split::Train,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::text_of;

    #[test]
    fn splits_by_the_hash_of_the_id_and_keeps_the_order_of_ids() {
        let json = r#"{
            "89": {"messages": [[{"text": "valid"}], [{"text": "of hash 2"}]]},
            "6": {"messages": [[{"text": "valid"}], [{"text": "of hash 3"}]]},
            "29": {"messages": [[{"text": "train"}], [{"text": "of hash 4"}]], "extra": 1},
            "188": {"messages": [[{"text": "test"}, {"text": "of hash 0"}]]},
            "83": {"messages": [[{"text": "test"}, {"text": "test"}, {"text": "12"}, {"text": "of hash 1"}]]},
            "40": {"messages": [[{"text": "alone"}, {"text": "12"}, {"text": "alone"}]]}
        }"#;
        let corpus = prepare(json).unwrap();
        assert_eq!(corpus.train, ["train\nof hash 4"]);
        assert_eq!(corpus.valid, ["valid\nof hash 3", "valid\nof hash 2"]);
        assert_eq!(corpus.test, ["test\nof hash 0", "test\nof hash 1"]);
    }

    #[test]
    fn says_that_the_data_set_is_not_as_expected() {
        let error = prepare(r#"{"a": []}"#).unwrap_err();
        assert!(error.to_string().contains("not as expected"), "{error}");
    }

    /// The reference split, in bytes and SHA-256 of the text: train, valid, test.
    const REFERENCE: [(usize, &str); 4] = [
        (11_953_566, "84a257346bcf08e644c2316f16d1a20c661974c07fc47a17e6354b4226ce3b34"),
        (275_433, "b5a0591269d922e769cadae33748f44b53eca7594c569d417449f5016bf84382"),
        (438_372, "da93f8261f8ff88bcfb3551a0c716498720f3852f71d747cdbf8095733aebc77"),
        (71_010, "4e86218c99efbfcc003a13df15128c03d5abd7c10df6f00bc5100ceb2864be60"),
    ];

    #[test]
    fn agrees_with_the_reference_split() {
        let Some(path) = WHEEL.present().unwrap() else {
            eprintln!("skipped: the chitchat wheel is not in the cache and {} is not set", WHEEL.variable);
            return;
        };
        let corpus = prepare(&read(&path).unwrap()).unwrap();
        let sample = corpus.test_sample();
        let found = [&corpus.train, &corpus.valid, &corpus.test, &sample].map(|documents| {
            let text = text_of(documents);
            (text.len(), wheel::sha256_hex(text.as_bytes()))
        });
        assert_eq!(found, REFERENCE.map(|(bytes, hash)| (bytes, hash.to_string())));
    }
}
