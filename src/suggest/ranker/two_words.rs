//! Two words of which the space between them was not typed, as in `alot`.

use super::{Mix, Ranker, Work};
use crate::format::words::Capitals;
use crate::part::{sides, tail};
use crate::suggest::frequency::ln_frequency;
use crate::suggest::log_prob::{LogProb, NAT, ln_of};
use crate::suggest::matcher::{PathCost, Rule};
use crate::suggest::search::Tree;
use crate::text::Text;

/// How much likelier the second word is than by its frequency alone: words that are written together often follow each
/// other.
const FOLLOWS: LogProb = NAT;

/// Work of a place between letters: two words are looked up in the list, each below a token that many words begin with.
const PER_GAP: Work = 2048;

impl Ranker {
    /// The two words on both sides of a place of what was typed, if both are listed. What was typed has slips.
    pub(super) fn add_two<R: Rule>(&mut self, tree: &Tree<R>, mix: &Mix<'_, '_, R>, at: usize) -> Option<Work> {
        let typed = tree.typed();
        let (first, second) = sides(typed.letters(), at + 1);
        // Within a letter of several bytes there is no place.
        let is_place = second.first()? >> 6 != 2;
        if !typed.has_slips() {
            return None;
        }
        let before = if is_place { mix.listed(first) } else { None };
        let Some((before, after)) = before.and_then(|before| Some((before, mix.listed(second)?))) else {
            return Some(PER_GAP);
        };
        let mut text = Text::new();
        first.iter().chain(b" ").chain(second).for_each(|&byte| _ = text.push(byte));
        if let Some(spelled) = typed.spell_word(&text) {
            let log_prob =
                ln_frequency(before.code) + ln_frequency(after.code) - 2 * ln_of(mix.words.total()) + FOLLOWS;
            // The capitals of a name are those of its first letter; `TV` would write the other word in capitals, too.
            self.add(typed, (&spelled, before.capitals.min(Capitals::First)), log_prob, None);
        }
        Some(PER_GAP)
    }
}

/// The two words of a text, if it has a space within. Only where keys may be missed there is any.
pub(super) fn two_words<R: Rule>(text: &[u8]) -> Option<(&[u8], &[u8])> {
    if !R::PathCost::IS_KEPT {
        return None;
    }
    let at = text.iter().position(|&byte| byte == b' ')?;
    let (first, rest) = sides(text, at);
    Some((first, tail(rest, 1)))
}

/// Whether bytes can be offered as a word, or as two.
pub(super) fn are_words<R: Rule>(text: &[u8]) -> bool {
    two_words::<R>(text)
        .map_or(R::WORDS.is_word(text), |(first, second)| R::WORDS.is_word(first) && R::WORDS.is_word(second))
}
