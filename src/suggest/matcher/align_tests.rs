extern crate std;
use std::string::String;
use std::vec::Vec;
use std::{format, vec};

use super::super::{Keyboard, Keys, Spelled, Typed};
use super::*;
use crate::suggest::fixture::typed_on;

const ROWS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

fn typed(keys: &str) -> Typed<Aligned> {
    typed_on(&Keys::QWERTY, keys)
}

/// What a text costs as a start and as a whole, in eighths of a nat, and the bytes that stand for the keys.
fn costs(typed: &Typed<Aligned>, text: &str) -> Option<(i32, Option<i32>, usize)> {
    let mut spelled = Spelled::new();
    let fits = text.bytes().all(|byte| spelled.push(typed, byte)) && spelled.is_complete(typed);
    let start = spelled.cost(typed);
    fits.then(|| {
        (
            start >> COST_BITS,
            typed.cost_of_end(text.as_bytes()).map(|end| (start + end) >> COST_BITS),
            spelled.covered(),
        )
    })
}

fn are_near(one: char, other: char) -> bool {
    let place = |c| ROWS.iter().enumerate().find_map(|(y, row)| Some((row.find(c)? as f32 + y as f32 / 2.0, y as f32)));
    let (Some(a), Some(b)) = (place(one), place(other)) else { return false };
    one != other && (a.0 - b.0).abs() <= 1.0 && (a.1 - b.1).abs() <= 1.0
}

/// What a text costs as a start and as a whole, by a table of all letters and all keys.
fn plain_costs(keys: &str, text: &str) -> Option<(i32, Option<i32>)> {
    let (keys, text): (Vec<char>, Vec<char>) = (keys.chars().collect(), text.chars().collect());
    let max = if keys.len() < 8 { 76 } else { 116 };
    let at_first = |is_first: bool| if is_first { 16 } else { 0 };
    const NEVER: i32 = 10_000;
    let mut table = vec![vec![NEVER; keys.len() + 1]; text.len() + 1];
    for n in 0..=text.len() {
        for k in 0..=keys.len() {
            if n.abs_diff(k) > REACH {
                continue;
            }
            let mut least = if n + k == 0 { 0 } else { NEVER };
            if n > 1 {
                least = least.min(table[n - 1][k] + 39);
            }
            if k > 0 {
                let is_doubled = k == 1 || keys[k - 1] == keys[k - 2] || are_near(keys[k - 1], keys[k - 2]);
                let cost = if n == 0 && k > 1 {
                    NEVER
                } else if is_doubled {
                    58
                } else {
                    72
                };
                least = least.min(table[n][k - 1] + cost + at_first(n == 0));
            }
            if n > 0 && k > 0 {
                let (letter, key) = (text[n - 1], keys[k - 1]);
                let first = at_first(n == 1 && k == 1);
                let cost = if letter == key { 0 } else { first + if are_near(letter, key) { 47 } else { 72 } };
                least = least.min(table[n - 1][k - 1] + cost);
            }
            if n > 1 && k > 1 && text[n - 1] == keys[k - 2] && text[n - 2] == keys[k - 1] {
                least = least.min(table[n - 2][k - 2] + 43);
            }
            table[n][k] = if least > max && n > 0 { NEVER } else { least };
        }
    }
    let start = table[1..].iter().map(|row| row[keys.len()]).min()?;
    let whole = table[text.len()][keys.len()];
    (start < NEVER).then_some((start, (whole < NEVER).then_some(whole)))
}

#[test]
fn costs_are_those_of_the_whole_table() {
    let mut state = 1u32;
    let mut random = move |n: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % n
    };
    let (mut n_fit, mut n_whole) = (0, 0);
    for _ in 0..30_000 {
        let letters = ['e', 'r', 'd', 'a', 's', 'p', 'w'];
        let mut word = |n| (0..n).map(|_| letters[random(7) as usize]).collect::<Vec<_>>();
        let text = word(9);
        let mut keys = text.clone();
        let other = word(3);
        for (at, c) in other.into_iter().enumerate() {
            match random(4) {
                0 => keys[2 * at] = c,
                1 => _ = keys.remove(at),
                2 => keys.insert(at, c),
                _ => keys.swap(at, at + 1),
            }
        }
        keys.truncate(2 + random(9) as usize);
        let (text, keys): (String, String) = (text.iter().collect(), keys.iter().collect());
        let expected = plain_costs(&keys, &text);
        let found = costs(&typed(&keys), &text).map(|(start, whole, _)| (start, whole));
        assert_eq!(found, expected, "{keys} {text}");
        n_fit += usize::from(expected.is_some());
        n_whole += usize::from(expected.is_some_and(|(_, whole)| whole.is_some()));
    }
    assert!(n_fit > 3_000 && n_whole > 300 && n_fit < 29_000, "{n_fit} {n_whole}");
}

#[test]
fn slips_cost_what_they_are_rare() {
    for (keys, text, cost, covered) in [
        (" every", " everything", 0, 6),
        (" ebery", " every", 47, 6),
        (" evrey", " every", 43, 6),
        (" evry", " every", 39, 6),
        (" everry", " every", 58, 6),
        (" rvery", " every", 63, 6),
        (" evexy", " every", 72, 6),
        (" dont", " don't", 16, 6),
        (" ecole", " école", 8, 7),
        (" ECOLE", " école", 8, 7),
        (" e\u{301}coel", " école", 51, 7),
        ("прмвет", "привет", 47, 12),
    ] {
        let typed = if keys.is_ascii() {
            typed(keys)
        } else {
            typed_on(&Keys::with_slips(&["йцукенгшщзх", "фывапролджэ", "ячсмитьбю"]), keys)
        };
        let (start, whole, bytes) = costs(&typed, text).unwrap();
        let case = if text.as_bytes()[1] ^ keys.as_bytes()[1] == 0x20 { 8 } else { 0 };
        assert_eq!((start, bytes), (cost + case, covered), "{keys} {text}");
        assert_eq!(whole.is_some(), text != " everything", "{keys} {text}");
    }
    for (keys, text) in
        [(" evvbry", " every"), (" very", " every"), (" école", " ecole"), (" 3rd", " erd"), ("every", " every")]
    {
        assert_eq!(costs(&typed(keys), text), None, "{keys} {text}");
    }
}

#[test]
fn quick_looks_let_all_through_that_fits() {
    let texts = [" every", " rvery", " école", " Every", " veery", " x"];
    for (keys, text) in
        [" every", " evrey", " ev", " rvery", " very"].iter().flat_map(|keys| texts.map(|text| (*keys, text)))
    {
        let typed = typed(keys);
        let start = [text.as_bytes()[0], text.as_bytes()[1]];
        let mut spelled = Spelled::new();
        let fits = text.bytes().all(|byte| spelled.push(&typed, byte));
        assert!(!fits || typed.may_start(start) && typed.may_start([start[0], 0]), "{keys} {text}");
    }
    assert!(
        !typed(" every").may_start(*b" x") && !typed(" every").may_start(*b"ev") && !typed("every").may_start([0; 2])
    );
}

#[test]
fn a_key_of_several_letters_costs_nothing() {
    let typed = typed_on(&Keys::KEYPAD, " 4663");
    assert_eq!(costs(&typed, " good"), Some((0, Some(0), 5)));
    assert_eq!(costs(&typed, " homeless"), Some((0, None, 5)));
    assert_eq!(costs(&typed, " hopd"), None);
    assert_eq!(costs(&typed_on(&Keys::KEYPAD, " 3668"), " don't").map(|(cost, ..)| cost), Some(0));
    assert_eq!(costs(&typed_on(&Keys::KEYPAD, " 32653"), " école"), Some((8, Some(8), 7)));
}

#[test]
fn a_text_is_given_up_within_a_letter_only_if_it_is_none() {
    let typed = typed(" ecole");
    let mut spelled = Spelled::new();
    assert!(b" \xC3".iter().all(|&byte| spelled.push(&typed, byte)) && !spelled.may_end_token(&typed));
    assert!(spelled.push(&typed, 0xA9) && spelled.may_end_token(&typed));
    assert!(!spelled.push(&typed, 0x80), "a letter has no more bytes than it needs");
}

#[test]
fn keys_near_each_other_are_those_of_the_rows() {
    for (key, near) in [('q', "aw"), ('a', "qwsz"), ('s', "weadzx"), ('z', "asx"), ('m', "jkn"), ('p', "lo")] {
        let keyboard = Keys::QWERTY;
        for c in 'a'..='z' {
            let typed = typed(&format!(" tt{key}"));
            let cost = costs(&typed, &format!(" tt{c}")).map(|(cost, ..)| cost);
            let expected = if c == key {
                0
            } else if near.contains(c) {
                47
            } else {
                72
            };
            assert_eq!(cost.map(|cost| cost.min(72)), Some(expected), "{key} {c}");
        }
        assert!(keyboard.has_slips() && !Keys::KEYPAD.has_slips());
    }
}
