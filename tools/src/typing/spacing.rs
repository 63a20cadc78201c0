//! The space that comes with a suggestion, and the signs that take its place.

/// What became of the space behind the last word that was accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Space {
    /// Nothing is to be done about it.
    #[default]
    Settled,
    /// The space is the last character of the text.
    Open,
    /// The last character, a colon or semicolon, took its place.
    Taken,
}

/// Whether a character follows a word without a space. Quotes close if there is one to close on the line.
pub(super) fn closes_up(c: char, line: &str) -> bool {
    match c {
        '"' => line.matches('"').count() % 2 == 1,
        '.' | ',' | '!' | '?' | ':' | ';' | ')' | ']' | '}' | '%' | '\'' | '…' | '’' | '”' | '»' => true,
        _ => false,
    }
}

/// Whether a character makes a face of the colon before it, which has its space then.
pub(super) fn is_mouth(c: char) -> bool {
    matches!(c, ')' | '(' | 'D' | 'P' | 'p' | 'o' | 'O' | '-' | '/' | '|' | '\'' | '3' | '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_close_what_is_open() {
        assert!(closes_up('"', "she said \"hello "));
        assert!(!closes_up('"', "she said "));
        assert!(!closes_up('"', "\"hi\" said "));
        assert!(closes_up(',', "") && !closes_up('(', "") && !closes_up('-', "") && !closes_up('a', ""));
    }
}
