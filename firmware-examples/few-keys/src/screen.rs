//! A display of two rows, drawn on a terminal.

use core::fmt::{self, Write};

/// Columns of the display.
const WIDTH: usize = 40;

/// Draws a row of text and one of words over what was drawn before. The end of `word` and `text` is seen; `chosen`
/// says which word stands out.
pub fn draw<'w>(
    out: &mut impl Write,
    [text, word]: [&str; 2],
    words: impl Iterator<Item = &'w str>,
    chosen: usize,
) -> fmt::Result {
    let n_word = word.chars().count();
    let hidden = (text.chars().count() + n_word + 1).saturating_sub(WIDTH);
    write!(out, "\r\x1b[J")?;
    text.chars().skip(hidden).try_for_each(|char| out.write_char(char))?;
    write!(out, "\x1b[4m{word}\x1b[0m\r\n")?;
    let mut column = 0;
    for (i, word) in words.enumerate() {
        column += word.chars().count() + 1;
        if column > WIDTH {
            break;
        }
        if i == chosen { write!(out, "\x1b[7m{word}\x1b[0m ")? } else { write!(out, "{word} ")? }
    }
    let column = (text.chars().count() + n_word).saturating_sub(hidden);
    write!(out, "\x1b[A\r")?;
    if column > 0 { write!(out, "\x1b[{column}C") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_no_wider_than_the_display() {
        let mut drawn = String::new();
        draw(&mut drawn, [&"x".repeat(60), "yz"], ["words"; 20].into_iter(), 1).unwrap();
        let plain = drawn.replace("\x1b[J", "").replace("\x1b[4m", "").replace("\x1b[7m", "").replace("\x1b[0m", "");
        let rows: Vec<_> = plain.split("\r\n").collect();
        assert!(rows[0].ends_with("xyz") && rows[0].trim().len() < WIDTH, "{rows:?}");
        assert!(drawn.contains("words \x1b[7mwords\x1b[0m words") && rows[1].len() < WIDTH + 8, "{rows:?}");
    }

    #[test]
    fn an_empty_line_leaves_the_cursor_at_its_start() {
        let mut drawn = String::new();
        draw(&mut drawn, ["", ""], [].into_iter(), 0).unwrap();
        assert!(drawn.ends_with("\x1b[A\r"), "{drawn:?}");
    }
}
