//! A small, varied part of a held-out text, for measurements that take long.

use std::collections::HashSet;

/// A sentence of this many words that the training text has too says nothing about new text.
const KNOWN_FROM: usize = 6;

/// The first lines of each document, up to `bytes` of it, without sentences of six words or more that
/// stand in the training text as well (regardless of case).
pub fn sample(held_out: &[String], train: &[String], bytes: usize) -> Vec<String> {
    let known: HashSet<String> = train.iter().flat_map(|document| document.lines()).map(str::to_lowercase).collect();
    let is_known = |line: &str| line.split_whitespace().count() >= KNOWN_FROM && known.contains(&line.to_lowercase());
    let documents = held_out.iter().map(|document| {
        let mut read = 0;
        let start = document.lines().take_while(|line| {
            let takes = read < bytes;
            read += line.len() + 1;
            takes
        });
        start.filter(|line| !is_known(line)).collect::<Vec<_>>().join("\n")
    });
    documents.filter(|document| !document.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.into()).collect()
    }

    #[test]
    fn takes_the_start_of_each_document() {
        let held_out = documents(&["one\ntwo\nthree", "four"]);
        assert_eq!(sample(&held_out, &[], 5), documents(&["one\ntwo", "four"]));
        assert_eq!(sample(&held_out, &[], 4), documents(&["one", "four"]));
    }

    #[test]
    fn leaves_out_long_sentences_that_were_learnt() {
        let train = documents(&["x\nthis is one of six words\nfive words are too few"]);
        let held_out =
            documents(&["This is one of six words\nfive words are too few\nnew", "this is one of six words"]);
        assert_eq!(sample(&held_out, &train, 1000), documents(&["five words are too few\nnew"]));
    }
}
