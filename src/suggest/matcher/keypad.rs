//! A second rule, which shows that search and ranker do not know the first: keys with several letters, as on a phone
//! of old.

use super::Rule;
use crate::suggest::log_prob::LogProb;

const LETTERS: [&str; 8] = ["abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"];

/// Keys 2 to 9 stand for three or four letters each; others for themselves.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::suggest) struct Keypad;

fn letters(key: u8) -> &'static [u8] {
    let at = usize::from(key).wrapping_sub(usize::from(b'2'));
    LETTERS.get(at).map_or(&[], |letters| letters.as_bytes())
}

fn may_be(key: u8, byte: u8) -> bool {
    key == byte || letters(key).contains(&byte.to_ascii_lowercase())
}

impl Rule for Keypad {
    type State = usize;

    fn take(&self, at: &mut usize, keys: &[u8], text: &[u8]) -> bool {
        let Some(&key) = keys.get(*at) else { return true };
        *at += 1;
        may_be(key, *text.last().unwrap())
    }

    fn is_complete(&self, &at: &usize, keys: &[u8]) -> bool {
        at >= keys.len()
    }

    fn cost(&self, _: &usize, _: &[u8], _: &[u8]) -> LogProb {
        0
    }

    fn may_end_token(&self, _: &usize, _: &[u8]) -> bool {
        true
    }

    fn may_take(&self, &at: &usize, keys: &[u8], byte: u8) -> bool {
        keys.get(at).is_none_or(|&key| may_be(key, byte))
    }

    fn may_start(&self, keys: &[u8], start: [u8; 2]) -> bool {
        start[0] != 0 && start.iter().zip(keys).all(|(&byte, &key)| byte == 0 || may_be(key, byte))
    }

    fn first_classes(&self, typed: &[u8]) -> u32 {
        let class = |&letter: &u8| 1 << crate::text::byte_class(letter);
        typed.first().map_or(1, |&key| letters(key).iter().map(class).sum())
    }

    fn written<'w>(&self, _: &'w [u8], word_start: &'w [u8]) -> &'w [u8] {
        word_start
    }
}
