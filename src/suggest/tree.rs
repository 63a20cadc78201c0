//! The tree of token paths that the word being typed may take, kept from keystroke to keystroke of the word.
//!
//! A branch is a path that goes on by one token. It is open as long as the logits after it were not seen. Further letters only
//! change which branches fit; nothing is computed again, so the search of each keystroke goes on where the last one stopped.

use super::log_prob::{LN_2, LogProb, NAT, NEVER, exp, ln, ln_of};
use super::spell::{frequency, spell};
use crate::lexicon::WordList;
use crate::text::Fit;
use crate::text::Text;
use crate::{TokenId, Vocab};

/// Longest path in tokens that has room.
pub(super) const MAX_PATH: usize = 8;
const MAX_BRANCHES: usize = 112;
/// Most branches that are not open.
const MAX_SEEN: usize = 31;
/// With fewer first tokens left, others that the letters allow are looked for.
const FEW: usize = 4;
/// What an unlisted path is assumed to leave open.
const UNLISTED: LogProb = NAT / 2;
/// A path is not taken if it could decide less than this share of all that fits.
const MIN_URGENCY: LogProb = 6 * NAT;

/// The parent of branches that go out from the context.
pub(super) const CONTEXT: u8 = u8::MAX;
/// The parent of a branch that is no more.
const GONE: u8 = u8::MAX - 1;
/// Instead of a number of letters: it was not chosen yet, or by other letters.
const NONE: u8 = 0x7F;
const STALE: u8 = 0x7E;
/// Beside the number of letters: what has been typed by now agrees with the branch.
const FITS: u8 = 0x80;

pub(super) type Path = heapless::Vec<TokenId, MAX_PATH, u8>;

/// A probability as a negative logarithm in units of 1/256 nat.
pub(super) type Cost = u16;

pub(super) fn cost(log_prob: LogProb) -> Cost {
    (-log_prob >> 8).clamp(0, 0xFFFF) as Cost
}

fn log_prob(cost: Cost) -> LogProb {
    -(LogProb::from(cost) << 8)
}

/// A path that goes on by a token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Branch {
    pub(super) parent: u8,
    /// Letters typed when its continuations were chosen, and whether it `FITS`.
    letters: u8,
    pub(super) token: TokenId,
    pub(super) cost: Cost,
    /// Of an open one, the cost of what is left open without taking it; else that of the path and the end of the word after it.
    pub(super) end: Cost,
}

impl Branch {
    pub(super) fn new(parent: u8, token: TokenId, log_prob: LogProb) -> Self {
        Self { parent, letters: NONE, token, cost: cost(log_prob), end: Cost::MAX }
    }

    pub(super) fn is_open(&self) -> bool {
        self.n_typed() == NONE
    }

    pub(super) fn fits(&self) -> bool {
        self.letters & FITS != 0
    }

    fn n_typed(&self) -> u8 {
        self.letters & !FITS
    }

    /// Its logits were seen; continuations are chosen by so many letters.
    pub(super) fn set_seen(&mut self, n_typed: usize) {
        self.letters = self.letters & FITS | n_typed as u8;
    }

    pub(super) fn log_prob(&self) -> LogProb {
        log_prob(self.cost)
    }

    /// Log-probability of the path and the end of the word after it.
    pub(super) fn log_prob_of_end(&self) -> LogProb {
        log_prob(self.end)
    }

    /// Cost above which a new branch may take the place of this one.
    #[inline(never)]
    fn cost_of_place(&self) -> u32 {
        if self.parent == GONE {
            u32::MAX
        } else if self.is_open() {
            u32::from(!self.fits()) << 16 | u32::from(self.cost)
        } else {
            0
        }
    }
}

#[derive(Debug)]
#[repr(C)] // as `Suggester`
pub(super) struct Tree {
    /// Classes of which more first tokens were seen than kept.
    pub(super) overfull: u32,
    /// What is less probable is not worth a decode step.
    least: LogProb,
    // At a multiple of four, as in `Text`.
    pub(super) typed: Text,
    /// Letters typed when the first tokens were chosen.
    pub(super) n_typed: u8,
    /// Most tokens of a path.
    pub(super) longest: u8,
    pub(super) branches: heapless::Vec<Branch, MAX_BRANCHES, u8>,
}

impl Tree {
    pub(super) const fn new() -> Self {
        Self {
            typed: Text::new(),
            branches: heapless::Vec::new(),
            n_typed: NONE,
            overfull: 0,
            longest: 0,
            least: NEVER,
        }
    }

    pub(super) fn clear(&mut self) {
        self.branches.clear();
        self.n_typed = NONE;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.n_typed == NONE
    }

    /// Makes the tree that of other letters after the same context.
    #[inline(never)] // keeps the frame of a decode step small
    pub(super) fn set_typed(&mut self, vocab: &Vocab<'_>, words: &WordList<'_>, typed: Text) {
        let same = self.typed.iter().zip(&*typed).take_while(|(a, b)| a == b).count();
        // What did not fit fewer letters does not fit more.
        let have_grown = same == self.typed.len();
        self.typed = typed;
        for at in 0..self.branches.len() {
            let Some(branch) = self.branches.get(at).filter(|branch| !branch.is_open()) else { continue };
            let n_typed = usize::from(branch.n_typed());
            let mut text = Text::new();
            spell(vocab, &mut text, &self.path(at), &[]);
            // Its continuations were chosen by letters that are gone.
            if n_typed > same && text.len() < n_typed {
                self.cut(at);
            }
        }
        if usize::from(self.n_typed) > same {
            self.n_typed = STALE;
        }
        self.refresh(vocab, words, have_grown);
    }

    /// Branches that agree with the letters, and their places.
    pub(super) fn fitting(&self) -> impl Iterator<Item = (usize, &Branch)> {
        self.branches.iter().enumerate().filter(|(_, branch)| branch.fits())
    }

    /// First tokens of paths, each once.
    pub(super) fn first_tokens(&self) -> impl Iterator<Item = TokenId> {
        self.branches.iter().filter(|branch| branch.parent == CONTEXT).map(|branch| branch.token)
    }

    /// Whether the logits after the context are needed once more, to choose first tokens by the letters.
    pub(super) fn wants_first(&self, letters: usize) -> bool {
        let first = self.typed.get(self.typed.len() - letters).map_or(0, |&letter| super::grow::letter_class(letter));
        let chosen = usize::from(self.n_typed);
        if chosen > self.typed.len() {
            return true;
        }
        let is_overfull = self.overfull & if chosen + letters > self.typed.len() { 1 } else { 1 << first } != 0;
        let n_fit = self.fitting().filter(|(_, branch)| branch.parent == CONTEXT).count();
        letters > 1 && chosen < self.typed.len() && is_overfull && n_fit < FEW
    }

    /// Makes a branch open again; all that go out from it are gone.
    fn cut(&mut self, at: usize) {
        self.remove(|tree, branch| {
            let mut parent = usize::from(branch.parent);
            while let Some(next) = tree.branches.get(parent).filter(|_| parent != at) {
                parent = next.parent.into();
            }
            parent == at || parent == usize::from(GONE)
        });
        if let Some(branch) = self.branches.get_mut(at) {
            (branch.letters, branch.end) = (NONE, Cost::MAX);
        }
    }

    /// Removes branches.
    pub(super) fn remove(&mut self, is_removed: impl Fn(&Self, &Branch) -> bool) {
        for at in 0..self.branches.len() {
            let is_removed = self.branches.get(at).is_some_and(|branch| is_removed(self, branch));
            if let Some(branch) = self.branches.get_mut(at).filter(|_| is_removed) {
                (branch.parent, branch.letters) = (GONE, NONE);
            }
        }
    }

    /// Says again of everything whether it fits the letters, but for what does not if they `have_grown`.
    #[inline(never)]
    pub(super) fn refresh(&mut self, vocab: &Vocab<'_>, words: &WordList<'_>, have_grown: bool) {
        for at in 0..self.branches.len() {
            self.refresh_fit(vocab, at, have_grown);
        }
        self.least = self.all().saturating_sub(MIN_URGENCY);
        for at in 0..self.branches.len() {
            self.refresh_urgency(vocab, words, at);
        }
    }

    #[inline(never)]
    pub(super) fn refresh_fit(&mut self, vocab: &Vocab<'_>, at: usize, have_grown: bool) {
        let fits = spell(vocab, &mut Text::new(), &self.path(at), &self.typed) != Fit::No;
        if let Some(branch) = self.branches.get_mut(at)
            && branch.parent != GONE
            && (branch.fits() || !have_grown)
        {
            branch.letters = branch.n_typed() | if fits { FITS } else { 0 };
        }
    }

    /// The urgency of a branch, as far as it can be chosen.
    #[inline(never)]
    pub(super) fn refresh_urgency(&mut self, vocab: &Vocab<'_>, words: &WordList<'_>, at: usize) {
        let Some(branch) = self.branches.get(at).filter(|branch| branch.is_open()) else { return };
        let mut urgency = Cost::MAX;
        if branch.fits() && branch.log_prob() > self.least {
            urgency = cost(branch.log_prob() + self.open_share(vocab, words, at));
        }
        if let Some(branch) = self.branches.get_mut(at) {
            branch.end = urgency;
        }
    }

    /// Logarithm of the probability of all that fits the letters.
    fn all(&self) -> LogProb {
        let probs = self.fitting().map(|(_, b)| exp(if b.is_open() { b.log_prob() } else { b.log_prob_of_end() }) >> 1);
        ln(probs.fold(0, u32::saturating_add)) + LN_2
    }

    /// Logarithm of the share of a path's words that is not that of the commonest one.
    fn open_share(&self, vocab: &Vocab<'_>, words: &WordList<'_>, at: usize) -> LogProb {
        let (path, text, _) = self.spelled(vocab, at);
        let (mut all, mut fitting, mut best) = (0u32, 0u32, 0u32);
        let mut below = words.below(&path);
        while let Some((rest, code, _)) = below.next() {
            let n = frequency(code);
            all = all.saturating_add(n);
            if fits_all(vocab, &text, rest, &self.typed) {
                fitting = fitting.saturating_add(n);
                best = best.max(n);
            }
        }
        if all == 0 {
            return -UNLISTED;
        }
        // What the list does not know is open, too.
        (ln_of(fitting - best + (all >> 5) + 1) - ln_of(all)).min(0)
    }

    /// The branch that it helps most to take next; `None` if none is worth it.
    pub(super) fn most_urgent(&self) -> Option<usize> {
        let n_seen = self.branches.iter().filter(|branch| !branch.is_open()).count();
        let open = self.branches.iter().enumerate().filter(|(_, branch)| branch.is_open());
        let (at, best) = open.min_by_key(|(_, branch)| branch.end)?;
        (n_seen < MAX_SEEN && self.longest > 0 && log_prob(best.end) > self.least).then_some(at)
    }

    /// Adds a branch and returns its place; where there is no room it takes that of a worse one.
    #[inline(never)]
    pub(super) fn push(&mut self, branch: Branch) -> Option<usize> {
        if self.branches.push(branch).is_ok() {
            return self.branches.len().checked_sub(1);
        }
        let places = self.branches.iter_mut().enumerate();
        let (at, place) = places.max_by_key(|(_, other)| other.cost_of_place())?;
        if place.cost_of_place() <= branch.cost.into() {
            return None;
        }
        *place = branch;
        Some(at)
    }

    /// The path of a branch that agrees with the letters, its text, and how it agrees.
    #[inline(never)]
    pub(super) fn spelled(&self, vocab: &Vocab<'_>, at: usize) -> (Path, Text, Fit) {
        let (path, mut text) = (self.path(at), Text::new());
        let fit = spell(vocab, &mut text, &path, &self.typed);
        (path, text, fit)
    }

    /// The tokens of a path; none for the context.
    #[inline(never)]
    pub(super) fn path(&self, at: usize) -> Path {
        let mut path = Path::new();
        let mut at = at;
        // Longer ones than there is room for are not taken.
        while let Some(branch) = self.branches.get(at)
            && path.push(branch.token).is_ok()
        {
            at = branch.parent.into();
        }
        path.reverse();
        path
    }
}

/// Whether a text that goes on with tokens has all typed letters.
fn fits_all(vocab: &Vocab<'_>, text: &Text, tokens: &[TokenId], typed: &[u8]) -> bool {
    if text.len() >= typed.len() {
        return true;
    }
    let mut whole = *text;
    spell(vocab, &mut whole, tokens, typed) != Fit::No && whole.len() >= typed.len()
}
