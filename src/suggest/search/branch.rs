//! A path of tokens that goes on by one token.

use crate::TokenId;
use crate::suggest::log_prob::LogProb;
use crate::suggest::matcher::PathCost;

/// The parent of branches that go out from the context.
pub(super) const CONTEXT: u8 = u8::MAX;
/// The parent of a branch that is no more.
pub(super) const GONE: u8 = u8::MAX - 1;

/// A probability as a negative logarithm in units of 1/256 nat.
pub(super) type Cost = u16;

pub(super) fn cost(log_prob: LogProb) -> Cost {
    (-log_prob >> 8).clamp(0, 0xFFFF) as Cost
}

pub(super) fn log_prob(cost: Cost) -> LogProb {
    -(LogProb::from(cost) << 8)
}

/// A path that goes on by a token. It is open as long as the logits after it were not seen.
#[derive(Clone, Copy, Debug)]
pub(in crate::suggest) struct Branch<C> {
    pub(super) parent: u8,
    status: Status,
    pub(super) token: TokenId,
    pub(super) cost: Cost,
    /// How urgent an open one is; of another the cost of the path and the end of the word after it.
    rest: Cost,
    /// What the path costs at least under what was typed by now.
    typing: C,
}

/// Whether a branch fits what has been typed by now, and how what goes on from it was chosen.
#[derive(Clone, Copy, Debug)]
struct Status(u8);

impl Status {
    const FITS: u8 = 0x80;
    const IS_OPEN: u8 = 0x40;
    /// Keys that what goes on with the path was chosen by.
    const N_KEYS: u8 = 0x3F;
}

impl<C: PathCost> Branch<C> {
    /// An open branch, of which is not known yet whether it fits.
    pub(super) fn new(parent: u8, token: TokenId, log_prob: LogProb) -> Self {
        Self { parent, status: Status(Status::IS_OPEN), token, cost: cost(log_prob), rest: Cost::MAX, typing: C::of(0) }
    }

    pub(in crate::suggest) fn is_open(&self) -> bool {
        self.status.0 & Status::IS_OPEN != 0
    }

    pub(in crate::suggest) fn fits(&self) -> bool {
        self.status.0 & Status::FITS != 0
    }

    pub(super) fn set_fits(&mut self, fits: bool) {
        self.status.0 = self.status.0 & !Status::FITS | if fits { Status::FITS } else { 0 };
    }

    /// Says what it costs at least that this was meant by what was typed.
    pub(super) fn set_cost_of_typing(&mut self, cost: LogProb) {
        self.typing = C::of(cost);
    }

    pub(super) fn is_gone(&self) -> bool {
        self.parent == GONE
    }

    pub(super) fn remove(&mut self) {
        (self.parent, self.status) = (GONE, Status(Status::IS_OPEN));
    }

    /// The logits after the path were seen: the log-probability of it and the end of the word, and by how many keys
    /// what goes on with it was chosen, 0 where any letters may follow.
    pub(super) fn set_seen(&mut self, n_keys: usize, with_end: LogProb) {
        self.status.0 = self.status.0 & Status::FITS | n_keys as u8 & Status::N_KEYS;
        self.rest = cost(with_end);
    }

    /// Forgets that the logits were seen.
    pub(super) fn reopen(&mut self) {
        (self.status, self.rest) = (Status(Status::IS_OPEN), Cost::MAX);
    }

    /// Keys that what goes on with the path was chosen by; none of an open one.
    pub(super) fn n_keys(&self) -> usize {
        usize::from(self.status.0 & Status::N_KEYS)
    }

    pub(in crate::suggest) fn log_prob(&self) -> LogProb {
        log_prob(self.cost)
    }

    /// Log-probability of the path, less what it costs under what was typed.
    pub(super) fn log_prob_as_typed(&self) -> LogProb {
        self.log_prob() - self.cost_of_typing()
    }

    /// Cost of the path, and of what was typed if it was meant.
    pub(super) fn cost_as_typed(&self) -> Cost {
        self.cost.saturating_add(cost(-self.cost_of_typing()))
    }

    /// What the path costs at least under what was typed.
    pub(super) fn cost_of_typing(&self) -> LogProb {
        self.typing.log_prob()
    }

    /// Log-probability of the path and the end of the word after it, once that was seen.
    pub(in crate::suggest) fn log_prob_of_end(&self) -> LogProb {
        log_prob(self.rest)
    }

    /// Cost of what an open one leaves open, if it is not taken.
    pub(super) fn urgency(&self) -> Cost {
        self.rest
    }

    pub(super) fn set_urgency(&mut self, urgency: Cost) {
        self.rest = urgency;
    }

    /// Cost above which a new branch may take the place of this one.
    #[inline(never)]
    pub(super) fn cost_of_place(&self) -> u32 {
        if self.is_gone() {
            u32::MAX
        } else if self.is_open() {
            u32::from(!self.fits()) << 16 | u32::from(self.cost_as_typed())
        } else {
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suggest::log_prob::NAT;

    #[test]
    fn a_branch_is_open_until_it_is_seen() {
        let mut branch = Branch::<()>::new(CONTEXT, 7, -2 * NAT);
        assert!(branch.is_open() && !branch.fits() && branch.log_prob() == -2 * NAT);
        branch.set_fits(true);
        branch.set_seen(33, -5 * NAT);
        assert!(!branch.is_open() && branch.fits());
        assert_eq!((branch.n_keys(), branch.log_prob_of_end()), (33, -5 * NAT));
        branch.reopen();
        assert!(branch.is_open() && branch.n_keys() == 0);
        assert_eq!((size_of::<Branch<()>>(), size_of::<Branch<Cost>>()), (8, 10));
    }

    #[test]
    fn places_of_what_fits_least_are_taken_first() {
        let mut branch = Branch::<()>::new(CONTEXT, 7, -2 * NAT);
        let unfit = branch.cost_of_place();
        branch.set_fits(true);
        let open = branch.cost_of_place();
        branch.set_seen(0, -5 * NAT);
        let seen = branch.cost_of_place();
        branch.remove();
        assert!(seen < open && open < unfit && unfit < branch.cost_of_place());
        assert!(branch.is_gone());
    }
}
