//! Word lists that nobody would write: what a suggester makes of them, and how much work they are.

mod fixture;

use egpt_core::blob_file::BlobFile;
use egpt_core::export::with_section;
use embedded_gpt::error::LoadError;
use embedded_gpt::format::blob::WORDS;
use embedded_gpt::format::words::{HEADER_LEN, INDEX_STEP, MAX_TREE_BITS, PADDING};
use embedded_gpt::{Model, SuggestOptions, Suggester, Suggestion, TokenId};
use fixture::Memory;

const DEMO: &[u8] = include_bytes!("../models/demo.egpt");
const N_VOCAB: usize = 1024;
const HAS_TREE: u8 = 0x80;
/// An edge to the next token of the table, with the commonest word, in a byte: not the last one of its node, or that.
const EDGE: u8 = 0x00;
const LAST_EDGE: u8 = 0x20;

/// A list of words of several tokens that were all seen 2^(`code` / 6) times.
struct List {
    code: u8,
    singles: Vec<u8>,
    /// The tokens on the edges, in the order of their ranks.
    next: Vec<TokenId>,
    index: Vec<u32>,
    trees: Vec<u8>,
}

impl List {
    fn empty() -> Self {
        let index = vec![0; N_VOCAB.div_ceil(INDEX_STEP)];
        Self { code: 0, singles: vec![0; N_VOCAB], next: vec![], index, trees: vec![] }
    }

    /// Gives a token a tree of words with one token more: those of the table, one after the other.
    fn add_tree(&mut self, first: usize, n_words: usize) {
        self.singles[first] |= HAS_TREE;
        self.trees.extend(std::iter::repeat_n(EDGE, n_words - 1).chain([LAST_EDGE]));
        self.index[first / INDEX_STEP + 1..].fill(8 * self.trees.len() as u32);
    }

    fn blob(&self) -> BlobFile {
        let mut section = u32::MAX.to_le_bytes().to_vec();
        section.extend((self.next.len() as u16).to_le_bytes());
        section.extend([self.code, 1]);
        section.resize(HEADER_LEN, 0);
        section.extend(&self.singles);
        section.extend(self.next.iter().flat_map(|token| token.to_le_bytes()));
        section.extend(self.index.iter().flat_map(|start| start.to_le_bytes()));
        section.extend(&self.trees);
        section.extend([0; PADDING]);
        BlobFile::new(&with_section(DEMO, WORDS, section).unwrap())
    }
}

fn token(text: &str) -> TokenId {
    let demo = BlobFile::new(DEMO);
    let mut room = [0; 8];
    match *demo.model().unwrap().vocab().encode(text, &mut room).unwrap() {
        [token] => token,
        ref ids => panic!("{text:?} is {ids:?}"),
    }
}

/// What is offered after each text.
fn offered(blob: &BlobFile, texts: &[&str]) -> Vec<String> {
    let model = blob.model().unwrap();
    let mut memory = Memory::exact(model.config(), 64);
    let mut suggester = Suggester::new(memory.session(&model, 64), SuggestOptions::DEFAULT);
    let mut slots = [Suggestion::EMPTY; 16];
    let words = |text| suggester.suggest(text, &mut slots).iter().map(ToString::to_string).collect::<Vec<_>>();
    texts.iter().copied().flat_map(words).collect()
}

#[test]
fn words_may_be_as_frequent_as_the_format_can_say() {
    for code in [0, 40, 96, 127] {
        let mut list = List { code, next: (0..400).collect(), ..List::empty() };
        list.add_tree(token(" to").into(), 400);
        assert!(!offered(&list.blob(), &["i want to", "i want ", "i want t"]).is_empty());
    }
}

#[test]
fn nothing_is_offered_but_words() {
    let bytes: Vec<TokenId> = (0..33).chain([0x7F, 0x80, 0xC3, 0xFF]).map(token_of_byte).collect();
    let mut list = List { code: 127, next: bytes.repeat(2), ..List::empty() };
    list.singles.fill(127);
    for first in [token(" "), token("-"), token_of_byte(1)].into_iter().collect::<std::collections::BTreeSet<_>>() {
        list.add_tree(first.into(), 2 * bytes.len());
    }
    let words =
        offered(&list.blob(), &["", "see ", "see\n", "see you\u{1}", "see \u{1}", "see -", "see '", "s", "see y"]);
    assert!(words.len() > 10, "{words:?}");
    for word in words {
        let is_word = |c: char| c.is_alphanumeric() || "'\u{2019}-".contains(c);
        assert!(word.chars().all(is_word) && word.chars().any(char::is_alphanumeric), "{word:?}");
    }
}

fn token_of_byte(byte: u8) -> TokenId {
    let demo = BlobFile::new(DEMO);
    let vocab = demo.model().unwrap().vocab();
    let is_it = |&token: &TokenId| vocab.token_len(token) == 1 && vocab.first_byte(token) == Some(byte);
    (0..N_VOCAB as TokenId).find(is_it).unwrap()
}

/// All tokens together read each tree at most as often as it shares an entry of the index, and no tree is endless.
#[test]
fn reading_all_trees_is_bounded() {
    let parse = |list: &List| Model::parse(list.blob().bytes()).map(|_| ());
    let longest = MAX_TREE_BITS / 8 - PADDING;
    let mut list = List { next: vec![300; longest], ..List::empty() };
    list.singles.fill(HAS_TREE);
    for first in (0..N_VOCAB).step_by(INDEX_STEP) {
        list.add_tree(first, longest);
    }
    let blob = list.blob();
    let words = blob.model().unwrap().words();
    let n_words: usize = (0..N_VOCAB as TokenId).map(|first| words.starting_with(first).count()).sum();
    assert!(n_words > 0 && n_words <= INDEX_STEP * list.trees.len(), "{n_words}");

    // Trees that all tokens share, trees that are too long, trees out of order.
    let mut shared = List { next: vec![300; 100], ..List::empty() };
    shared.add_tree(N_VOCAB - 1 - INDEX_STEP, 100);
    shared.singles.fill(HAS_TREE);
    shared.index.fill(0);
    let blob = shared.blob();
    let words = blob.model().unwrap().words();
    assert_eq!((0..N_VOCAB as TokenId - 8).map(|first| words.starting_with(first).count()).sum::<usize>(), 0);
    let mut long = List { next: vec![300; 9], ..List::empty() };
    long.add_tree(0, MAX_TREE_BITS / 8 + 1);
    assert_eq!(parse(&long), Err(LoadError::Section));
    shared.index[1] = 8;
    assert_eq!(parse(&shared), Err(LoadError::Section));
}
