//! The text that is being written.

use heapless::String;

/// Longest line in bytes: that of a text message.
pub const MAX_LINE: usize = 160;
/// The line and those before it, which the model goes by, in bytes.
const MAX_TEXT: usize = 3 * MAX_LINE;

/// Lines of text, of which the last one is being written.
#[derive(Clone, Debug, Default)]
pub struct Message {
    text: String<MAX_TEXT>,
    line_start: usize,
    /// Whether the text ends with a space that nobody typed.
    has_given_space: bool,
}

impl Message {
    /// All of the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The last line.
    pub fn line(&self) -> &str {
        self.text.get(self.line_start..).unwrap_or_default()
    }

    /// Bytes of the text.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Where the last line begins.
    pub fn line_start(&self) -> usize {
        self.line_start
    }

    /// Adds to the line; false if it has no room.
    pub fn push(&mut self, more: &str) -> bool {
        let has_room = self.line().len() + more.len() <= MAX_LINE;
        if has_room {
            let _ = self.text.push_str(more);
            self.has_given_space = false;
        }
        has_room
    }

    /// Adds a space, unless there is one.
    pub fn push_space(&mut self) {
        if !self.has_given_space {
            self.push(" ");
        }
    }

    /// Adds a space behind a word or a sign, for which a sign behind it makes way.
    pub fn give_space(&mut self) {
        self.has_given_space = self.push(" ");
    }

    /// Takes such a space away.
    pub fn take_given_space(&mut self) {
        if core::mem::take(&mut self.has_given_space) {
            self.text.pop();
        }
    }

    /// Puts something in the place of the end of the line; false if there is no room, and nothing has changed.
    pub fn replace_from(&mut self, start: usize, end: &str) -> bool {
        let start = start.max(self.line_start);
        let has_room = start - self.line_start + end.len() <= MAX_LINE && self.text.is_char_boundary(start);
        if has_room {
            self.text.truncate(start);
            let _ = self.text.push_str(end);
            self.has_given_space = false;
        }
        has_room
    }

    /// Takes the last character of the line away.
    pub fn pop(&mut self) {
        self.has_given_space = false;
        if !self.line().is_empty() {
            self.text.pop();
        }
    }

    /// Ends the line, and gives it. The oldest text makes room for the next one.
    pub fn end_line(&mut self) -> &str {
        self.take_given_space();
        let _ = self.text.push('\n');
        if self.text.len() + MAX_LINE >= MAX_TEXT {
            let kept = self.text.get(self.line_start..).and_then(|kept| String::try_from(kept).ok());
            self.text = kept.unwrap_or_default();
            self.line_start = 0;
        }
        let line_start = core::mem::replace(&mut self.line_start, self.text.len());
        self.text.get(line_start..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_space_makes_way_and_another_stays() {
        let mut message = Message::default();
        message.push("hello");
        message.give_space();
        message.push_space();
        assert_eq!(message.line(), "hello ");
        message.take_given_space();
        message.take_given_space();
        assert_eq!(message.line(), "hello");
    }

    #[test]
    fn lines_are_full_at_some_point_and_the_oldest_make_room() {
        let mut message = Message::default();
        for i in 0..20 {
            while message.push("abcdefghij") {}
            assert_eq!(message.line().len(), MAX_LINE);
            assert!(!message.replace_from(message.len(), "x"));
            assert!(message.end_line().ends_with("j\n"), "line {i}");
            message.pop();
            assert_eq!(message.line(), "");
        }
    }
}
