//! Whole words and their probabilities: the model's, summed over all paths that lead to a word, mixed with those of
//! the list, the n-gram table, and what the person has typed before.

use super::listed::{frequency, ln_frequency, spell, spell_byte};
use super::log_prob::{LN_2, LogProb, NAT, NEVER, Prob, exp, ln, ln_of};
use super::personal::Personal;
use super::tree::Tree;
use super::word::{Fit, Text, could_fit, is_word};
use crate::ngrams::{Ngrams, key, word_hash};
use crate::words::WordList;
use crate::{TokenId, Vocab};

const MAX_CANDIDATES: usize = 20;
/// Weight of the list's frequencies beside the model's probabilities.
const LIST: LogProb = -3 * NAT;
/// Weights of the n-gram table after one word and after two.
const NGRAM: [LogProb; 2] = [-7 * NAT / 4; 2];
/// Weight of a word in other letter case than typed.
const CASE: LogProb = -NAT;
/// Weight of a word that is not in the list, if there is one: many are inventions, like `goinging`.
const UNLISTED: LogProb = -NAT;
/// An unlisted path that ends here less often than this is a part of a word, like `tomor`.
const LEAST_END: LogProb = -4 * NAT;

/// A word with its space, in the likeliest of its spellings in upper and lower case.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) text: Text,
    /// Of all spellings.
    pub(super) prob: Prob,
    /// Of this one.
    best: Prob,
    /// Whether what depends on the last words has been added.
    is_mixed: bool,
}

/// How learned words are read. Through pointers, so that a program that does not learn is without this code.
#[derive(Clone, Copy, Debug)]
pub(super) struct PersonalMix {
    add_words: fn(&Personal<'_>, &mut Candidates, &Tree, &Mix<'_, '_>),
    pair: fn(&Personal<'_>, u32, u32) -> Option<LogProb>,
}

impl PersonalMix {
    pub(super) const fn new() -> Self {
        Self { add_words: add_personal, pair: |personal, last, word| personal.weighted_pair(last, word) }
    }
}

/// What is mixed with the model's probabilities.
#[derive(Debug)]
pub(super) struct Mix<'m, 'b> {
    pub(super) vocab: &'m Vocab<'m>,
    pub(super) words: &'m WordList<'m>,
    pub(super) ngrams: Ngrams<'m>,
    pub(super) personal: Option<&'m (Personal<'b>, PersonalMix)>,
    pub(super) last_words: [u32; 2],
}

impl Mix<'_, '_> {
    /// Whether anything is known of what follows the last words, but by the model.
    fn has_last_words(&self) -> bool {
        !self.ngrams.is_empty() || self.personal.is_some()
    }

    /// Probability of a word after the last ones, but for the model's and the list's.
    fn after_last_words(&self, text: &[u8]) -> Prob {
        if !self.has_last_words() {
            return 0;
        }
        let word = word_hash(text.strip_prefix(b" ").unwrap_or(text));
        let mut prob = 0;
        for (n, weight) in NGRAM.into_iter().enumerate() {
            if let Some(code) = self.last_words.get(..=n).and_then(|last| self.ngrams.code(key(last, word))) {
                prob += exp(weight - LogProb::from(code) * (NAT / 2) - NAT / 4);
            }
        }
        let pair = self.personal.and_then(|(personal, reader)| (reader.pair)(personal, self.last_words[0], word));
        prob + pair.map_or(0, exp)
    }
}

/// The likeliest words found.
#[derive(Debug)]
pub(super) struct Candidates {
    list: heapless::Vec<Candidate, MAX_CANDIDATES, u8>,
    /// Logarithm of the probability of the least likely one, if there is no room for more.
    least: LogProb,
}

impl Candidates {
    pub(super) const fn new() -> Self {
        Self { list: heapless::Vec::new(), least: NEVER }
    }

    /// Likeliest first.
    pub(super) fn sorted(&self) -> &[Candidate] {
        &self.list
    }

    /// Collects the words that fit the typed letters of a tree.
    pub(super) fn collect(&mut self, tree: &Tree, mix: &Mix<'_, '_>) {
        self.list.clear();
        self.least = NEVER;
        self.add_nodes(tree, mix);
        self.add_edges(tree, mix);
        self.add_list(tree, mix);
        if let Some((personal, reader)) = mix.personal {
            (reader.add_words)(personal, self, tree, mix);
        }
        sort(&mut self.list);
    }

    /// Adds to the probability of a word.
    fn add(&mut self, text: &Text, log_prob: LogProb, fit: Fit) {
        self.add_mixed(text, log_prob, fit, None);
    }

    /// The same with what depends on the last words.
    fn add_mixed(&mut self, text: &Text, log_prob: LogProb, fit: Fit, mixed: Option<Prob>) {
        let prob = exp(if fit == Fit::Case { log_prob + CASE } else { log_prob });
        if fit == Fit::No || prob | mixed.unwrap_or_default() == 0 {
            return;
        }
        let is_mixed = mixed.is_some();
        if let Some(same) = self.list.iter_mut().find(|other| other.text.eq_ignore_ascii_case(text)) {
            let mixed = if same.is_mixed { 0 } else { mixed.unwrap_or_default() };
            same.is_mixed |= is_mixed;
            same.prob = same.prob.saturating_add(prob).saturating_add(mixed);
            if prob > same.best {
                same.best = prob;
                same.text.clone_from(text);
            }
            return;
        }
        let whole = prob.saturating_add(mixed.unwrap_or_default());
        let new = Candidate { text: text.clone(), prob: whole, best: prob, is_mixed };
        if let Err(new) = self.list.push(new)
            && let Some(worst) = self.list.iter_mut().min_by_key(|other| other.prob)
            && worst.prob < new.prob
        {
            *worst = new;
        }
        if self.list.is_full() {
            self.least = self.list.iter().map(|word| word.prob).min().map_or(NEVER, ln);
        }
    }

    /// Paths whose end the model has judged.
    fn add_nodes(&mut self, tree: &Tree, mix: &Mix<'_, '_>) {
        let Mix { vocab, words, .. } = *mix;
        let seen = tree.branches.iter().enumerate().filter(|(_, branch)| !branch.is_open() && branch.fit != Fit::No);
        for (at, branch) in seen {
            let path = tree.path(at);
            let mut text = Text::new();
            spell(vocab, &mut text, &path, &tree.typed);
            let end = branch.log_prob_of_end();
            if text.len() < tree.typed.len() || !is_word(text.strip_prefix(b" ").unwrap_or(&text)) {
                continue;
            }
            if words.is_empty() || words.below(&path).has_path() {
                self.add(&text, end, branch.fit);
            } else if end - branch.log_prob() > LEAST_END {
                self.add(&text, end + UNLISTED, branch.fit);
            }
        }
    }

    /// Listed words below paths not taken: the path's probability, shared out by frequency.
    fn add_edges(&mut self, tree: &Tree, mix: &Mix<'_, '_>) {
        let Mix { vocab, words, .. } = *mix;
        let open = tree.branches.iter().enumerate().filter(|(_, branch)| branch.is_open() && branch.fit != Fit::No);
        for (at, branch) in open {
            if branch.log_prob() < self.least {
                continue;
            }
            let path = tree.path(at);
            let mut text = Text::new();
            spell(vocab, &mut text, &path, &tree.typed);
            let mut all = 0u32;
            let mut below = words.below(&path);
            while let Some((_, code)) = below.next() {
                all = all.saturating_add(frequency(code));
            }
            let whole = branch.log_prob() - (ln_of(all) - 8 * LN_2);
            self.add_below(tree, mix, &path, (&mut text, branch.fit), whole, false);
        }
    }

    /// Listed words that begin with a path, whose text is given: of the probability `whole`, shared out by frequency.
    #[inline(never)]
    fn add_below(
        &mut self,
        tree: &Tree,
        mix: &Mix<'_, '_>,
        path: &[TokenId],
        (text, fit): (&mut Text, Fit),
        whole: LogProb,
        is_mixed: bool,
    ) {
        let len = text.len();
        let is_all = !(is_mixed && mix.has_last_words());
        let mut below = mix.words.below(path);
        while let Some((rest, code)) = below.next() {
            if is_all && whole + ln_frequency(code) < self.least {
                continue;
            }
            let fit = fit.min(spell(mix.vocab, text, rest, &tree.typed));
            if fit != Fit::No && text.len() >= tree.typed.len() {
                let mixed = is_mixed.then(|| mix.after_last_words(text));
                self.add_mixed(text, whole + ln_frequency(code), fit, mixed);
            }
            text.truncate(len);
        }
    }

    /// The list's own probabilities, of all words once letters are typed, else of those that the model begins with.
    fn add_list(&mut self, tree: &Tree, mix: &Mix<'_, '_>) {
        let Mix { vocab, words, .. } = *mix;
        if words.is_empty() {
            return;
        }
        let weight = LIST - ln_of(words.total());
        if tree.typed.iter().all(|&byte| byte == b' ') {
            tree.first_tokens().for_each(|token| self.add_listed(tree, mix, weight, token));
            return;
        }
        for token in 0..vocab.len() as TokenId {
            if words.has_any(token) && could_fit(vocab.first_two_bytes(token), &tree.typed) {
                self.add_listed(tree, mix, weight, token);
            }
        }
    }

    /// Listed words that begin with a token.
    #[inline(never)]
    fn add_listed(&mut self, tree: &Tree, mix: &Mix<'_, '_>, weight: LogProb, token: TokenId) {
        let mut text = Text::new();
        let fit = spell(mix.vocab, &mut text, &[token], &tree.typed);
        if fit != Fit::No {
            self.add_below(tree, mix, &[token], (&mut text, fit), weight, true);
        }
    }
}

/// Adds the words that the person has typed.
fn add_personal(personal: &Personal<'_>, found: &mut Candidates, tree: &Tree, mix: &Mix<'_, '_>) {
    for (word, weight) in personal.weighted_words() {
        let (mut text, mut fit) = (Text::new(), Fit::Exact);
        let spaces = tree.typed.iter().take_while(|&&byte| byte == b' ');
        for &byte in spaces.chain(word) {
            fit = fit.min(spell_byte(&mut text, byte, &tree.typed));
        }
        if text.len() >= tree.typed.len() {
            found.add_mixed(&text, weight, fit, Some(mix.after_last_words(&text)));
        }
    }
}

/// Likeliest first. By insertion: the list is short, and the library's sort takes 4 KB of flash.
fn sort(words: &mut [Candidate]) {
    for end in 1..words.len() {
        let mut at = end;
        while at > 0 && words[at - 1].prob < words[at].prob {
            words.swap(at - 1, at);
            at -= 1;
        }
    }
}
