//! The text so far, which of it suggestions brought, and what that saved.

use unicode_segmentation::UnicodeSegmentation;

/// A text that is written at its end, and the keystrokes that it took.
///
/// Without suggestions a person would have pressed the keys that typed and corrected letters, and one for each
/// character that suggestions brought and that is still there. So keystrokes are counted as in
/// [`ksr`](egpt_core::eval::ksr), and a wrong suggestion that is taken back costs what it cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    text: String,
    /// Whether a suggestion brought it, for each byte of the text.
    brought: Vec<bool>,
    /// Keys pressed.
    n_pressed: usize,
    /// Keys pressed that would have been pressed without suggestions, too.
    n_own: usize,
    /// Characters that suggestions brought to texts that are finished.
    n_settled: usize,
}

impl Draft {
    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a suggestion brought the character at a byte of the text.
    pub fn is_brought(&self, at: usize) -> bool {
        self.brought.get(at).is_some_and(|&is_brought| is_brought)
    }

    /// Keystrokes so far.
    pub fn n_pressed(&self) -> usize {
        self.n_pressed
    }

    /// Keystrokes that the same would have taken without suggestions.
    pub fn n_without(&self) -> usize {
        self.n_own + self.n_settled + self.n_brought()
    }

    /// Keystrokes saved; fewer than none if suggestions were taken in vain.
    pub fn n_saved(&self) -> isize {
        self.n_without() as isize - self.n_pressed as isize
    }

    /// Keystrokes saved, in percent.
    pub fn percent_saved(&self) -> f64 {
        100.0 * self.n_saved() as f64 / self.n_without().max(1) as f64
    }

    fn n_brought(&self) -> usize {
        self.text.char_indices().filter(|&(at, _)| self.brought[at]).count()
    }

    /// Counts a key; `is_own` if it would be pressed without suggestions, too.
    pub(super) fn press(&mut self, is_own: bool) {
        self.n_pressed += 1;
        self.n_own += usize::from(is_own);
    }

    /// Writes at the end.
    pub(super) fn push(&mut self, text: &str, is_brought: bool) {
        self.text.push_str(text);
        self.brought.resize(self.text.len(), is_brought);
    }

    /// Writes the suggested word in the place of the letters typed of it, which begin at a byte of the text.
    pub(super) fn replace_from(&mut self, start: usize, word: &str) {
        let typed = self.text[start..].chars().count();
        let kept = word.char_indices().nth(typed).map_or(word.len(), |(at, _)| at);
        self.truncate(start);
        let (own, brought) = word.split_at(kept);
        self.push(own, false);
        self.push(brought, true);
    }

    /// Cuts the text; whether any of what is gone had been typed.
    pub(super) fn truncate(&mut self, len: usize) -> bool {
        let is_own = self.brought[len..].iter().any(|is_brought| !is_brought);
        self.text.truncate(len);
        self.brought.truncate(len);
        is_own
    }

    /// The last character becomes one that was typed.
    pub(super) fn own_last(&mut self) {
        self.brought.last_mut().into_iter().for_each(|is_brought| *is_brought = false);
    }

    /// Takes the last character, as it is seen, away.
    pub(super) fn backspace(&mut self) {
        if let Some((start, _)) = self.text.grapheme_indices(true).next_back() {
            let is_own = self.truncate(start);
            self.press(is_own);
        }
    }

    /// Takes the last word and the white space after it away; or a line end.
    pub(super) fn delete_word(&mut self) {
        let is_blank = |c: char| c.is_whitespace() && c != '\n';
        let trimmed = self.text.trim_end_matches(is_blank);
        let start = match trimmed.strip_suffix('\n') {
            Some(before) if trimmed.len() == self.text.len() => before.len(),
            _ => trimmed.trim_end_matches(|c: char| !c.is_whitespace()).len(),
        };
        if start < self.text.len() {
            let is_own = self.truncate(start);
            self.press(is_own);
        }
    }

    /// Begins a new text; what was saved so far stays counted.
    pub(super) fn clear(&mut self) {
        self.n_settled += self.n_brought();
        self.text.clear();
        self.brought.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Draft {
        let mut draft = Draft::default();
        for c in text.chars() {
            draft.press(true);
            draft.push(c.encode_utf8(&mut [0; 4]), false);
        }
        draft
    }

    #[test]
    fn a_word_that_is_taken_back_saves_nothing() {
        let mut draft = typed("see tom");
        draft.press(false);
        draft.replace_from(4, "Tomorrow");
        assert_eq!((draft.text(), draft.n_pressed(), draft.n_without()), ("see Tomorrow", 8, 12));
        (0..5).for_each(|_| draft.backspace());
        assert_eq!((draft.text(), draft.n_saved()), ("see Tom", 7 - 13));
        draft.backspace();
        assert_eq!((draft.text(), draft.n_saved()), ("see To", 7 - 13), "a typed letter would be corrected anyway");
    }

    #[test]
    fn words_are_deleted_with_the_space_behind_them() {
        let mut draft = typed("a well-known man's  \n");
        let mut left = Vec::new();
        while !draft.text().is_empty() {
            draft.delete_word();
            left.push(draft.text().to_owned());
        }
        assert_eq!(left, ["a well-known man's  ", "a well-known ", "a ", ""]);
        draft.delete_word();
        draft.backspace();
        assert_eq!(draft.n_pressed(), 21 + 4);
    }

    #[test]
    fn what_looks_like_one_character_goes_at_once() {
        let mut draft = typed("ae\u{301}👩‍🚀");
        draft.backspace();
        assert_eq!(draft.text(), "ae\u{301}");
        draft.backspace();
        assert_eq!(draft.text(), "a");
    }

    #[test]
    fn savings_outlive_their_text() {
        let mut draft = typed("t");
        draft.press(false);
        draft.replace_from(0, "tomorrow");
        let before = (draft.n_pressed(), draft.n_without());
        draft.clear();
        assert_eq!((draft.text(), draft.n_pressed(), draft.n_without()), ("", before.0, before.1));
        assert!((draft.percent_saved() - 75.0).abs() < 1e-9, "{draft:?}");
    }
}
