//! The ranker: whole words and their probabilities.
//!
//! The model's are summed over all paths that lead to a word, and mixed with those of the list, the n-gram table, and
//! what the person has typed before. The work is done in slices, and the words are kept.

mod candidates;
mod correct;
mod mix;
mod offer;
mod pieces;
mod recent;
#[cfg(test)]
mod tests;
mod two_words;
mod typed_word;
mod words_before;

use super::frequency::{frequency, ln_frequency};
use super::log_prob::{LN_2, LogProb, NAT, ln, ln_of};
use super::matcher::{PathCost, Rule, Spelled, Typed};
use super::search::Tree;
use super::shown::Shown;
use super::suggestion::Suggestion;
use crate::TokenId;
use crate::format::ngrams::word_hash;
use crate::format::words::{Capitals, MAX_WORD_TOKENS};
use crate::lexicon::{Place, Work};
use candidates::Candidates;
pub(super) use mix::{Mix, User, UserMix};
pub(super) use offer::Offer;
use pieces::are_pieces;

/// Weight of the list's frequencies beside the model's probabilities.
const LIST: LogProb = -3 * NAT;
/// Weight of a word that is listed with a space before it, where there is none.
const SPACELESS: LogProb = -NAT;
/// Weight of a word that is not in the list, if there is one: most are inventions, like `goinging`.
const UNLISTED: LogProb = -3 * NAT;
/// An unlisted path that ends here less often than this is a part of a word, like `tomor`.
const MIN_END: LogProb = -4 * NAT;
/// An unlisted path of one token that ends here less often is no word: if it were a word it would be listed.
const MIN_END_OF_TOKEN: LogProb = -NAT;

/// Weight of a word of the device's own list, and how much less each place in the list weighs.
const OWN: LogProb = -7 * NAT;
const PER_PLACE: LogProb = NAT / 256;
const MAX_PLACE: usize = 255;

/// Work of a slice, where reading an edge of the word list is 1. The vocabulary is looked through once in all slices.
const SLICE: Work = 6144;
/// Work of a path.
const PER_PATH: Work = 32;
/// Work of adding a listed word, beside a full user dictionary of some KiB.
const PER_WORD: Work = 40;
/// Work of a word of the person's.
const PER_OWN_WORD: Work = 80;

/// Ranks the word, or the words, of a place, or some of them: the work that was; `None` behind the last place.
type Source<R> = fn(&mut Ranker, &Tree<R>, &Mix<'_, '_, R>, usize) -> Option<Work>;

/// The words that fit what was typed, ranked.
#[derive(Debug)]
pub(super) struct Ranker {
    /// Number of the source of words that is being ranked.
    source: u8,
    /// Place in the source.
    at: usize,
    /// Where listed words of that place are left to be ranked, if some of them have been.
    rest: Option<Place>,
    found: Candidates,
}

impl Ranker {
    pub(super) fn new() -> Self {
        Self { found: Candidates::new(), source: 0, at: 0, rest: None }
    }

    /// Forgets all words.
    pub(super) fn clear(&mut self) {
        self.found.retain(|_| false);
    }

    /// Drops words that do not fit what has been typed by now.
    #[inline(never)]
    pub(super) fn keep_fitting<R: Rule>(&mut self, typed: &Typed<R>) {
        self.found.retain(|word| {
            let mut spelled = Spelled::new();
            let fits = word.text.iter().all(|&byte| spelled.push(typed, byte)) && spelled.is_complete(typed);
            word.covered = spelled.covered() as u8;
            fits
        });
    }

    /// Begins to rank the words of a tree. Those that are there already stay until they are ranked anew.
    pub(super) fn start(&mut self) {
        self.found.start();
        (self.source, self.at, self.rest) = (0, 0, None);
    }

    /// Ranks some words of a tree, which has not changed since the start; whether all of them are ranked.
    #[inline(never)]
    pub(super) fn rank_some<R: Rule>(&mut self, tree: &Tree<R>, mix: &Mix<'_, '_, R>) -> bool {
        // In the order of what they know: where words are equal, what was found first counts.
        let words: [Source<R>; 5] = [Self::add_seen, Self::add_open, Self::add_list, Self::add_own, Self::add_recent];
        let with_slips: [Source<R>; 6] =
            [Self::add_seen, Self::add_open, Self::add_list, Self::add_own, Self::add_recent, Self::add_two];
        let pieces: [Source<R>; 1] = [Self::add_piece];
        let sources = if are_pieces::<R>() {
            &pieces[..]
        } else if R::PathCost::IS_KEPT {
            &with_slips[..]
        } else {
            &words[..]
        };
        let mut work = 0;
        while work < SLICE {
            let Some(source) = sources.get(usize::from(self.source)) else {
                self.found.finish();
                return true;
            };
            match source(self, tree, mix, self.at) {
                Some(done) => (work, self.at) = (work + done, self.at + usize::from(self.rest.is_none())),
                None => (self.source, self.at) = (self.source + 1, 0),
            }
        }
        false
    }

    /// Logarithm of the probability of all words that were found.
    pub(super) fn log_prob_of_all(&self) -> LogProb {
        ln(self.found.half_of_all()) + LN_2
    }

    /// Puts the best words into `slots`; returns how many.
    pub(super) fn offer<R: Rule>(
        &self,
        offer: &Offer<'_, '_, R>,
        shown: &mut Shown,
        slots: &mut [Suggestion],
    ) -> usize {
        offer.fill(&self.found, shown, slots)
    }

    /// The word that was meant by a whole one that was typed, if it is another one.
    pub(super) fn correction<R: Rule>(&self, offer: &Offer<'_, '_, R>) -> Option<Suggestion> {
        offer.correction(&self.found)
    }

    /// A path whose end the model has judged.
    fn add_seen<R: Rule>(&mut self, tree: &Tree<R>, mix: &Mix<'_, '_, R>, at: usize) -> Option<Work> {
        let branch = tree.branch(at)?;
        if !branch.fits() || branch.is_open() {
            return Some(1);
        }
        let (path, spelled) = tree.spelled(mix.vocab, at);
        let end = branch.log_prob_of_end();
        let word = tree.typed().word_of(spelled.text());
        if spelled.is_complete(tree.typed()) && R::WORDS.is_word(word) {
            let listed = mix.words.below(&path).path_itself().or_else(|| mix.listed(word));
            let is_listed = mix.words.is_empty() || listed.is_some() || tree.typed().has_list();
            let min_end = if path.len() > 1 { MIN_END } else { MIN_END_OF_TOKEN };
            if is_listed || end - branch.log_prob() > min_end {
                let log_prob = if is_listed { end } else { end + UNLISTED };
                let capitals = listed.map_or(Capitals::None, |word| word.capitals);
                self.add(tree.typed(), (&spelled, capitals), log_prob, None);
            }
        }
        Some(PER_PATH)
    }

    /// Listed words below a path not taken: the path's probability, shared out by frequency.
    fn add_open<R: Rule>(&mut self, tree: &Tree<R>, mix: &Mix<'_, '_, R>, at: usize) -> Option<Work> {
        let branch = tree.branch(at)?;
        let is_too_rare = branch.log_prob() < self.found.min_log_prob() && self.rest.is_none();
        if !branch.fits() || !branch.is_open() || is_too_rare {
            return Some(1);
        }
        let (path, mut spelled) = tree.spelled(mix.vocab, at);
        let mut all = 0u32;
        let mut below = mix.words.below(&path);
        while let Some(word) = below.next() {
            all = all.saturating_add(frequency(word.code));
        }
        let whole = branch.log_prob() - (ln_of(all) - 8 * LN_2);
        let work = PER_PATH + below.place().work;
        Some(work + self.add_below(tree.typed(), mix, &path, &mut spelled, whole, false))
    }

    /// The list's own probabilities: of all words once letters are typed, else of those that the model begins with.
    fn add_list<R: Rule>(&mut self, tree: &Tree<R>, mix: &Mix<'_, '_, R>, at: usize) -> Option<Work> {
        if tree.typed().letters().is_empty() {
            let first = Tree::<R>::first_token(tree.branch(at)?);
            return Some(first.map_or(1, |token| self.add_listed(tree.typed(), mix, LIST, token)));
        }
        let typed = tree.typed();
        // Nearly all tokens of a vocabulary fail here.
        let mut tokens = (at..mix.vocab.len()).map(|token| (token, mix.vocab.first_two_bytes(token as TokenId)));
        let (token, start) = tokens.find(|&(_, start)| typed.may_start(start) || may_lack_space(typed, start))?;
        self.at = token;
        let token = token as TokenId;
        if !mix.words.has_any(token) {
            return Some(1);
        }
        let weight = if typed.may_start(start) { LIST } else { LIST + SPACELESS };
        Some(self.add_listed(typed, mix, weight, token))
    }

    /// Listed words that begin with a token, of the list's own probabilities with a weight.
    #[inline(never)]
    fn add_listed<R: Rule>(&mut self, typed: &Typed<R>, mix: &Mix<'_, '_, R>, weight: LogProb, token: TokenId) -> Work {
        let mut spelled = Spelled::new();
        let is_extra = |byte: &u8| *byte == b' ' && !typed.has_space();
        if !mix.vocab.iter(token).skip_while(is_extra).all(|byte| spelled.push(typed, byte)) {
            return PER_WORD;
        }
        let whole = weight - ln_of(mix.words.total());
        PER_WORD + self.add_below(typed, mix, &[token], &mut spelled, whole, true)
    }

    /// Words of the device's own list, and what the person has typed before.
    fn add_own<R: Rule>(&mut self, tree: &Tree<R>, mix: &Mix<'_, '_, R>, at: usize) -> Option<Work> {
        let typed = tree.typed();
        let Some(word) = typed.listed(at).map(str::as_bytes) else {
            let ((_, user), _) = mix.user?;
            return (user.add_word)(&mut self.found, typed, mix, at - typed.n_listed()).then_some(PER_OWN_WORD);
        };
        if let Some(spelled) = typed.spell_word(word) {
            let log_prob = OWN - LogProb::from(at.min(MAX_PLACE) as u8) * PER_PLACE;
            self.add(typed, (&spelled, Capitals::None), log_prob, None);
        }
        Some(PER_PATH)
    }

    /// Listed words that begin with a path, which is spelled already: of the probability `whole`, shared out by
    /// frequency. As many as a slice has room for.
    #[inline(never)]
    fn add_below<R: Rule>(
        &mut self,
        typed: &Typed<R>,
        mix: &Mix<'_, '_, R>,
        path: &[TokenId],
        spelled: &mut Spelled<R>,
        whole: LogProb,
        is_mixed: bool,
    ) -> Work {
        let mixed = is_mixed.then_some(mix);
        let needs_all = is_mixed && mix.has_last_words();
        // Words share their first tokens with the words before them, and these are spelled once.
        let mut places = [spelled.place(); MAX_WORD_TOKENS];
        let (mut n_spelled, mut fits) = (0, true);
        let mut below = mix.words.below(path);
        if let Some(rest) = self.rest.take() {
            *below.place() = rest;
            below.place().work = 0;
        }
        while let Some(word) = below.next() {
            if word.n_shared <= n_spelled {
                (n_spelled, fits) = (word.n_shared, true);
            }
            let log_prob = whole + ln_frequency(word.code);
            if fits && (needs_all || log_prob >= self.found.min_log_prob()) {
                spelled.back_to(places[n_spelled % MAX_WORD_TOKENS]);
                while let Some(token) = word.tokens.get(n_spelled..=n_spelled) {
                    fits = typed.spell(mix.vocab, spelled, token);
                    if !fits {
                        break;
                    }
                    n_spelled += 1;
                    places[n_spelled % MAX_WORD_TOKENS] = spelled.place();
                }
                if fits && spelled.is_complete(typed) {
                    self.add(typed, (spelled, word.capitals), log_prob, mixed);
                    below.place().work += PER_WORD;
                }
            }
            if below.place().work >= SLICE {
                self.rest = Some(*below.place());
                break;
            }
        }
        below.place().work
    }

    /// Adds a word that is spelled; `mix` where what depends on the last words counts, too.
    fn add<R: Rule>(
        &mut self,
        typed: &Typed<R>,
        (spelled, capitals): (&Spelled<R>, Capitals),
        log_prob: LogProb,
        mix: Option<&Mix<'_, '_, R>>,
    ) {
        let hash = word_hash(typed.word_of(spelled.text()));
        let mixed = mix.map(|mix| mix.after_last_words(hash));
        self.found.add(typed, (spelled, hash, capitals), log_prob, mixed);
    }
}

/// Whether words that begin with a token may be what is typed without the space that they are listed with: at the start
/// of a line or after a quote words have none. Letters that are rare in a vocabulary follow a token that is nothing but
/// the space.
fn may_lack_space<R: Rule>(typed: &Typed<R>, [first, second]: [u8; 2]) -> bool {
    !typed.has_space() && first == b' ' && (second == 0 || typed.may_start([second, 0]))
}
