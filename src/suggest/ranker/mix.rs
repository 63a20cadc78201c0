//! What is known of a word beside the model and the list: what follows the last words, and what the person types.

use super::candidates::Candidates;
use super::words_before::words_before;
use crate::format::ngrams::{key, word_hash};
use crate::format::words::Capitals;
use crate::lexicon::{Listed, Ngrams, WordList, listed};
use crate::suggest::log_prob::{LogProb, NAT, Prob, exp};
use crate::suggest::matcher::{Rule, Typed};
use crate::suggest::user_dictionary::{Learned, UserDictionary};
use crate::text::Reads;
use crate::{Model, Vocab};

/// Weight of the n-gram table, after one word and after two.
const NGRAM: LogProb = -7 * NAT / 4;

/// Adds the word of a place to those found; false if there is no such place.
type AddWord<R> = fn(&mut Candidates, &Typed<R>, &Mix<'_, '_, R>, usize) -> bool;

/// How a user dictionary is read. Through pointers, so that a program without one is without this code.
#[derive(Clone, Copy, Debug)]
pub(in crate::suggest) struct UserMix<R: Rule> {
    learned: fn(&UserDictionary<'_>, u32, &[u8]) -> Learned,
    pub(super) add_word: AddWord<R>,
    after: fn(&UserDictionary<'_>, &Learned, [u32; 2]) -> Prob,
}

impl<R: Rule> UserMix<R> {
    pub(in crate::suggest) const fn new() -> Self {
        Self { learned: |user, last, text| user.learned(last, words_before(text)), add_word, after }
    }
}

/// A user dictionary with the way to read it.
pub(in crate::suggest) type User<'b, R> = (UserDictionary<'b>, UserMix<R>);

/// What is mixed with the model's probabilities.
#[derive(Debug)]
pub(in crate::suggest) struct Mix<'m, 'b, R: Rule> {
    pub(super) vocab: &'m Vocab<'m>,
    pub(super) words: &'m WordList<'m>,
    ngrams: Ngrams<'m>,
    /// How the model reads letters.
    reads: Reads,
    pub(super) user: Option<(&'m User<'b, R>, Learned)>,
    /// Hashes of the two words before this one, the last one first.
    pub(super) last_words: [u32; 2],
    /// The text before the word.
    pub(super) context: &'m [u8],
}

impl<'m, 'b, R: Rule> Mix<'m, 'b, R> {
    pub(in crate::suggest) fn new(
        model: &'m Model<'m>,
        reads: Reads,
        user: Option<&'m User<'b, R>>,
        last_words: [u32; 2],
        context: &'m [u8],
    ) -> Self {
        let user = user.map(|user| (user, (user.1.learned)(&user.0, last_words[0], context)));
        let (vocab, words, ngrams) = (model.vocab_ref(), model.words_ref(), model.ngrams());
        Self { vocab, words, ngrams, reads, user, last_words, context }
    }

    /// What the list knows of a word, which may be in other letters or of other tokens than the list has it.
    pub(super) fn listed(&self, word: &[u8]) -> Option<Listed> {
        listed(self.vocab, self.words, word, self.reads)
    }

    /// Whether anything is known of what follows the last words, but by the model.
    pub(super) fn has_last_words(&self) -> bool {
        !self.ngrams.is_empty() || self.user.is_some()
    }

    /// Probability of a word, known by its hash, after the last ones, but for the model's and the list's.
    #[inline(never)]
    pub(super) fn after_last_words(&self, word: u32) -> Prob {
        let mut prob = 0;
        for n in 1..=self.last_words.len() {
            if let Some(code) = self.last_words.get(..n).and_then(|last| self.ngrams.code(key(last, word))) {
                prob += exp(NGRAM - LogProb::from(code) * (NAT / 2) - NAT / 4);
            }
        }
        match &self.user {
            Some(((user, mix), learned)) => prob + (mix.after)(user, learned, [self.last_words[0], word]),
            None => prob,
        }
    }
}

/// Probability of a word for having been typed after the last one before, or lately.
fn after(user: &UserDictionary<'_>, learned: &Learned, [last, word]: [u32; 2]) -> Prob {
    let pair = if learned.may_follow(word) { user.weighted_pair(last, word) } else { None };
    let recent = if learned.may_be_recent(word) { user.weighted_recent(learned, word) } else { None };
    pair.map_or(0, exp) + recent.map_or(0, exp)
}

/// A word that the person has typed.
fn add_word<R: Rule>(found: &mut Candidates, typed: &Typed<R>, mix: &Mix<'_, '_, R>, at: usize) -> bool {
    let word = mix.user.as_ref().and_then(|((user, _), learned)| user.weighted_word(learned, at));
    let Some((word, weight)) = word else { return false };
    if let Some(spelled) = typed.spell_word(word) {
        let hash = word_hash(word);
        found.add(typed, (&spelled, hash, Capitals::None), weight, Some(mix.after_last_words(hash)));
    }
    true
}
