//! The device's own suggestions, offered to the simulated typist.

use anyhow::Result;
use embedded_gpt::{Keys, Model, SuggestOptions, Suggester, Suggestion, UserDictionary};

use super::ksr::MAX_SLOTS;
use super::steps::Steps;
use super::typed_text::TypedText;
use super::typing::{self, N_PARTS, Part, Typing};
use crate::session_memory::SessionMemory;

/// Characters of context that are kept when its start moves, about.
const KEPT: usize = 200;

/// How the suggestions are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Context in tokens; what the model was trained for if `None`.
    pub context: Option<usize>,
    /// Decode steps of the search after a keystroke.
    pub budget: u16,
    /// Whether a word that was shown and not taken is not offered again.
    pub is_new_only: bool,
    /// Bytes for the words of the typist, which are learned line by line; nothing is learned if 0.
    pub user_dictionary: usize,
    /// What the keys stand for.
    pub keys: Keys<'static>,
}

/// Types a text with the suggestions of a blob; counts what that saves, and the decode steps of each query.
///
/// Threads type parts of the text. The typist's context does not suffer from that: a part begins with what was typed
/// before it, as if it had typed that itself. Learned words would: one thread types all then.
///
/// # Errors
/// If a session with this context cannot be had.
pub fn type_text(model: &Model<'_>, text: &TypedText, settings: Settings) -> Result<Typing> {
    let n_part = if settings.user_dictionary > 0 { 1 } else { N_PARTS };
    let type_all = |most_shown| typing::in_parts(text, n_part, |part| type_part(model, part, most_shown, settings));
    if settings.is_new_only { typing::for_each_slots(type_all) } else { type_all(MAX_SLOTS) }
}

fn type_part(model: &Model<'_>, part: Part<'_>, most_shown: usize, settings: Settings) -> Result<Typing> {
    let mut memory = SessionMemory::new(model.config(), settings.context);
    let options = SuggestOptions { budget: settings.budget, new_only: settings.is_new_only, ..SuggestOptions::DEFAULT };
    let mut suggester = Suggester::with_keyboard(memory.session(model)?, options, settings.keys);
    let mut learned = vec![0; settings.user_dictionary];
    if settings.user_dictionary > 0 {
        suggester.set_user_dictionary(UserDictionary::new(&mut learned)?);
    }
    let mut last_line = String::new();
    let mut start = StableStart::default();
    let mut steps = Steps::default();
    let mut typing = part.type_words(most_shown, &mut |context: &str, prefix: &str, k: usize| {
        let line = context.trim_end().rsplit('\n').next().unwrap_or_default();
        if context.ends_with('\n') && line != last_line {
            suggester.learn(&format!("{line}\n"));
            line.clone_into(&mut last_line);
        }
        let before = suggester.decode_steps();
        let mut slots = [Suggestion::EMPTY; MAX_SLOTS];
        let typed = format!("{}{prefix}", start.cut(context));
        let found = suggester.suggest(&typed, &mut slots[..k.min(MAX_SLOTS)]);
        let words = found.iter().map(|suggestion| suggestion.as_str().to_owned()).collect();
        steps.add(suggester.decode_steps().wrapping_sub(before));
        Ok(words)
    })?;
    typing.steps = steps;
    Ok(typing)
}

/// Shortens contexts so that successive ones start at the same place for as long as possible: a suggester
/// keeps what it has read only while the start of its text stays.
///
/// A context never reaches back before a blank line, where a conversation starts.
#[derive(Debug, Default)]
pub(super) struct StableStart {
    last: String,
}

impl StableStart {
    pub(super) fn cut<'c>(&mut self, context: &'c str) -> &'c str {
        let context = conversation(context);
        let start = context.find(&self.last).unwrap_or_else(|| move_start(context));
        self.last.clear();
        self.last.push_str(&context[start..]);
        &context[start..]
    }
}

/// The text from its last blank line on, where a conversation starts: models learn conversations one by one.
pub fn conversation(text: &str) -> &str {
    &text[text.rfind("\n\n").map_or(0, |at| at + 2)..]
}

/// Start of the last 200 characters or so, at the start of a message if one is near, else of a word.
fn move_start(context: &str) -> usize {
    let Some((at, _)) = context.char_indices().nth_back(KEPT - 1) else { return 0 };
    let kept = &context[at..];
    let message = kept.find('\n').filter(|&newline| kept[..newline].chars().count() < KEPT / 2);
    at + message.or(kept.find(' ')).map_or(0, |before| before + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_stays_while_the_text_grows() {
        let mut start = StableStart::default();
        assert_eq!(start.cut(""), "");
        assert_eq!(start.cut("see "), "see ");
        assert_eq!(start.cut("see you "), "see you ");
        assert_eq!(start.cut("see you \n\n"), "");
        assert_eq!(start.cut("see you \n\nhi "), "hi ");
    }

    #[test]
    fn as_many_characters_are_kept_in_every_script() {
        for letter in ["a", "д", "日"] {
            let words = format!("{} ", letter.repeat(4)).repeat(80);
            assert_eq!(StableStart { last: "none".into() }.cut(&words).chars().count(), 195);
        }
    }

    #[test]
    fn a_sliding_context_moves_its_start_seldom() {
        let text: String = (0..500).map(|i| format!("w{i} ")).collect();
        let mut start = StableStart::default();
        let mut starts = Vec::new();
        for end in (400..text.len()).filter(|&end| text[..end].ends_with(' ')) {
            let cut = start.cut(&text[end - 400..end]);
            assert!(cut.len() >= KEPT - 5 && cut.starts_with('w') || starts.is_empty(), "{cut:?}");
            starts.push(end - cut.len());
        }
        assert!(starts.is_sorted());
        let n_words = starts.len();
        starts.dedup();
        assert!(starts.len() * 30 < n_words, "{} starts for {n_words} words", starts.len());
    }
}
