//! A user dictionary of any bytes is refused or holds words; what is learned comes back after saving.

use arbitrary::{Result, Unstructured};
use embedded_gpt::{SuggestOptions, Suggester, Suggestion, UserDictionary};

use crate::limit::within;
use crate::models::{self, Memory, text};
use crate::suggester::{assert_can_be_offered, assert_can_be_shown};

const CONTEXT: usize = 12;

/// Restores bytes, some of them made by a dictionary; then learns, saves and suggests.
pub fn check(input: &mut Unstructured<'_>) -> Result<()> {
    let mut bytes = vec![0; input.int_in_range(0..=1_500)?];
    let learned = text(input, 60)?;
    if let Ok(mut dictionary) = UserDictionary::new(&mut bytes) {
        within("learn", || dictionary.learn(&learned, |_| true));
        dictionary.save();
    }
    for _ in 0..input.int_in_range(0..=8)? {
        if !bytes.is_empty() {
            let at = input.choose_index(bytes.len())?;
            bytes[at] = input.arbitrary()?;
        }
    }
    let Ok(mut dictionary) = within("restore", || UserDictionary::restore(&mut bytes)) else { return Ok(()) };
    dictionary.words().for_each(assert_can_be_shown);
    let learned = text(input, 30)?;
    within("learn", || dictionary.learn(&learned, |_| false));
    let words: Vec<String> = dictionary.words().map(str::to_owned).collect();
    let mut saved = within("save", || dictionary.save()).to_vec();
    let restored = UserDictionary::restore(&mut saved).expect("what was saved just now");
    assert_eq!(restored.words().collect::<Vec<_>>(), words);
    suggest(restored, input)
}

fn suggest(dictionary: UserDictionary<'_>, input: &mut Unstructured<'_>) -> Result<()> {
    let file = models::any(input)?;
    let model = file.model().expect("a sound blob");
    let context = CONTEXT.min(model.config().n_ctx);
    let mut memory = Memory::new(model.config(), context, 1);
    let options = SuggestOptions { budget: 2, ..SuggestOptions::DEFAULT };
    let mut suggester = Suggester::new(memory.session(&model, context), options);
    suggester.set_user_dictionary(dictionary);
    let mut slots = [Suggestion::EMPTY; 16];
    let typed = text(input, 4)?;
    within("suggest", || suggester.suggest(&typed, &mut slots)).iter().for_each(assert_can_be_offered);
    Ok(())
}
