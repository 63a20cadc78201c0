//! A suggester offers words that can be shown, and for a text the same ones whatever was typed before it.

use arbitrary::{Result, Unstructured};
use embedded_gpt::{Progress, SuggestOptions, Suggester, Suggestion, UserDictionary};

use crate::limit::within;
use crate::models::{self, Memory, text};

/// Longer texts slide out of the context, and may leave traces.
const CONTEXT: usize = 16;
const MAX_TYPED: usize = 4;

/// Types and deletes, then compares with a suggester that sees the text for the first time.
pub fn check(input: &mut Unstructured<'_>) -> Result<()> {
    let file = models::any(input)?;
    let model = file.model().expect("a sound blob");
    let context = CONTEXT.min(model.config().n_ctx);
    let mut memories = [Memory::new(model.config(), context, 1), Memory::new(model.config(), context, 1)];
    let [used, fresh] = &mut memories;
    let options = SuggestOptions {
        budget: input.int_in_range(0..=9)?,
        min_percent: input.int_in_range(0..=3)?,
        ..Default::default()
    };
    let mut used = Suggester::new(used.session(&model, context), options);
    let mut fresh = Suggester::new(fresh.session(&model, context), options);
    let mut dictionaries = [[0; 256]; 2];
    if input.arbitrary()? {
        let learned = text(input, 20)?;
        for (suggester, bytes) in [&mut used, &mut fresh].into_iter().zip(&mut dictionaries) {
            suggester.set_user_dictionary(UserDictionary::new(bytes).expect("enough room"));
            suggester.learn(&learned);
        }
    }
    let mut typed = String::new();
    for _ in 0..input.int_in_range(0..=12)? {
        edit(&mut typed, input)?;
        if input.ratio(1, 6)? {
            // A keystroke that comes before the work for the last one is done.
            let _ = within("poll", || used.poll(&typed));
        } else {
            suggest(&mut used, &typed);
        }
    }
    // Words that were typed letter by letter were searched deeper, so a text with another context comes in between.
    suggest(&mut used, "%\n%\n% ");
    let typed = text(input, MAX_TYPED)?;
    if model.vocab().encode(&typed, &mut [0; 64]).is_ok_and(|ids| ids.len() < context / 2) {
        assert_eq!(suggest(&mut used, &typed), suggest(&mut fresh, &typed), "for {typed:?}");
    }
    Ok(())
}

fn edit(typed: &mut String, input: &mut Unstructured<'_>) -> Result<()> {
    match input.int_in_range(0..=7u8)? {
        0 => typed.clear(),
        1 | 2 => {
            typed.pop();
        }
        _ => typed.push_str(&text(input, 1)?),
    }
    Ok(())
}

fn suggest(suggester: &mut Suggester<'_>, text: &str) -> Vec<(String, i32)> {
    let mut slots = [Suggestion::EMPTY; 3];
    while within("poll", || suggester.poll(text)) == Progress::Working {
        suggester.best(&mut slots).iter().for_each(assert_can_be_offered);
    }
    let found = within("best", || suggester.best(&mut slots));
    found.iter().for_each(assert_can_be_offered);
    let words: Vec<_> = found.iter().map(|word| (word.as_str().to_owned(), word.log_prob())).collect();
    let is_twice = |(i, word): (usize, &(String, i32))| words[..i].iter().any(|other| other.0 == word.0);
    assert!(!words.iter().enumerate().any(is_twice), "{words:?} for {text:?}");
    words
}

/// An offered word is text that people can read.
pub fn assert_can_be_offered(word: &Suggestion) {
    assert_can_be_shown(word.as_str());
}

/// A word, wherever it is kept, is text that people can read.
pub fn assert_can_be_shown(word: &str) {
    assert!(!word.is_empty() && !word.chars().any(|c| c.is_control() || c.is_whitespace()), "{word:?} is no word");
}
