//! Where the lines of a text break on a screen.
//!
//! `textwrap` gives rows without the spaces at their ends, but the cursor needs the place of every byte, so this is our
//! own.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Bytes of each row of at most `width` columns; breaks after spaces where it can. Spaces at the end of a row may hang
/// over its edge.
pub(super) fn wrap(text: &str, width: usize) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        wrap_line(line, start, width.max(1), &mut rows);
        start += line.len() + 1;
    }
    rows
}

fn wrap_line(line: &str, offset: usize, width: usize, rows: &mut Vec<Range<usize>>) {
    let (mut start, mut after_space, mut column) = (0, 0, 0);
    for (at, piece) in line.grapheme_indices(true) {
        if piece == " " {
            column += 1;
            after_space = at + 1;
            continue;
        }
        if column + piece.width() > width && at > start {
            let end = if after_space > start { after_space } else { at };
            rows.push(offset + start..offset + end);
            start = end;
            column = line[start..at].width();
        }
        column += piece.width();
    }
    rows.push(offset + start..offset + line.len());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, width: usize) -> Vec<&str> {
        wrap(text, width).into_iter().map(|row| &text[row]).collect()
    }

    #[test]
    fn rows_break_after_spaces_or_else_in_words() {
        assert_eq!(rows("see you tomorrow", 8), ["see you ", "tomorrow"]);
        assert_eq!(rows("a tomorrow", 4), ["a ", "tomo", "rrow"]);
        assert_eq!(rows("ab  c", 2), ["ab  ", "c"]);
        assert_eq!(rows("a\n\nb\n", 5), ["a", "", "b", ""]);
        assert_eq!(rows("", 5), [""]);
        assert_eq!(rows("日本語", 4), ["日本", "語"]);
        assert_eq!(rows("日本", 1), ["日", "本"], "too wide for any row");
        assert_eq!(rows("abc", 0), ["a", "b", "c"]);
    }
}
