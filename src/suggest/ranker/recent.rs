//! Words of the text before: whoever has written a word is likely to write it again, names above all.

use super::candidates::Candidates;
use super::words_before::{MAX_BYTES, words_before};
use super::{Mix, PER_OWN_WORD, Ranker, Work};
use crate::format::ngrams::word_hash;
use crate::format::words::Capitals;
use crate::lexicon::split_last_word;
use crate::part::{head, tail};
use crate::suggest::cut::{Cut, starts_sentence};
use crate::suggest::log_prob::{LogProb, NAT};
use crate::suggest::matcher::{Rule, Typed};
use crate::suggest::search::Tree;
use crate::text::{WordRule, count_cases};

/// Log-probability that the word is one of those, each time that it stands there.
const RECENT: LogProb = -15 * NAT / 2;
/// Log-probability where the last word stands before it, too.
const RECENT_PAIR: LogProb = -7 * NAT / 2;

impl Ranker {
    /// A word of the text, from its end on; `at` is the number of bytes there that have been looked at.
    pub(super) fn add_recent<R: Rule>(&mut self, tree: &Tree<R>, mix: &Mix<'_, '_, R>, at: usize) -> Option<Work> {
        let text = tail(mix.context, mix.context.len().saturating_sub(MAX_BYTES));
        let (before, word) = split_last_word(head(text, text.len().saturating_sub(at)));
        let is_cut = before.is_empty() && text.len() < mix.context.len();
        if word.is_empty() || is_cut || R::WORDS != WordRule::Letters {
            return None;
        }
        // The next place follows this one.
        self.at = text.len() - before.len() - 1;
        let follows_last = word_hash(split_last_word(before).1) == mix.last_words[0];
        // Without letters there are words enough that are likelier.
        if !tree.typed().letters().is_empty() || follows_last {
            let log_prob = if follows_last { RECENT_PAIR } else { RECENT };
            add(&mut self.found, tree.typed(), mix, (before, word), log_prob);
        }
        Some(PER_OWN_WORD)
    }
}

/// Adds a word that stands behind another text, if it fits what was typed.
fn add<R: Rule>(
    found: &mut Candidates,
    typed: &Typed<R>,
    mix: &Mix<'_, '_, R>,
    (before, word): (&[u8], &[u8]),
    log_prob: LogProb,
) {
    let hash = word_hash(word);
    // A word that was found keeps its letters.
    let found_text = found.text_of(hash);
    let own = found_text.as_ref().map_or(word, |text| typed.word_of(text));
    let Some(spelled) = typed.spell_word(own) else { return };
    // The capital of the first word of a sentence may not be its own.
    if found_text.is_none() && starts_sentence(Cut { context: before, typed: word }) {
        return;
    }
    let listed = if found_text.is_none() { mix.listed(word) } else { None };
    if found_text.is_some() || listed.is_some() || is_own(before, word, hash) {
        let capitals = listed.map_or(Capitals::None, |word| word.capitals);
        found.add(typed, (&spelled, hash, capitals), log_prob, None);
    }
}

/// Whether a word that no list has is one of the writer's own, and not a slip: a name, or written twice. Numbers and
/// passwords are not.
fn is_own(before: &[u8], word: &[u8], hash: u32) -> bool {
    !word.iter().any(u8::is_ascii_digit) && (count_cases(word)[0] > 0 || stands_in(before, hash))
}

/// Whether a text has a word of some hash.
fn stands_in(text: &[u8], hash: u32) -> bool {
    words_before(text).any(|word| word == hash)
}
