//! The tree of token paths that the word being typed may take, kept from keystroke to keystroke of the word.
//!
//! A node is a path whose logits were seen, an edge one that could be taken next. Further letters only change
//! which of them fit; nothing is computed again, so the search of each keystroke goes on where the last one stopped.

use super::listed::{append, fit_tail, frequency};
use super::log_prob::{LN_2, LogProb, NAT, NEVER, exp, ln, ln_of, log_probs};
use super::word::{Fit, Text, could_fit, fit, fit_bytes, is_word_byte};
use crate::words::WordList;
use crate::{Logits, TokenId, Vocab};

/// Longest path in tokens that has room.
pub(super) const MAX_PATH: usize = 8;
const MAX_NODES: usize = 32;
const MAX_EDGES: usize = 192;
/// First tokens kept before any letter is typed, for each of 32 classes of first letters.
const FIRST_OF_CLASS: usize = 5;
const N_CLASS: usize = 32;
/// First tokens kept once letters are typed.
const FIRST_OF_TYPED: usize = 24;
/// With fewer first tokens left, others that the letters allow are looked for.
const FEW: usize = 4;
/// Tokens kept after a path.
const MAX_NEXT: usize = 16;
/// A token this much less likely than its path is not kept.
const LEAST_NEXT: LogProb = 12 * NAT;
/// What an unlisted path is assumed to leave open.
const UNLISTED: LogProb = NAT / 2;
/// A path is not taken if it could decide less than this share of all that fits.
const LEAST_URGENCY: LogProb = 6 * NAT;

/// The parent of an edge that is to be removed.
const GONE: u8 = u8::MAX;

pub(super) type Path = heapless::Vec<TokenId, MAX_PATH, u8>;

/// A probability as a negative logarithm in units of 1/256 nat.
type Cost = u16;

fn cost(log_prob: LogProb) -> Cost {
    (-log_prob >> 8).clamp(0, 0xFFFF) as Cost
}

fn log_prob(cost: Cost) -> LogProb {
    -(LogProb::from(cost) << 8)
}

type Edges = heapless::Vec<Edge, MAX_EDGES, u8>;

/// A path whose logits were seen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Node {
    parent: u8,
    /// Bytes typed when its continuations were chosen.
    n_typed: u8,
    token: TokenId,
    pub(super) fit: Fit,
    pub(super) log_prob: LogProb,
    /// Logarithm of the probability of the path and the end of the word after it.
    pub(super) end: LogProb,
}

/// A path that could be taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    parent: u8,
    pub(super) fit: Fit,
    token: TokenId,
    cost: Cost,
    /// Cost of what is left open without taking it.
    urgency: Cost,
}

impl Edge {
    fn new(parent: u8, token: TokenId, log_prob: LogProb) -> Self {
        Self { parent, fit: Fit::No, token, cost: cost(log_prob), urgency: Cost::MAX }
    }

    pub(super) fn log_prob(&self) -> LogProb {
        log_prob(self.cost)
    }
}

#[derive(Debug)]
pub(super) struct Tree {
    pub(super) typed: Text,
    /// Node 0 is the context.
    nodes: heapless::Vec<Node, MAX_NODES, u8>,
    edges: Edges,
    /// Classes of which more first tokens were seen than kept.
    overfull: u32,
    /// Most tokens of a path.
    pub(super) longest: u8,
    /// What is less probable is not worth a decode step.
    least: LogProb,
}

impl Tree {
    pub(super) const fn new() -> Self {
        Self {
            typed: Text::new(),
            nodes: heapless::Vec::new(),
            edges: heapless::Vec::new(),
            overfull: 0,
            longest: 0,
            least: NEVER,
        }
    }

    pub(super) fn clear(&mut self) {
        self.nodes.clear();
        self.edges.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    pub(super) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub(super) fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Begins a tree for `typed` with the logits after the context, or chooses other first tokens for it.
    pub(super) fn plant(&mut self, vocab: &Vocab<'_>, words: &WordList<'_>, logits: Logits<'_>) {
        self.remove_edges_of(0);
        let context = Node { fit: Fit::Exact, n_typed: self.typed.len() as u8, end: NEVER, ..Node::default() };
        match self.nodes.first_mut() {
            Some(node) => *node = context,
            None => drop(self.nodes.push(context)),
        }
        self.choose_first(vocab, logits);
        self.refresh(vocab, words, false);
    }

    /// Keeps the likeliest first tokens: of every first letter before any is typed.
    fn choose_first(&mut self, vocab: &Vocab<'_>, logits: Logits<'_>) {
        let typed = &self.typed;
        let is_open = typed.iter().all(|&byte| byte == b' ');
        let most = if is_open { FIRST_OF_CLASS } else { FIRST_OF_TYPED };
        // Of each class how many are kept, and the cost of the worst of them.
        let mut kept = [(0u8, 0 as Cost); N_CLASS];
        self.overfull = 0;
        for (token, log_prob) in log_probs(logits) {
            // Nearly every token fails here, before all its bytes are looked at.
            let start = vocab.first_two_bytes(token);
            let letter = start.get(typed.len()).copied().unwrap_or_default();
            let class = if is_open { letter_class(letter) } else { 0 };
            let Some((kept, worst)) = kept.get_mut(class) else { continue };
            let is_full = usize::from(*kept) >= most && self.overfull >> class & 1 == 1;
            let is_beaten = is_full && cost(log_prob) >= *worst;
            if is_beaten || !could_fit(start, typed) || !can_follow(vocab, token, typed) {
                continue;
            }
            let is_taken = self.nodes.iter().skip(1).any(|node| node.parent == 0 && node.token == token);
            if is_taken {
                continue;
            }
            // The class is kept where the urgency will be.
            let edge = Edge { urgency: class as Cost, ..Edge::new(0, token, log_prob) };
            if usize::from(*kept) < most {
                *kept += 1;
                *worst = edge.cost.max(*worst);
                push(&mut self.edges, edge);
                continue;
            }
            self.overfull |= 1 << class;
            if edge.cost < *worst {
                let same = |e: &&mut Edge| e.parent == 0 && e.urgency == edge.urgency;
                if let Some(last) = self.edges.iter_mut().filter(same).max_by_key(|e| e.cost) {
                    *last = edge;
                }
                *worst = self.edges.iter_mut().filter(same).map(|e| e.cost).max().unwrap_or_default();
            }
        }
    }

    /// Makes the tree that of other letters after the same context.
    #[inline(never)] // keeps the frame of a decode step small
    pub(super) fn set_typed(&mut self, vocab: &Vocab<'_>, words: &WordList<'_>, typed: Text) {
        let same = self.typed.iter().zip(&typed).take_while(|(a, b)| a == b).count();
        // What did not fit fewer letters does not fit more.
        let have_grown = same == self.typed.len();
        self.typed = typed;
        let mut at = 1;
        while let Some(&node) = self.nodes.get(at) {
            // Its continuations were chosen by letters that are gone.
            let is_stale = usize::from(node.n_typed) > same && self.text(vocab, at).len() < usize::from(node.n_typed);
            if is_stale {
                self.cut(at);
                at = 1;
            } else {
                at += 1;
            }
        }
        if let Some(context) = self.nodes.first_mut()
            && usize::from(context.n_typed) > same
        {
            context.n_typed = u8::MAX;
        }
        self.refresh(vocab, words, have_grown);
    }

    /// First tokens of paths, each once.
    pub(super) fn first_tokens(&self) -> impl Iterator<Item = TokenId> {
        let taken = self.nodes.iter().skip(1).filter(|node| node.parent == 0).map(|node| node.token);
        taken.chain(self.edges.iter().filter(|edge| edge.parent == 0).map(|edge| edge.token))
    }

    /// Whether the logits after the context are needed once more, to choose first tokens by the letters.
    pub(super) fn wants_first(&self, letters: usize) -> bool {
        let Some(context) = self.nodes.first() else { return true };
        let first = self.typed.get(self.typed.len() - letters).map_or(0, |&letter| letter_class(letter));
        let chosen = usize::from(context.n_typed);
        if chosen > self.typed.len() {
            return true;
        }
        let is_overfull = self.overfull & if chosen + letters > self.typed.len() { 1 } else { 1 << first } != 0;
        let n_fit = self.nodes.iter().skip(1).filter(|node| node.parent == 0 && node.fit != Fit::No).count()
            + self.edges.iter().filter(|edge| edge.parent == 0 && edge.fit != Fit::No).count();
        letters > 1 && chosen < self.typed.len() && is_overfull && n_fit < FEW
    }

    /// Removes a node with all below it; it becomes an edge again.
    fn cut(&mut self, at: usize) {
        self.remove_edges_of(at as u8);
        if let Some(node) = self.nodes.get(at) {
            push(&mut self.edges, Edge::new(node.parent, node.token, node.log_prob));
        }
        let mut new_place = [GONE; MAX_NODES];
        let place_of = |places: &[u8; MAX_NODES], old: u8| places.get(usize::from(old)).copied().unwrap_or(GONE);
        let mut n = 0u8;
        for i in 0..self.nodes.len() {
            let Some(&node) = self.nodes.get(i) else { break };
            let parent = if i == 0 { 0 } else { place_of(&new_place, node.parent) };
            if parent != GONE
                && i != at
                && let Some(slot) = self.nodes.get_mut(usize::from(n))
                && let Some(place) = new_place.get_mut(i)
            {
                *slot = Node { parent, ..node };
                *place = n;
                n += 1;
            }
        }
        self.nodes.truncate(usize::from(n));
        self.edges.iter_mut().for_each(|edge| edge.parent = place_of(&new_place, edge.parent));
        self.remove_edges_of(GONE);
    }

    /// Removes all edges of a parent.
    #[inline(never)]
    fn remove_edges_of(&mut self, parent: u8) {
        let mut n = 0;
        for at in 0..self.edges.len() {
            if let Some(&edge) = self.edges.get(at).filter(|edge| edge.parent != parent)
                && let Some(slot) = self.edges.get_mut(n)
            {
                *slot = edge;
                n += 1;
            }
        }
        self.edges.truncate(n);
    }

    /// Says again of everything whether it fits the letters, but for what does not if they `have_grown`.
    fn refresh(&mut self, vocab: &Vocab<'_>, words: &WordList<'_>, have_grown: bool) {
        for at in 1..self.nodes.len() {
            let text = self.text(vocab, at);
            if let Some(node) = self.nodes.get_mut(at) {
                node.fit = fit(&text, &self.typed);
            }
        }
        for at in 0..self.edges.len() {
            self.refresh_fit(vocab, at, have_grown);
        }
        self.least = self.all().saturating_sub(LEAST_URGENCY);
        for at in 0..self.edges.len() {
            self.refresh_urgency(vocab, words, at);
        }
    }

    #[inline(never)]
    fn refresh_fit(&mut self, vocab: &Vocab<'_>, at: usize, have_grown: bool) {
        let Some(edge) = self.edges.get(at).filter(|edge| !have_grown || edge.fit != Fit::No) else { return };
        let mut text = Text::new();
        let could_fit = edge.parent > 0 || could_fit(vocab.first_two_bytes(edge.token), &self.typed);
        let has_room = could_fit && append(vocab, &mut text, &self.edge_path(edge));
        let fit = if has_room { fit(&text, &self.typed) } else { Fit::No };
        if let Some(edge) = self.edges.get_mut(at) {
            edge.fit = fit;
        }
    }

    /// The urgency of an edge, as far as it can be chosen.
    #[inline(never)]
    fn refresh_urgency(&mut self, vocab: &Vocab<'_>, words: &WordList<'_>, at: usize) {
        let Some(edge) = self.edges.get(at) else { return };
        let mut urgency = Cost::MAX;
        if edge.fit != Fit::No && edge.log_prob() > self.least {
            let path = self.edge_path(edge);
            let mut text = Text::new();
            append(vocab, &mut text, &path);
            urgency = cost(edge.log_prob() + self.open_share(vocab, words, &path, &text));
        }
        if let Some(edge) = self.edges.get_mut(at) {
            edge.urgency = urgency;
        }
    }

    /// Logarithm of the probability of all that fits the letters.
    fn all(&self) -> LogProb {
        let ends = self.nodes.iter().filter(|node| node.fit != Fit::No).map(|node| exp(node.end) >> 1);
        let open = self.edges.iter().filter(|edge| edge.fit != Fit::No).map(|edge| exp(edge.log_prob()) >> 1);
        ln(ends.chain(open).fold(0, u32::saturating_add)) + LN_2
    }

    /// Logarithm of the share of a path's words that is not that of the commonest one.
    fn open_share(&self, vocab: &Vocab<'_>, words: &WordList<'_>, path: &[TokenId], text: &[u8]) -> LogProb {
        let (mut all, mut fitting, mut best) = (0u32, 0u32, 0u32);
        let mut below = words.below(path);
        while let Some((rest, code)) = below.next() {
            let n = frequency(code);
            all = all.saturating_add(n);
            if fit_tail(vocab, text, rest, &self.typed) != Fit::No {
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

    /// The path that it helps most to take next; `None` if none is worth it.
    pub(super) fn most_urgent(&self) -> Option<Edge> {
        let best = self.edges.iter().filter(|edge| edge.fit != Fit::No).min_by_key(|edge| edge.urgency)?;
        let has_room = self.nodes.len() < MAX_NODES && self.longest > 0;
        (has_room && log_prob(best.urgency) > self.least).then_some(*best)
    }

    /// Takes an edge whose logits are known now.
    #[inline(never)] // its frame would be there while a token is taken
    pub(super) fn grow(&mut self, vocab: &Vocab<'_>, words: &WordList<'_>, edge: &Edge, logits: Logits<'_>) {
        let Edge { parent, token, fit, .. } = *edge;
        let taken = self.edges.iter_mut().filter(|e| e.parent == parent && e.token == token);
        taken.for_each(|edge| edge.parent = GONE);
        self.remove_edges_of(GONE);
        let n_typed = self.typed.len() as u8;
        let at = self.nodes.len();
        let node = Node { parent, n_typed, token, fit, log_prob: edge.log_prob(), end: NEVER };
        if self.nodes.push(node).is_err() {
            return;
        }
        let (next, end) = self.read_next(vocab, at, logits);
        if let Some(node) = self.nodes.get_mut(at) {
            node.end = (node.log_prob + end).max(NEVER);
        }
        for &(log_prob, token) in &next {
            let new = Edge::new(at as u8, token, edge.log_prob() + log_prob);
            push(&mut self.edges, new);
            if let Some(at) = self.edges.iter().position(|e| e.parent == new.parent && e.token == token) {
                self.refresh_fit(vocab, at, false);
                self.refresh_urgency(vocab, words, at);
            }
        }
    }

    /// The likeliest tokens after a node that go on with the word, and the probability of its end.
    fn read_next(&self, vocab: &Vocab<'_>, at: usize, logits: Logits<'_>) -> (Next, LogProb) {
        let text = self.text(vocab, at);
        let rest = self.typed.get(text.len()..).unwrap_or_default();
        let is_longest = self.nodes.get(at).map_or(0, |node| self.node_path(node).len()) >= usize::from(self.longest);
        let mut next = Next::new();
        let mut end = 0;
        for (token, log_prob) in log_probs(logits) {
            let first = vocab.first_byte(token);
            if rest.is_empty() {
                let goes_on = match first {
                    Some(b'\'') => vocab.iter(token).nth(1).is_none_or(|next| next.is_ascii_alphabetic()),
                    Some(first) => is_word_byte(first),
                    None => false,
                };
                if !goes_on {
                    end += exp(log_prob);
                    continue;
                }
            } else if !first.is_some_and(|first| rest[0].eq_ignore_ascii_case(&first)) {
                continue;
            }
            let is_beaten = next.is_full() && next.last().is_some_and(|&(last, _)| last >= log_prob);
            if is_beaten || is_longest || log_prob < -LEAST_NEXT {
                continue;
            }
            if can_follow(vocab, token, rest) {
                insert(&mut next, (log_prob, token));
            }
        }
        (next, if rest.is_empty() { ln(end) } else { NEVER })
    }

    /// The tokens of a node's path.
    pub(super) fn node_path(&self, node: &Node) -> Path {
        self.path(node.parent, node.token)
    }

    pub(super) fn edge_path(&self, edge: &Edge) -> Path {
        self.path(edge.parent, edge.token)
    }

    /// The tokens of a path that ends with `last`.
    #[inline(never)]
    fn path(&self, parent: u8, last: TokenId) -> Path {
        let mut path = Path::new();
        let (mut at, mut token) = (usize::from(parent), last);
        // Longer ones than there is room for are not taken.
        while path.push(token).is_ok()
            && let Some(node) = self.nodes.get(at).filter(|_| at > 0)
        {
            (at, token) = (usize::from(node.parent), node.token);
        }
        path.reverse();
        path
    }

    /// The bytes of a node's path.
    fn text(&self, vocab: &Vocab<'_>, at: usize) -> Text {
        let mut text = Text::new();
        if let Some(node) = self.nodes.get(at).filter(|_| at > 0) {
            append(vocab, &mut text, &self.node_path(node));
        }
        text
    }
}

/// Adds an edge; where there is no room it takes the place of a worse one.
#[inline(never)]
fn push(edges: &mut Edges, edge: Edge) {
    if edges.push(edge).is_err()
        && let Some(worst) = edges.iter_mut().max_by_key(|e| (e.fit == Fit::No, e.cost))
        && (worst.fit == Fit::No || worst.cost > edge.cost)
    {
        *worst = edge;
    }
}

/// Whether a token agrees with the letters and goes on with nothing but word bytes.
fn can_follow(vocab: &Vocab<'_>, token: TokenId, letters: &[u8]) -> bool {
    let (mut bytes, mut letters) = (vocab.iter(token), letters.iter());
    fit_bytes(bytes.by_ref().take(letters.len()), &mut letters) != Fit::No && bytes.all(is_word_byte)
}

/// Puts a token where it belongs; if there is no room the last one has to go.
fn insert(next: &mut Next, new: (LogProb, TokenId)) {
    if next.is_full() {
        next.pop();
    }
    let _ = next.push(new);
    let mut at = next.len() - 1;
    while let Some([before, this]) = next.get_mut(at.wrapping_sub(1)..=at)
        && before.0 < this.0
    {
        core::mem::swap(before, this);
        at -= 1;
    }
}

/// Likeliest tokens, best first.
type Next = heapless::Vec<(LogProb, TokenId), MAX_NEXT, u8>;

/// The same for both cases of a letter.
fn letter_class(byte: u8) -> usize {
    usize::from(byte) % N_CLASS
}
