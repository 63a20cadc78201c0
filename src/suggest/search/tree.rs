//! The tree of token paths that the word being typed may take, kept from keystroke to keystroke of the word.
//!
//! Further letters only change which branches fit; nothing is computed again, so the search of each keystroke goes on
//! where the last one stopped.

use super::branch::{Branch, CONTEXT, Cost, GONE, cost, log_prob};
use crate::lexicon::WordList;
use crate::suggest::frequency::frequency;
use crate::suggest::log_prob::{LN_2, LogProb, NAT, NEVER, Prob, exp, ln, ln_of};
use crate::suggest::matcher::{Rule, Spelled, Typed};
use crate::{TokenId, Vocab};

/// Longest path in tokens that has room.
pub(in crate::suggest) const MAX_PATH: usize = 8;
pub(super) const MAX_BRANCHES: usize = 112;
/// Most branches that are not open.
const MAX_SEEN: usize = 31;
/// With fewer first tokens left, others that the letters allow are looked for.
const FEW: usize = 4;
/// What an unlisted path is assumed to leave open.
const UNLISTED: LogProb = NAT / 2;
/// A path is not taken if it could decide less than this share of all that fits.
const MIN_URGENCY: LogProb = 5 * NAT;

/// Branches that are weighed together.
const WEIGHED_TOGETHER: u8 = 32;

/// Tokens of a path, the first one first.
pub(in crate::suggest) type Path = heapless::Vec<TokenId, MAX_PATH, u8>;

/// How the tokens that paths begin with were chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum First {
    /// There are none.
    Nothing,
    /// By keys that are gone.
    Stale,
    /// By no letters: by so many spaces before the word.
    BySpace(u8),
    /// By so many keys, with letters among them.
    ByLetters(u8),
}

/// Paths of tokens for what was typed.
#[derive(Debug)]
#[repr(C)] // what is used often comes first: instructions that reach the first bytes of a struct are half as long
pub(in crate::suggest) struct Tree<R: Rule> {
    /// Classes of letters of which more first tokens were seen than kept; the first one stands for all once letters
    /// were typed.
    pub(super) overfull: u32,
    /// What is less probable is not worth a decode step.
    min_log_prob: LogProb,
    typed: Typed<R>,
    first: First,
    /// Most tokens of a path.
    max_path: u8,
    /// Branches whose urgency is known.
    n_weighed: u8,
    pub(super) branches: heapless::Vec<Branch<R::PathCost>, MAX_BRANCHES, u8>,
}

impl<R: Rule> Tree<R> {
    pub(in crate::suggest) fn new() -> Self {
        Self {
            typed: Typed::nothing(),
            branches: heapless::Vec::new(),
            first: First::Nothing,
            overfull: 0,
            max_path: 0,
            n_weighed: 0,
            min_log_prob: NEVER,
        }
    }

    /// Forgets all paths, for what was typed of another word.
    pub(in crate::suggest) fn start(&mut self, typed: Typed<R>) {
        self.branches.clear();
        self.first = First::Nothing;
        self.typed = typed;
    }

    pub(in crate::suggest) fn is_empty(&self) -> bool {
        self.first == First::Nothing
    }

    pub(in crate::suggest) fn typed(&self) -> &Typed<R> {
        &self.typed
    }

    pub(in crate::suggest) fn max_path(&self) -> usize {
        self.max_path.into()
    }

    pub(in crate::suggest) fn set_max_path(&mut self, n: usize) {
        self.max_path = n.min(MAX_PATH) as u8;
    }

    /// First tokens are now chosen by what has been typed.
    pub(super) fn set_first(&mut self) {
        let n_keys = self.typed.n_keys() as u8;
        let has_letters = !self.typed.letters().is_empty();
        self.first = if has_letters { First::ByLetters(n_keys) } else { First::BySpace(n_keys) };
    }

    /// Makes the tree that of other letters after the same context. Its branches have to be [weighed](Self::weigh_some)
    /// then.
    #[inline(never)] // keeps the frame of a decode step small
    pub(in crate::suggest) fn set_typed(&mut self, vocab: &Vocab<'_>, typed: Typed<R>) {
        let n_shared = self.typed.n_shared(&typed);
        // What did not fit fewer keys does not fit more.
        // With more keys there may be more slips.
        let have_grown = n_shared == self.typed.n_keys() && !typed.has_costs();
        self.typed = typed;
        for at in 0..self.branches.len() {
            // What goes on from it was chosen by keys that are gone.
            if self.branches.get(at).is_some_and(|branch| branch.n_keys() > n_shared) {
                self.cut(at);
            }
        }
        if matches!(self.first, First::BySpace(n) | First::ByLetters(n) if usize::from(n) > n_shared) {
            self.first = First::Stale;
        }
        self.refresh(vocab, have_grown);
    }

    /// Branches that agree with what was typed, and their places.
    pub(in crate::suggest) fn fitting(&self) -> impl Iterator<Item = (usize, &Branch<R::PathCost>)> {
        self.branches.iter().enumerate().filter(|(_, branch)| branch.fits())
    }

    /// The branch at a place; none behind the last one.
    pub(in crate::suggest) fn branch(&self, at: usize) -> Option<&Branch<R::PathCost>> {
        self.branches.get(at)
    }

    /// The token of a branch that a path begins with.
    pub(in crate::suggest) fn first_token(branch: &Branch<R::PathCost>) -> Option<TokenId> {
        (branch.parent == CONTEXT).then_some(branch.token)
    }

    /// Whether the logits after the context are needed once more, to choose first tokens by the letters.
    pub(in crate::suggest) fn wants_first(&self) -> bool {
        let n_letters = self.typed.letters().len();
        let classes = match self.first {
            First::Nothing | First::Stale => return true,
            First::BySpace(_) => self.typed.first_classes(),
            First::ByLetters(n_keys) if usize::from(n_keys) < self.typed.n_keys() => 1,
            First::ByLetters(_) => return false,
        };
        let n_fit = self.fitting().filter(|(_, branch)| branch.parent == CONTEXT).count();
        n_letters > 1 && self.overfull & classes != 0 && n_fit < FEW
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
            branch.reopen();
        }
    }

    /// Removes branches.
    pub(super) fn remove(&mut self, is_removed: impl Fn(&Self, &Branch<R::PathCost>) -> bool) {
        for at in 0..self.branches.len() {
            let is_removed = self.branches.get(at).is_some_and(|branch| is_removed(self, branch));
            if let Some(branch) = self.branches.get_mut(at).filter(|_| is_removed) {
                branch.remove();
            }
        }
    }

    /// Says again of everything whether it fits, but for what does not if keys `have_grown`.
    #[inline(never)]
    pub(super) fn refresh(&mut self, vocab: &Vocab<'_>, have_grown: bool) {
        let mut half_of_all: Prob = 0;
        for at in 0..self.branches.len() {
            half_of_all = half_of_all.saturating_add(exp(self.refresh_fit(vocab, at, have_grown)) >> 1);
        }
        self.min_log_prob = (ln(half_of_all) + LN_2).saturating_sub(MIN_URGENCY);
        self.n_weighed = 0;
    }

    /// Says of some branches how urgent they are, once it is known which of them fit; whether that is all.
    #[inline(never)]
    pub(in crate::suggest) fn weigh_some(&mut self, vocab: &Vocab<'_>, words: &WordList<'_>) -> bool {
        while usize::from(self.n_weighed) < self.branches.len() {
            self.refresh_urgency(vocab, words, self.n_weighed.into());
            self.n_weighed += 1;
            if self.n_weighed.is_multiple_of(WEIGHED_TOGETHER) {
                return false;
            }
        }
        true
    }

    /// Says again of a branch whether it fits: the log-probability of what it stands for, as far as that fits. The end
    /// of a word fits only where all keys are accounted for.
    #[inline(never)]
    pub(super) fn refresh_fit(&mut self, vocab: &Vocab<'_>, at: usize, have_grown: bool) -> LogProb {
        if self.branches.get(at).is_none_or(|branch| branch.is_gone() || have_grown && !branch.fits()) {
            return NEVER;
        }
        let mut spelled = Spelled::new();
        let fits = self.typed.spell(vocab, &mut spelled, &self.path(at));
        let is_complete = spelled.is_complete(&self.typed);
        let Some(branch) = self.branches.get_mut(at) else { return NEVER };
        branch.set_fits(fits);
        branch.set_cost_of_typing(spelled.min_cost(&self.typed));
        match branch.is_open() {
            true if fits => branch.log_prob_as_typed(),
            false if fits && is_complete => branch.log_prob_of_end() - branch.cost_of_typing(),
            _ => NEVER,
        }
    }

    /// The urgency of a branch, as far as it can be chosen.
    #[inline(never)]
    pub(super) fn refresh_urgency(&mut self, vocab: &Vocab<'_>, words: &WordList<'_>, at: usize) {
        let Some(branch) = self.branches.get(at).filter(|branch| branch.is_open()) else { return };
        let mut urgency = Cost::MAX;
        if branch.fits() && branch.log_prob_as_typed() > self.min_log_prob {
            urgency = cost(branch.log_prob_as_typed() + self.open_share(vocab, words, at));
        }
        if let Some(branch) = self.branches.get_mut(at) {
            branch.set_urgency(urgency);
        }
    }

    /// Half of the probability of all that fits.
    pub(in crate::suggest) fn half_of_all(&self) -> Prob {
        let log_prob = |branch: &Branch<R::PathCost>| {
            (if branch.is_open() { branch.log_prob() } else { branch.log_prob_of_end() }) - branch.cost_of_typing()
        };
        let probs = self.fitting().map(|(_, branch)| exp(log_prob(branch)) >> 1);
        probs.fold(0, u32::saturating_add)
    }

    /// Logarithm of the share of a path's words that is not that of the commonest one.
    fn open_share(&self, vocab: &Vocab<'_>, words: &WordList<'_>, at: usize) -> LogProb {
        if self.typed.has_slips() {
            // There are few steps to choose for, and to look through the list again would take as long as one.
            return -UNLISTED;
        }
        let (path, mut spelled) = self.spelled(vocab, at);
        if !self.typed.has_space() && path.len() == 1 {
            // Few words are listed without a space before them but those of one token: `it`, but not `it's`.
            return -UNLISTED;
        }
        let is_complete = spelled.is_complete(&self.typed);
        let place = spelled.place();
        let (mut all, mut fitting, mut best) = (0u32, 0u32, 0u32);
        let mut below = words.below(&path);
        while let Some(word) = below.next() {
            let n = frequency(word.code);
            all = all.saturating_add(n);
            let fits =
                is_complete || self.typed.spell(vocab, &mut spelled, word.tokens) && spelled.is_complete(&self.typed);
            if fits {
                fitting = fitting.saturating_add(n);
                best = best.max(n);
            }
            spelled.back_to(place);
        }
        if all == 0 {
            return -UNLISTED;
        }
        // What the list does not know is open, too.
        (ln_of((fitting - best).saturating_add((all >> 5) + 1)) - ln_of(all)).min(0)
    }

    /// The branch that it helps most to take next; `None` if none is worth it.
    pub(in crate::suggest) fn most_urgent(&self) -> Option<usize> {
        let n_seen = self.branches.iter().filter(|branch| !branch.is_open()).count();
        let open = self.branches.iter().enumerate().filter(|(_, branch)| branch.is_open());
        let (at, best) = open.min_by_key(|(_, branch)| branch.urgency())?;
        (n_seen < MAX_SEEN && self.max_path > 0 && log_prob(best.urgency()) > self.min_log_prob).then_some(at)
    }

    /// Adds a branch and returns its place; where there is no room it takes that of a worse one.
    #[inline(never)]
    pub(super) fn push(&mut self, branch: Branch<R::PathCost>) -> Option<usize> {
        if self.branches.push(branch).is_ok() {
            return self.branches.len().checked_sub(1);
        }
        let places = self.branches.iter_mut().enumerate();
        let (at, place) = places.max_by_key(|(_, other)| other.cost_of_place())?;
        if place.cost_of_place() <= branch.cost_as_typed().into() {
            return None;
        }
        *place = branch;
        Some(at)
    }

    /// The path of a branch that fits, and its text.
    #[inline(never)]
    pub(in crate::suggest) fn spelled(&self, vocab: &Vocab<'_>, at: usize) -> (Path, Spelled<R>) {
        let (path, mut spelled) = (self.path(at), Spelled::new());
        self.typed.spell(vocab, &mut spelled, &path);
        (path, spelled)
    }

    /// The tokens of a path; none for the context.
    #[inline(never)]
    pub(in crate::suggest) fn path(&self, at: usize) -> Path {
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
