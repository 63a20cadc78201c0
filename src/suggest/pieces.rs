//! Where the last piece of a text in a script without spaces begins: its last token may become another with the next
//! letter, so that it is spelled again by the search.

use super::cut::Cut;
use super::reader::char_start;
use crate::Vocab;
use crate::part::{head, sides, tail};
use crate::text::{BytesIn, Reads, is_letter, trim_end};

/// Most bytes that it may have, which leaves room for a piece.
const MAX_OPEN: usize = 15;
/// Bytes at the end of the text that are made tokens of.
const MAX_BYTES: usize = 48;

/// Cuts a text before its last token, if that is letters, or the space before them.
#[inline(never)]
pub(super) fn cut<'t>(vocab: &Vocab<'_>, reads: Reads, text: &'t str) -> Cut<'t> {
    let text = text.as_bytes();
    let before = trim_end(text, is_letter);
    // A token may begin with the space before its word.
    let run = tail(text, before.len() - usize::from(before.ends_with(b" ")));
    let run = tail(run, char_start(run, (run.len() + 3).saturating_sub(MAX_BYTES)));
    let (mut bytes, mut n) = ([0; MAX_BYTES], 0);
    for (slot, byte) in bytes.iter_mut().zip(BytesIn::new(run, reads)) {
        (*slot, n) = (byte, n + 1);
    }
    let mut room = [0; MAX_BYTES + 1];
    // Letters of which the vocabulary reads others, of another length, are not counted.
    let ids = if n == run.len() { vocab.tokens(head(&bytes, n), false, &mut room) } else { None };
    let ids = ids.unwrap_or_default();
    let n_open = ids.last().map_or(0, |&token| vocab.token_len(token));
    let n_open = if n_open > MAX_OPEN { 0 } else { n_open };
    // A token may begin within a character.
    let (context, typed) = sides(text, text.len() - run.len() + char_start(run, run.len().saturating_sub(n_open)));
    Cut { context, typed }
}
