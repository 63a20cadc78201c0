//! Whole words and their probabilities: the model's, summed over all paths that lead to a word, mixed with those of
//! the list, the n-gram table, and what the person has typed before.

use super::log_prob::{LN_2, LogProb, NAT, NEVER, Prob, exp, ln, ln_of};
use super::spell::{frequency, ln_frequency, spell, spell_byte};
use super::tree::Tree;
use super::user_dictionary::UserDictionary;
use super::word::{could_fit, is_word};
use crate::format::ngrams::{key, word_hash};
use crate::format::words::Capitals;
use crate::lexicon::Ngrams;
use crate::lexicon::WordList;
use crate::text::Text;
use crate::text::{Fit, is_same_word};
use crate::{TokenId, Vocab};

const MAX_CANDIDATES: usize = 16;
/// Weight of the list's frequencies beside the model's probabilities.
const LIST: LogProb = -3 * NAT;
/// Weight of the n-gram table, after one word and after two.
const NGRAM: LogProb = -7 * NAT / 4;
/// Weight of a word that is listed with a space before it, where there is none.
const SPACELESS: LogProb = -NAT;
/// Weight of a word in other letter case than typed.
const CASE: LogProb = -NAT;
/// Weight of a word that is not in the list, if there is one: many are inventions, like `goinging`.
const UNLISTED: LogProb = -NAT;
/// An unlisted path that ends here less often than this is a part of a word, like `tomor`.
const MIN_END: LogProb = -4 * NAT;

/// A word with its space, in the likeliest of its spellings in upper and lower case.
#[derive(Clone, Copy)]
struct Candidate {
    text: Text,
    /// Of all spellings.
    prob: Prob,
    /// Of this one.
    best: Prob,
    /// Whether what depends on the last words has been added.
    is_mixed: bool,
    /// Likelier words that go on with the same letter.
    n_rivals: u8,
    /// As the list writes it.
    capitals: Capitals,
}

impl Candidate {
    /// The letter after the typed ones, for a word that goes on after it.
    fn next_letter(&self, n_typed: usize) -> Option<u8> {
        let is_longer = self.text.len() > n_typed + 1;
        self.text.get(n_typed).filter(|_| is_longer).map(u8::to_ascii_lowercase)
    }

    /// How much it helps to show the word among `n_shown`: as much as it is probable, and twice that if it would not be
    /// shown after the next letter either, for as many likelier words with that letter.
    fn worth(&self, n_shown: usize) -> Prob {
        self.prob >> u32::from(usize::from(self.n_rivals) < n_shown)
    }
}

/// A word that was found, with what decides its place.
pub(super) struct Found<'c> {
    pub(super) text: &'c Text,
    pub(super) capitals: Capitals,
    pub(super) prob: Prob,
    /// How much it helps as the only word shown.
    pub(super) worth_alone: Prob,
}

/// How learned words are read. Through pointers, so that a program that does not learn is without this code.
#[derive(Clone, Copy, Debug)]
pub(super) struct UserMix {
    add_words: fn(&UserDictionary<'_>, &mut Candidates, &Tree, &Mix<'_, '_>),
    pair: fn(&UserDictionary<'_>, u32, u32) -> Option<LogProb>,
}

impl UserMix {
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
    pub(super) personal: Option<&'m (UserDictionary<'b>, UserMix)>,
    pub(super) last_words: [u32; 2],
}

impl Mix<'_, '_> {
    /// Whether anything is known of what follows the last words, but by the model.
    fn has_last_words(&self) -> bool {
        !self.ngrams.is_empty() || self.personal.is_some()
    }

    /// Probability of a word after the last ones, but for the model's and the list's.
    #[inline(never)]
    fn after_last_words(&self, text: &[u8]) -> Prob {
        let word = word_hash(text.strip_prefix(b" ").unwrap_or(text));
        let mut prob = 0;
        for n in 1..=self.last_words.len() {
            if let Some(code) = self.last_words.get(..n).and_then(|last| self.ngrams.code(key(last, word))) {
                prob += exp(NGRAM - LogProb::from(code) * (NAT / 2) - NAT / 4);
            }
        }
        let pair = self.personal.and_then(|(personal, reader)| (reader.pair)(personal, self.last_words[0], word));
        prob + pair.map_or(0, exp)
    }
}

/// The likeliest words found.
pub(super) struct Candidates {
    list: heapless::Vec<Candidate, MAX_CANDIDATES, u8>,
    /// Logarithm of the probability of the least likely one, if there is no room for more.
    least: LogProb,
}

impl Candidates {
    pub(super) const fn new() -> Self {
        Self { list: heapless::Vec::new(), least: NEVER }
    }

    /// Collects the words that fit the typed letters of a tree.
    pub(super) fn collect(&mut self, tree: &Tree, mix: &Mix<'_, '_>) {
        self.add_seen(tree, mix);
        self.add_open(tree, mix);
        self.add_list(tree, mix);
        if let Some((personal, reader)) = mix.personal {
            (reader.add_words)(personal, self, tree, mix);
        }
    }

    /// Half of the probability of all of them.
    pub(super) fn half_of_all(&self) -> Prob {
        self.list.iter().fold(0, |sum, word| sum.saturating_add(word.prob >> 1))
    }

    /// Counts the rivals of each word.
    #[inline(never)]
    pub(super) fn count_rivals(&mut self, n_typed: usize) {
        for at in 0..self.list.len() {
            let Some((prob, Some(letter))) = self.list.get(at).map(|word| (word.prob, word.next_letter(n_typed)))
            else {
                continue;
            };
            let is_rival = |other: &&Candidate| other.prob > prob && other.next_letter(n_typed) == Some(letter);
            let n_rivals = self.list.iter().filter(is_rival).count() as u8;
            if let Some(word) = self.list.get_mut(at) {
                word.n_rivals = n_rivals;
            }
        }
    }

    /// The word that helps most where `n_shown` are; it has the probability 0 afterwards.
    pub(super) fn take_best(&mut self, n_shown: usize) -> Option<Found<'_>> {
        let best = self.list.iter_mut().max_by_key(|word| word.worth(n_shown))?;
        let worth_alone = best.worth(1);
        let prob = core::mem::take(&mut best.prob);
        (prob > 0).then_some(Found { text: &best.text, capitals: best.capitals, prob, worth_alone })
    }

    /// Adds to the probability of a word; `mixed` is what depends on the last words, which counts once.
    #[inline(never)]
    fn add(&mut self, (text, capitals): (&Text, Capitals), log_prob: LogProb, fit: Fit, mixed: Option<Prob>) {
        let prob = exp(if fit == Fit::Case { log_prob + CASE } else { log_prob });
        let more = mixed.unwrap_or_default();
        if fit == Fit::No || prob | more == 0 {
            return;
        }
        let Some(word) = self.place(text, prob.saturating_add(more)) else { return };
        if mixed.is_some() && !word.is_mixed {
            word.is_mixed = true;
            word.prob = word.prob.saturating_add(more);
        }
        word.prob = word.prob.saturating_add(prob);
        if prob > word.best {
            (word.text, word.best) = (*text, prob);
        }
        if capitals != Capitals::None {
            word.capitals = capitals;
        }
        if self.list.is_full() {
            self.least = self.list.iter().map(|word| word.prob).min().map_or(NEVER, ln);
        }
    }

    /// Where a word of some probability is kept; where there is no room it takes the place of one that is less likely.
    fn place(&mut self, text: &Text, prob: Prob) -> Option<&mut Candidate> {
        let same = self.list.iter().position(|word| is_same_word(&word.text, text));
        let new = Candidate { text: *text, prob: 0, best: 0, is_mixed: false, n_rivals: 0, capitals: Capitals::None };
        let at = match same {
            Some(at) => at,
            None if self.list.push(new).is_ok() => self.list.len() - 1,
            None => {
                let (at, worst) = self.list.iter_mut().enumerate().min_by_key(|(_, word)| word.prob)?;
                if worst.prob >= prob {
                    return None;
                }
                *worst = new;
                at
            }
        };
        self.list.get_mut(at)
    }

    /// Paths whose end the model has judged.
    fn add_seen(&mut self, tree: &Tree, mix: &Mix<'_, '_>) {
        for (at, branch) in tree.fitting().filter(|(_, branch)| !branch.is_open()) {
            let (path, text, fit) = tree.spelled(mix.vocab, at);
            let end = branch.log_prob_of_end();
            if text.len() < tree.typed.len() || !is_word(text.strip_prefix(b" ").unwrap_or(&text)) {
                continue;
            }
            let listed = mix.words.below(&path).path_itself();
            let is_listed = mix.words.is_empty() || listed.is_some();
            if is_listed || end - branch.log_prob() > MIN_END {
                let word = (&text, listed.unwrap_or_default());
                self.add(word, if is_listed { end } else { end + UNLISTED }, fit, None);
            }
        }
    }

    /// Listed words below paths not taken: the path's probability, shared out by frequency.
    fn add_open(&mut self, tree: &Tree, mix: &Mix<'_, '_>) {
        for (at, branch) in tree.fitting().filter(|(_, branch)| branch.is_open()) {
            if branch.log_prob() < self.least {
                continue;
            }
            let (path, mut text, fit) = tree.spelled(mix.vocab, at);
            let mut all = 0u32;
            let mut below = mix.words.below(&path);
            while let Some((_, code, _)) = below.next() {
                all = all.saturating_add(frequency(code));
            }
            let whole = branch.log_prob() - (ln_of(all) - 8 * LN_2);
            self.add_below(tree, mix, &path, (&mut text, fit), whole, false);
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
        while let Some((rest, code, capitals)) = below.next() {
            let log_prob = whole + ln_frequency(code);
            if is_all && log_prob < self.least {
                continue;
            }
            let fit = fit.min(spell(mix.vocab, text, rest, &tree.typed));
            if fit != Fit::No && text.len() >= tree.typed.len() {
                let mixed = is_mixed.then(|| mix.after_last_words(text));
                self.add((text, capitals), log_prob, fit, mixed);
            }
            text.truncate(len);
        }
    }

    /// The list's own probabilities, of all words once letters are typed, else of those that the model begins with.
    fn add_list(&mut self, tree: &Tree, mix: &Mix<'_, '_>) {
        let Mix { vocab, words, .. } = *mix;
        let weight = LIST - ln_of(words.total());
        if tree.typed.iter().all(|&byte| byte == b' ') {
            tree.first_tokens().for_each(|token| self.add_listed(tree, mix, weight, token));
            return;
        }
        let has_space = tree.typed.first() == Some(&b' ');
        for token in 0..vocab.len() as TokenId {
            let [first, second] = vocab.first_two_bytes(token);
            if could_fit([first, second], &tree.typed) && words.has_any(token) {
                self.add_listed(tree, mix, weight, token);
            } else if !has_space
                && first == b' '
                && (second == 0 || could_fit([second, 0], &tree.typed))
                && words.has_any(token)
            {
                // At the start of a line or after a quote words have no space, but most are listed with it; letters that
                // are rare in a vocabulary follow a token that is nothing but the space.
                self.add_listed(tree, mix, weight + SPACELESS, token);
            }
        }
    }

    /// Listed words that begin with a token.
    #[inline(never)]
    fn add_listed(&mut self, tree: &Tree, mix: &Mix<'_, '_>, weight: LogProb, token: TokenId) {
        let (mut text, mut fit) = (Text::new(), Fit::Exact);
        let has_space = tree.typed.first() == Some(&b' ');
        let is_extra = |byte: &u8| *byte == b' ' && !has_space;
        for byte in mix.vocab.iter(token).skip_while(is_extra) {
            fit = fit.min(spell_byte(&mut text, byte, &tree.typed));
        }
        if fit != Fit::No {
            self.add_below(tree, mix, &[token], (&mut text, fit), weight, true);
        }
    }
}

/// Adds the words that the person has typed.
fn add_personal(personal: &UserDictionary<'_>, found: &mut Candidates, tree: &Tree, mix: &Mix<'_, '_>) {
    for (word, weight) in personal.weighted_words() {
        let (mut text, mut fit) = (Text::new(), Fit::Exact);
        let spaces = tree.typed.iter().take_while(|&&byte| byte == b' ');
        for &byte in spaces.chain(word) {
            fit = fit.min(spell_byte(&mut text, byte, &tree.typed));
        }
        if text.len() >= tree.typed.len() {
            found.add((&text, Capitals::None), weight, fit, Some(mix.after_last_words(&text)));
        }
    }
}
