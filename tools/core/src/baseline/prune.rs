//! Which pairs and triples are worth their bytes.
//!
//! Each is estimated with absolute discounting, interpolated with the shorter history. What it is worth is how much
//! more probable it makes the training text than the shorter history would (Seymore & Rosenfeld 1996, "Scalable
//! backoff language models"): count · ln(probability / what it would back off to). The best are kept.

use std::collections::{HashMap, HashSet};

use super::counts::{Counts, Followers, START, WordId};

/// Taken off each count: that much probability is left to words that were not seen after a history.
const DISCOUNT: f64 = 0.75;
/// What was seen fewer times comes last, when there is room.
const SURE_COUNT: u32 = 2;

/// Bytes of a pair: word 2, probability 1, and a quarter for the index of its row.
const PAIR_BYTES: f64 = 3.25;
/// Bytes of a triple: word 2, probability 1.
const TRIPLE_BYTES: f64 = 3.0;
/// Bytes that a pair takes in addition when triples begin with it: back-off weight and number of triples.
const PARENT_BYTES: f64 = 2.0;

/// What is kept, with probabilities.
#[derive(Debug, Default)]
pub struct Kept {
    pub pairs: HashMap<[WordId; 2], f64>,
    pub triples: HashMap<[WordId; 3], f64>,
    /// What they take.
    pub bytes: f64,
}

struct Candidate {
    is_sure: bool,
    worth: f64,
    prob: f64,
    words: Words,
}

/// Pairs come before triples of the same worth.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Words {
    Pair([WordId; 2]),
    Triple([WordId; 3]),
}

/// Keeps what is best of the pairs and triples of the words in `vocab`, in at most `bytes`.
///
/// `single` is the probability of each word of `counts` on its own.
pub fn prune(counts: &Counts, vocab: &HashSet<WordId>, single: impl Fn(WordId) -> f64, bytes: f64) -> Kept {
    let pair_probs = pair_probs(counts, vocab, &single);
    let mut candidates = Vec::new();
    for (&pair, &prob) in &pair_probs {
        push(&mut candidates, Words::Pair(pair), counts.pairs[&pair], prob, single(pair[1]));
    }
    let after_two = counts.after_two();
    let is_known = |word: WordId| word == START || vocab.contains(&word);
    for (&[first, second, third], &count) in &counts.triples {
        if !(is_known(first) && is_known(second) && is_known(third)) {
            continue;
        }
        let shorter = pair_probs[&[second, third]];
        let prob = discounted(count, after_two[&[first, second]], shorter);
        push(&mut candidates, Words::Triple([first, second, third]), count, prob, shorter);
    }
    candidates.sort_by(|a, b| b.is_sure.cmp(&a.is_sure).then(b.worth.total_cmp(&a.worth)).then(a.words.cmp(&b.words)));
    choose(&candidates, &pair_probs, bytes)
}

fn pair_probs(counts: &Counts, vocab: &HashSet<WordId>, single: &impl Fn(WordId) -> f64) -> HashMap<[WordId; 2], f64> {
    let after_one = counts.after_one();
    let known = counts
        .pairs
        .iter()
        .filter(|([first, second], _)| vocab.contains(second) && (*first == START || vocab.contains(first)));
    known
        .map(|(&[first, second], &count)| ([first, second], discounted(count, after_one[&first], single(second))))
        .collect()
}

fn discounted(count: u32, history: Followers, shorter: f64) -> f64 {
    let n = f64::from(history.n_occurrence);
    (f64::from(count) - DISCOUNT) / n + DISCOUNT * f64::from(history.n_different) / n * shorter
}

fn push(candidates: &mut Vec<Candidate>, words: Words, count: u32, prob: f64, shorter: f64) {
    let worth = f64::from(count) * (prob / shorter).ln();
    if worth > 0.0 {
        candidates.push(Candidate { is_sure: count >= SURE_COUNT, worth, prob, words });
    }
}

/// Takes the candidates in order until one does not fit.
fn choose(candidates: &[Candidate], pair_probs: &HashMap<[WordId; 2], f64>, bytes: f64) -> Kept {
    let mut kept = Kept::default();
    let mut parents = HashSet::new();
    for candidate in candidates {
        let cost = match candidate.words {
            Words::Pair(pair) if kept.pairs.contains_key(&pair) => continue,
            Words::Pair(_) => PAIR_BYTES,
            Words::Triple([first, second, _]) => {
                let pair = if kept.pairs.contains_key(&[first, second]) { 0.0 } else { PAIR_BYTES };
                let parent = if parents.contains(&[first, second]) { 0.0 } else { PARENT_BYTES };
                TRIPLE_BYTES + pair + parent
            }
        };
        if kept.bytes + cost > bytes {
            break;
        }
        kept.bytes += cost;
        match candidate.words {
            Words::Pair(pair) => {
                kept.pairs.insert(pair, candidate.prob);
            }
            Words::Triple(triple) => {
                let parent = [triple[0], triple[1]];
                parents.insert(parent);
                kept.pairs.entry(parent).or_insert(pair_probs[&parent]);
                kept.triples.insert(triple, candidate.prob);
            }
        }
    }
    kept
}
