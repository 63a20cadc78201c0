//! The tree of token paths that the word being typed may take, kept from keystroke to keystroke of the word.
//!
//! A node is a path whose logits were seen, an edge one that could be taken next. Further letters only change
//! which of them fit; nothing is computed again, so the search of each keystroke goes on where the last one stopped.

use super::listed::{append, fit_tail, for_each_below, frequency};
use super::log_prob::{LN_2, LogProb, NAT, NEVER, exp, ln, ln_of, log_probs};
use super::word::{Fit, Text, continues_word, could_fit, fit, is_word_byte};
use crate::words::WordList;
use crate::{Logits, MAX_TOKEN_BYTES, TokenId, Vocab};

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

pub(super) type Path = heapless::Vec<TokenId, MAX_PATH, u8>;

/// A probability as a negative logarithm in units of 1/256 nat.
type Cost = u16;

fn cost(log_prob: LogProb) -> Cost {
    (-log_prob >> 8).clamp(0, 0xFFFF) as Cost
}

fn log_prob(cost: Cost) -> LogProb {
    -(LogProb::from(cost) << 8)
}

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
    edges: heapless::Vec<Edge, MAX_EDGES, u8>,
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
        self.edges.retain(|edge| edge.parent != 0);
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
        let typed = self.typed.clone();
        let is_open = typed.iter().all(|&byte| byte == b' ');
        let most = if is_open { FIRST_OF_CLASS } else { FIRST_OF_TYPED };
        let (mut kept, mut worst) = ([0u8; N_CLASS], [0 as Cost; N_CLASS]);
        self.overfull = 0;
        let mut buffer = [0; MAX_TOKEN_BYTES];
        for (token, log_prob) in log_probs(logits) {
            // Nearly every token fails here, before all its bytes are looked at.
            let start = vocab.first_two_bytes(token);
            let letter = start.get(typed.len()).copied().unwrap_or_default();
            let class = if is_open { letter_class(letter) } else { 0 };
            let is_beaten = usize::from(kept[class]) >= most && cost(log_prob) >= worst[class];
            let is_word_start = letter == 0 || is_word_byte(letter);
            if !is_word_start || !could_fit(start, &typed) || (is_beaten && self.overfull >> class & 1 == 1) {
                continue;
            }
            if !begins_word(vocab.bytes(token, &mut buffer), &typed) {
                continue;
            }
            let is_taken = self.nodes.iter().skip(1).any(|node| node.parent == 0 && node.token == token);
            if is_taken {
                continue;
            }
            // The class is kept where the urgency will be.
            let edge = Edge { urgency: class as Cost, ..Edge::new(0, token, log_prob) };
            let same = |e: &&mut Edge| e.parent == 0 && e.urgency == edge.urgency;
            if usize::from(kept[class]) < most {
                kept[class] += 1;
                worst[class] = worst[class].max(edge.cost);
                self.push(edge);
                continue;
            }
            self.overfull |= 1 << class;
            if edge.cost < worst[class] {
                if let Some(last) = self.edges.iter_mut().filter(same).max_by_key(|e| e.cost) {
                    *last = edge;
                }
                worst[class] = self.edges.iter_mut().filter(same).map(|e| e.cost).max().unwrap_or_default();
            }
        }
    }

    /// Makes the tree that of other letters after the same context.
    pub(super) fn set_typed(&mut self, vocab: &Vocab<'_>, words: &WordList<'_>, typed: Text) {
        let same = self.typed.iter().zip(&typed).take_while(|(a, b)| a == b).count();
        // What did not fit fewer letters does not fit more.
        let has_grown = same == self.typed.len();
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
        self.refresh(vocab, words, has_grown);
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
        let mut new_place = [None; MAX_NODES];
        let mut n = 0u8;
        for i in 0..self.nodes.len() {
            let mut node = self.nodes[i];
            let parent = if i == 0 { Some(0) } else { new_place[usize::from(node.parent)] };
            if let Some(parent) = parent.filter(|_| i != at) {
                node.parent = parent;
                new_place[i] = Some(n);
                self.nodes[usize::from(n)] = node;
                n += 1;
            } else if i == at {
                self.edges.retain(|edge| usize::from(edge.parent) != at);
                self.push(Edge::new(node.parent, node.token, node.log_prob));
            }
        }
        self.nodes.truncate(usize::from(n));
        self.edges.retain_mut(|edge| {
            let place = new_place.get(usize::from(edge.parent)).copied().flatten();
            edge.parent = place.unwrap_or_default();
            place.is_some()
        });
    }

    /// Says again of everything whether it fits the letters, but for what does not if they `have_grown`.
    fn refresh(&mut self, vocab: &Vocab<'_>, words: &WordList<'_>, have_grown: bool) {
        for at in 1..self.nodes.len() {
            if !have_grown || self.nodes[at].fit != Fit::No {
                self.nodes[at].fit = fit(&self.text(vocab, at), &self.typed);
            }
        }
        for at in 0..self.edges.len() {
            if !have_grown || self.edges[at].fit != Fit::No {
                self.edges[at].fit = self.edge_fit(vocab, &self.edges[at]);
            }
        }
        self.least = self.all().saturating_sub(LEAST_URGENCY);
        for at in 0..self.edges.len() {
            self.refresh_urgency(vocab, words, at);
        }
    }

    fn edge_fit(&self, vocab: &Vocab<'_>, edge: &Edge) -> Fit {
        if edge.parent == 0 && !could_fit(vocab.first_two_bytes(edge.token), &self.typed) {
            return Fit::No;
        }
        self.edge_text(vocab, edge).map_or(Fit::No, |text| fit(&text, &self.typed))
    }

    /// The urgency of an edge, as far as it can be chosen.
    fn refresh_urgency(&mut self, vocab: &Vocab<'_>, words: &WordList<'_>, at: usize) {
        let edge = self.edges[at];
        let can_be_chosen = edge.fit != Fit::No && edge.log_prob() > self.least;
        let text = if can_be_chosen { self.edge_text(vocab, &edge) } else { None };
        self.edges[at].urgency = text.map_or(Cost::MAX, |text| cost(self.urgency(vocab, words, &edge, &text)));
    }

    /// Logarithm of the probability of all that fits the letters.
    fn all(&self) -> LogProb {
        let ends = self.nodes.iter().filter(|node| node.fit != Fit::No).map(|node| exp(node.end) >> 1);
        let open = self.edges.iter().filter(|edge| edge.fit != Fit::No).map(|edge| exp(edge.log_prob()) >> 1);
        ln(ends.chain(open).fold(0, u32::saturating_add)) + LN_2
    }

    /// Probability of the path times the share of its words that is not that of the commonest one.
    fn urgency(&self, vocab: &Vocab<'_>, words: &WordList<'_>, edge: &Edge, text: &Text) -> LogProb {
        let (mut all, mut fitting, mut best) = (0u32, 0u32, 0u32);
        for_each_below(words, &self.edge_path(edge), |rest, code| {
            let n = frequency(code);
            all = all.saturating_add(n);
            if fit_tail(vocab, text, rest, &self.typed) != Fit::No {
                fitting = fitting.saturating_add(n);
                best = best.max(n);
            }
        });
        if all == 0 {
            return edge.log_prob() - UNLISTED;
        }
        // What the list does not know is open, too.
        let open = ln_of(fitting - best + (all >> 5) + 1) - ln_of(all);
        edge.log_prob() + open.min(0)
    }

    fn push(&mut self, edge: Edge) {
        if self.edges.push(edge).is_err()
            && let Some(worst) = self.edges.iter_mut().max_by_key(|e| (e.fit == Fit::No, e.cost))
            && (worst.fit == Fit::No || worst.cost > edge.cost)
        {
            *worst = edge;
        }
    }

    /// The path that it helps most to take next; `None` if none is worth it.
    pub(super) fn most_urgent(&self) -> Option<Edge> {
        let best = self.edges.iter().filter(|edge| edge.fit != Fit::No).min_by_key(|edge| edge.urgency)?;
        let has_room = self.nodes.len() < MAX_NODES && self.longest > 0;
        (has_room && log_prob(best.urgency) > self.least).then_some(*best)
    }

    /// Takes an edge whose logits are known now.
    pub(super) fn grow(&mut self, vocab: &Vocab<'_>, words: &WordList<'_>, edge: &Edge, logits: Logits<'_>) {
        let is_it = |e: &Edge| e.parent == edge.parent && e.token == edge.token;
        self.edges.retain(|e| !is_it(e));
        let n_typed = self.typed.len() as u8;
        let at = self.nodes.len();
        let Edge { parent, token, fit, .. } = *edge;
        let node = Node { parent, n_typed, token, fit, log_prob: edge.log_prob(), end: NEVER };
        if self.nodes.push(node).is_err() {
            return;
        }
        let (next, end) = self.read_next(vocab, at, logits);
        self.nodes[at].end = (edge.log_prob() + end).max(NEVER);
        for (log_prob, token) in next {
            let new = Edge::new(at as u8, token, edge.log_prob() + log_prob);
            self.push(new);
            if let Some(at) = self.edges.iter().position(|e| e.parent == new.parent && e.token == token) {
                self.edges[at].fit = self.edge_fit(vocab, &new);
                self.refresh_urgency(vocab, words, at);
            }
        }
    }

    /// The likeliest tokens after a node that go on with the word, and the probability of its end.
    fn read_next(&self, vocab: &Vocab<'_>, at: usize, logits: Logits<'_>) -> (Next, LogProb) {
        let text = self.text(vocab, at);
        let rest = self.typed.get(text.len()..).unwrap_or_default();
        let is_longest = self.path(at).len() >= usize::from(self.longest);
        let mut next = Next::new();
        let mut end = 0;
        let mut buffer = [0; MAX_TOKEN_BYTES];
        for (token, log_prob) in log_probs(logits) {
            let first = vocab.first_byte(token);
            if rest.is_empty() {
                let goes_on = match first {
                    Some(b'\'') => continues_word(vocab.bytes(token, &mut buffer)),
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
            let bytes = vocab.bytes(token, &mut buffer);
            if bytes.iter().skip(rest.len()).all(|&byte| is_word_byte(byte)) && fit(bytes, rest) != Fit::No {
                if next.is_full() {
                    next.pop();
                }
                let place = next.partition_point(|&(other, _)| other >= log_prob);
                let _ = next.insert(place, (log_prob, token));
            }
        }
        (next, if rest.is_empty() { ln(end) } else { NEVER })
    }

    /// The tokens of a node's path.
    pub(super) fn path(&self, mut at: usize) -> Path {
        let mut path = Path::new();
        while let Some(node) = self.nodes.get(at).filter(|_| at > 0) {
            let _ = path.insert(0, node.token);
            at = usize::from(node.parent);
        }
        path
    }

    pub(super) fn edge_path(&self, edge: &Edge) -> Path {
        let mut path = self.path(usize::from(edge.parent));
        let _ = path.push(edge.token);
        path
    }

    /// The bytes of a node's path.
    pub(super) fn text(&self, vocab: &Vocab<'_>, at: usize) -> Text {
        append(vocab, Text::new(), &self.path(at)).unwrap_or_default()
    }

    /// The bytes of an edge's path; `None` if they are too many for a word.
    pub(super) fn edge_text(&self, vocab: &Vocab<'_>, edge: &Edge) -> Option<Text> {
        append(vocab, self.text(vocab, usize::from(edge.parent)), &[edge.token])
    }
}

/// Likeliest tokens, best first.
type Next = heapless::Vec<(LogProb, TokenId), MAX_NEXT, u8>;

/// Whether a token can be the first one of the word.
fn begins_word(bytes: &[u8], typed: &[u8]) -> bool {
    !bytes.is_empty() && fit(bytes, typed) != Fit::No && bytes.iter().skip(typed.len()).all(|&byte| is_word_byte(byte))
}

/// The same for both cases of a letter.
fn letter_class(byte: u8) -> usize {
    usize::from(byte) % N_CLASS
}
