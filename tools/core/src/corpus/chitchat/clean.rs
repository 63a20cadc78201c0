//! Cleaning of one message: plain ASCII on one line, or nothing.

use unicode_normalization::UnicodeNormalization;

/// The message as the corpus holds it, or `None` where the corpus does without it: nothing left to
/// read, an address, or too much that is not ASCII.
pub(super) fn clean(message: &str) -> Option<String> {
    let text = single_spaced(&plain_punctuation(message));
    if has_address(&text) {
        return None;
    }
    let ascii: String = text.chars().filter(char::is_ascii).collect();
    let ascii = ascii.trim_matches(' ');
    if (ascii.len() as f64) < 0.9 * text.chars().count() as f64 {
        return None;
    }
    let line = shorten_runs(ascii);
    line.contains(|c: char| c.is_ascii_alphabetic()).then_some(line)
}

/// Compatibility forms (NFKC) and ASCII for the quotes, dashes and ellipsis of phones.
fn plain_punctuation(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    for c in message.nfkc() {
        match c {
            '\u{2018}' | '\u{2019}' => text.push('\''),
            '\u{201c}' | '\u{201d}' => text.push('"'),
            '\u{2026}' => text.push_str("..."),
            '\u{2013}' | '\u{2014}' => text.push('-'),
            _ => text.push(c),
        }
    }
    text
}

/// Makes every run of whitespace one space, with none at the ends.
fn single_spaced(text: &str) -> String {
    // The reference split counts the four ASCII separators as whitespace, which Unicode does not.
    let space = |c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c);
    text.split(space).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Whether a link or an e-mail address occurs.
fn has_address(text: &str) -> bool {
    ["http://", "https://", "www."].iter().any(|link| text.contains(link)) || text.split(' ').any(has_email)
}

/// Whether something stands before an `@`, between it and a later dot, and after that dot.
fn has_email(word: &str) -> bool {
    let at = word.char_indices().skip(1).find(|&(_, c)| c == '@');
    let Some((at, _)) = at else { return false };
    let domain = &word[at + 1..];
    let dot = domain.char_indices().rev().skip(1).find(|&(_, c)| c == '.');
    dot.is_some_and(|(dot, _)| dot > 0)
}

/// Cuts a run of five or more of one character to three.
fn shorten_runs(ascii: &str) -> String {
    let mut line = String::with_capacity(ascii.len());
    for run in ascii.as_bytes().chunk_by(|a, b| a == b) {
        let length = if run.len() >= 5 { 3 } else { run.len() };
        line.extend(run[..length].iter().map(|&byte| byte as char));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::clean;

    fn cleaned(message: &str) -> String {
        clean(message).unwrap_or_else(|| panic!("dropped: {message:?}"))
    }

    #[test]
    fn makes_phone_punctuation_ascii() {
        assert_eq!(cleaned("“it’s” ‘fine’ – or — not…"), "\"it's\" 'fine' - or - not...");
        assert_eq!(cleaned("ｆｕｌｌ ﬁt"), "full fit");
    }

    #[test]
    fn makes_every_run_of_whitespace_one_space() {
        assert_eq!(cleaned("\u{1c}a\u{a0}\u{1f}\t\r\nb\u{2003}\u{85} c "), "a b c");
    }

    #[test]
    fn keeps_the_gap_that_a_dropped_character_leaves_inside_and_not_at_the_end() {
        assert_eq!(
            cleaned("so good \u{1f600} is it not right my friend \u{1f600}"),
            "so good  is it not right my friend"
        );
    }

    #[test]
    fn drops_links_and_e_mail_addresses() {
        for message in ["see http://a", "see https://a", "www.a", "hi me@home.org", "a@@b.c", "a@b..c", "a@b.c."] {
            assert_eq!(clean(message), None, "{message}");
        }
        for message in ["@home.org", "a@.b", "a@b.", "a @b.c", "a@b .c", "a@b", "http:/a"] {
            assert_eq!(cleaned(message), message);
        }
    }

    #[test]
    fn drops_what_is_less_than_nine_tenths_ascii() {
        assert_eq!(cleaned("nine of ten ok\u{1f600}"), "nine of ten ok");
        assert_eq!(clean("abcdefgh\u{1f600}"), None);
        assert_eq!(cleaned("abcdefghi\u{1f600}"), "abcdefghi");
    }

    #[test]
    fn drops_what_has_no_letter() {
        for message in ["", " \n", "1234 :)", "\u{1f600}"] {
            assert_eq!(clean(message), None, "{message}");
        }
    }

    #[test]
    fn cuts_runs_of_five_and_more_to_three() {
        assert_eq!(cleaned("soooo sooooo noooooooo"), "soooo sooo nooo");
        assert_eq!(cleaned("what?????!!!!"), "what???!!!!");
    }
}
