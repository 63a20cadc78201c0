//! What this computer computes with a model, which a page has to show.
#![allow(dead_code)] // each test file uses a part

use std::path::{Path, PathBuf};

use egpt_core::blob_file::BlobFile;
use egpt_core::session_memory::SessionMemory;
use embedded_gpt::{Keys, LogitsHash, SuggestOptions, Suggester, Suggestion};

pub const CONTEXT: usize = 64;

/// What is typed: nothing, a word, slips, capitals, accents, a line end, a sign, an emoji, more than the context holds.
pub const TYPED: [&str; 10] = [
    "",
    "see you tom",
    "see you tpm",
    "thnk",
    "WE ARE GO",
    "un caf\u{E9} cr",
    "good morning\nthank y",
    "no, not yesterday,",
    "\u{1F680} to the m",
    "I was at the station this morning, and then I went to the park to see my old friends, but nobody was there. so I \
     went home again, made some tea, and read a book by the window. it was a good day after all, and I think that we \
     should all meet at the lake tomor",
];

/// A word that is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    pub percent: u8,
    pub corrects: bool,
}

impl From<&Suggestion> for Word {
    fn from(word: &Suggestion) -> Self {
        Self { text: word.as_str().to_owned(), percent: word.percent(), corrects: word.corrects() }
    }
}

pub fn blob(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models").join(name)
}

/// The words for each of some texts, typed one after the other, and the passes that each took.
pub fn words(blob: &Path, keys: Keys<'static>, texts: &[&str]) -> Vec<(Vec<Word>, u32)> {
    let file = BlobFile::read(blob).unwrap();
    let model = file.model().unwrap();
    let mut memory = SessionMemory::new(model.config(), Some(CONTEXT));
    let mut suggester = Suggester::with_keyboard(memory.session(&model).unwrap(), SuggestOptions::DEFAULT, keys);
    let mut of = |text: &&str| {
        let (mut slots, before) = ([Suggestion::EMPTY; 3], suggester.decode_steps());
        let words = suggester.suggest(text, &mut slots).iter().map(Word::from).collect();
        (words, suggester.decode_steps() - before)
    };
    texts.iter().map(&mut of).collect()
}

/// What a space bar puts in the place of the last word of a text.
pub fn correction(blob: &Path, keys: Keys<'static>, text: &str) -> Option<String> {
    let file = BlobFile::read(blob).unwrap();
    let model = file.model().unwrap();
    let mut memory = SessionMemory::new(model.config(), Some(CONTEXT));
    let mut suggester = Suggester::with_keyboard(memory.session(&model).unwrap(), SuggestOptions::DEFAULT, keys);
    suggester.suggest(text, &mut [Suggestion::EMPTY; 3]);
    suggester.correction().map(|word| word.as_str().to_owned())
}

/// The hash of the logits of a greedy run.
pub fn logits_hash(blob: &Path, n_tokens: usize, context: usize) -> u64 {
    let file = BlobFile::read(blob).unwrap();
    let model = file.model().unwrap();
    let mut memory = SessionMemory::new(model.config(), Some(context));
    let (mut session, mut hash, mut token) = (memory.session(&model).unwrap(), LogitsHash::new(), 0);
    for _ in 0..n_tokens {
        let logits = session.step(token).unwrap();
        hash.add(logits);
        token = logits.argmax();
    }
    hash.value()
}

/// The numbers of a text's tokens.
pub fn tokens(blob: &Path, text: &str) -> Vec<u16> {
    let file = BlobFile::read(blob).unwrap();
    let model = file.model().unwrap();
    let mut ids = vec![0; model.vocab().max_tokens(text.len())];
    model.vocab().encode(text, &mut ids).unwrap().to_vec()
}
