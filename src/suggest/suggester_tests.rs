extern crate std;
use std::string::String;
use std::vec;

use super::options::SuggestOptions;
use super::suggester::Suggester;
use crate::suggest::fixture::model;
use crate::{Buffers, Session};

/// No slice of the work is refused by the session, whatever is typed, deleted or pasted.
#[test]
fn the_session_refuses_nothing() {
    let model = model();
    let mut random = 1u32;
    let mut below = |n: u32| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 8) % n
    };
    for context in [1, 2, 5, 16] {
        let mut kv = vec![0; model.config().kv_words(context)];
        let mut scratch = vec![0; model.config().scratch_words(context)];
        let session = Session::new(&model, context, Buffers { kv: &mut kv, scratch: &mut scratch }).unwrap();
        let mut suggester = Suggester::new(session, SuggestOptions { budget: 3, ..SuggestOptions::DEFAULT });
        let mut text = String::new();
        for _ in 0..120 {
            match below(8) {
                0 => text.truncate(text.len() / 2),
                1 => text.push_str("hello there, how are you "),
                2 => drop(text.pop()),
                3 => text.push(' '),
                _ => text.push(char::from(b'a' + below(26) as u8)),
            }
            // Some texts are left before all work is done.
            for _ in 0..below(40) {
                assert!(suggester.advance(&text).is_ok(), "context {context}: {text:?}");
            }
        }
    }
}
