//! A text as a person types it: lines of words with the punctuation around them.

use std::ops::Range;

use embedded_gpt::text::{is_letter, is_word_char};

use super::percent::percent;

/// Characters before a word that a predictor gets to see.
const CONTEXT_CHARS: usize = 400;
/// Words to the next document, at most, for a text to be parted there.
const MAX_SHIFT: usize = 200;

/// A stream of messages, one per line, ready to be typed again.
///
/// Runs of white space are one space each, lines have none at their ends; empty lines stay.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TypedText {
    text: String,
    places: Vec<Place>,
    lines: Vec<Line>,
    n_char: usize,
    n_in_words: usize,
}

/// A line that is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Keystrokes without any help.
    pub n_keys: usize,
    /// The document it is in, from 0: blank lines separate them.
    pub document: usize,
}

/// The place of a word in the text.
#[derive(Clone, Debug, PartialEq)]
struct Place {
    core: Range<usize>, // bytes
    has_trail: bool,
    ends_line: bool,
    starts_line: bool,
    line: usize,
}

/// A word to type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'t> {
    /// What was typed before it, at most 400 characters.
    pub context: &'t str,
    /// The end of that: all that stands between the word before and this one.
    pub gap: &'t str,
    /// The word itself, as [`split_token`] finds it.
    pub core: &'t str,
    /// Whether punctuation follows before the next space.
    pub has_trail: bool,
    /// Whether it is in the last token of its line.
    pub ends_line: bool,
    /// Whether it is in the first token of its line.
    pub starts_line: bool,
    /// The line it is in, of [`TypedText::lines`].
    pub line: usize,
}

impl TypedText {
    /// Takes whole lines until `limit_words` words are reached; all of them without a limit.
    pub fn new(text: &str, limit_words: Option<usize>) -> Self {
        let mut typed = Self::default();
        for line in text.split('\n') {
            typed.push_line(line);
            if limit_words.is_some_and(|limit| typed.places.len() >= limit) {
                break;
            }
        }
        typed
    }

    fn push_line(&mut self, line: &str) {
        let mut tokens = line.split(is_space).filter(|token| !token.is_empty()).peekable();
        let mut starts_line = true;
        let mut n_keys = 0;
        let is_after_blank = self.text.ends_with("\n\n");
        let document = self.lines.last().map_or(0, |line| line.document + usize::from(is_after_blank));
        while let Some(token) = tokens.next() {
            let ends_line = tokens.peek().is_none();
            let (lead, core, trail) = split_token(token);
            let start = self.text.len() + lead.len();
            self.n_char += token.chars().count();
            self.n_in_words += core.chars().count();
            if !core.is_empty() {
                let has_trail = !trail.is_empty();
                let line = self.lines.len();
                self.places.push(Place { core: start..start + core.len(), has_trail, ends_line, starts_line, line });
            }
            self.text.push_str(token);
            self.text.push_str(if ends_line { "" } else { " " });
            n_keys += token.chars().count() + 1; // the space after it, or the line's end
            starts_line = false;
        }
        if n_keys > 0 {
            self.lines.push(Line { n_keys, document });
        }
        self.text.push('\n');
    }

    /// Number of words.
    pub fn n_words(&self) -> usize {
        self.places.len()
    }

    /// Keystrokes without any help: every character, and one at the end of each line that has some.
    pub fn n_keys(&self) -> usize {
        self.lines.iter().map(|line| line.n_keys).sum()
    }

    /// Characters that are in no word, in percent of all but white space; 0 of none. They are typed, but tell nothing
    /// of suggestions.
    pub fn in_no_word(&self) -> f64 {
        percent(self.n_char - self.n_in_words, self.n_char)
    }

    /// The lines that are not empty.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The word at which to part a text near a given one: the first of the next document, where nothing before it
    /// matters, if that is not far; else the word itself.
    pub fn document_start(&self, word: usize) -> usize {
        let document = |place: &Place| self.lines[place.line].document;
        let Some(before) = word.checked_sub(1).and_then(|before| self.places.get(before)) else { return word };
        let near = &self.places[word..(word + MAX_SHIFT).min(self.n_words())];
        near.iter().position(|place| document(place) != document(before)).map_or(word, |shift| word + shift)
    }

    /// A range of the words, in order.
    ///
    /// # Panics
    /// If the range reaches past the last word.
    pub fn words(&self, range: Range<usize>) -> impl Iterator<Item = Word<'_>> {
        let start = range.start;
        self.places[range].iter().enumerate().map(move |(i, place)| Word {
            context: last_context(&self.text[..place.core.start]),
            gap: &self.text
                [(start + i).checked_sub(1).map_or(0, |before| self.places[before].core.end)..place.core.start],
            core: &self.text[place.core.clone()],
            has_trail: place.has_trail,
            ends_line: place.ends_line,
            starts_line: place.starts_line,
            line: place.line,
        })
    }
}

/// White space as Python's `str.split` sees it: Unicode's, and the four ASCII separators.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// Punctuation before the word, the word, and the rest; a token without a word is all punctuation.
///
/// The word is what the runtime takes for one, in any script: it starts at the first letter, digit or mark and goes on
/// over these, apostrophes and hyphens. It does not end with a `-`, or with a `\u{2019}`, which is a closing quote
/// there, but may end with a `'`, as in the first program that counted so: figures stay comparable.
pub fn split_token(token: &str) -> (&str, &str, &str) {
    let Some(start) = token.find(is_letter) else { return (token, "", "") };
    let (lead, rest) = token.split_at(start);
    let run = rest.find(|c| !is_word_char(c)).unwrap_or(rest.len());
    let (core, trail) = rest.split_at(rest[..run].trim_end_matches(['-', '\u{2019}']).len());
    (lead, core, trail)
}

/// The part of what was typed that a predictor gets to see.
pub(super) fn last_context(typed: &str) -> &str {
    last_chars(typed, CONTEXT_CHARS)
}

fn last_chars(text: &str, n: usize) -> &str {
    match text.char_indices().rev().nth(n.saturating_sub(1)) {
        Some((start, _)) => &text[start..],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_split_into_punctuation_and_word() {
        assert_eq!(split_token("hello"), ("", "hello", ""));
        assert_eq!(split_token("(don't!)"), ("(", "don't", "!)"));
        assert_eq!(split_token("dogs'"), ("", "dogs'", ""));
        assert_eq!(split_token("well-known-"), ("", "well-known", "-"));
        assert_eq!(split_token("a--b"), ("", "a--b", ""));
        assert_eq!(split_token("x-"), ("", "x", "-"));
        assert_eq!(split_token("'tis"), ("'", "tis", ""));
        assert_eq!(split_token(":-)"), (":-)", "", ""));
    }

    #[test]
    fn words_of_any_script_stay_whole() {
        for word in [
            "café",
            "größe",
            "кто-то",
            "π",
            "gro\u{308}ße",
            "हिन्दी",
            "தமிழ்",
            "ไม่",
            "שָׁלוֹם",
            "مُحَمَّد",
            "日本語",
            "٤٢",
            "don\u{2019}t",
            "п\u{2BC}ять",
        ] {
            assert_eq!(split_token(word), ("", word, ""));
            assert_eq!(split_token(&format!("«{word}!»")), ("«", word, "!»"));
        }
        assert_eq!(split_token("\u{2018}hello\u{2019}"), ("\u{2018}", "hello", "\u{2019}"));
        assert_eq!(split_token("¿Qué?"), ("¿", "Qué", "?"));
        assert_eq!(split_token("है।"), ("", "है", "।"));
        for token in ["❤\u{FE0F}", "👩\u{200D}🚀", "…", "—"] {
            assert_eq!(split_token(token), (token, "", ""));
        }
    }

    #[test]
    fn a_line_is_a_message() {
        let typed = TypedText::new("  hi,\tyou :)  \n\nbye", None);
        // "hi, you :)" and its end, "bye" and its end.
        assert_eq!(typed.n_keys(), 11 + 4);
        let words: Vec<_> = typed.words(0..typed.n_words()).collect();
        assert_eq!(words.iter().map(|w| w.core).collect::<Vec<_>>(), ["hi", "you", "bye"]);
        assert_eq!(words.iter().map(|w| w.context).collect::<Vec<_>>(), ["", "hi, ", "hi, you :)\n\n"]);
        assert_eq!(words.iter().map(|w| w.gap).collect::<Vec<_>>(), ["", ", ", " :)\n\n"]);
        assert_eq!(typed.words(1..2).next().unwrap().gap, ", ");
        assert_eq!(words.iter().map(|w| w.ends_line).collect::<Vec<_>>(), [false, false, true]);
        assert_eq!(words.iter().map(|w| w.has_trail).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(words.iter().map(|w| w.line).collect::<Vec<_>>(), [0, 0, 1]);
    }

    #[test]
    fn what_is_in_no_word_is_a_share_of_the_characters() {
        let share = |text: &str| TypedText::new(text, None).in_no_word();
        assert_eq!(share("größe  हिन्दी 42"), 0.0);
        assert_eq!(share("hi, 🚀🚀 and/or"), 100.0 * 6.0 / 11.0);
        assert_eq!((share("… !"), share("")), (100.0, 0.0));
    }

    #[test]
    fn blank_lines_separate_documents() {
        let documents = |text: &str| TypedText::new(text, None).lines().iter().map(|l| l.document).collect::<Vec<_>>();
        assert_eq!(documents("a\nb\n\n:)\nc\n \n\nd"), [0, 0, 1, 1, 2]);
        assert_eq!(documents("\n\na\n\nb\n"), [0, 1]);
    }

    #[test]
    fn texts_are_parted_before_a_document_if_one_is_near() {
        let typed = TypedText::new(&format!("a b c\n\nd e\nf\n\n{}", "g ".repeat(500)), None);
        assert_eq!([0, 1, 3, 4, 5].map(|word| typed.document_start(word)), [0, 3, 3, 6, 6]);
        assert_eq!([100, typed.n_words()].map(|word| typed.document_start(word)), [100, typed.n_words()]);
    }

    #[test]
    fn the_limit_keeps_the_line_whole() {
        assert_eq!(TypedText::new("one two three\nfour\nfive", Some(2)).n_words(), 3);
    }

    #[test]
    fn the_context_is_cut_in_characters() {
        let typed = TypedText::new(&format!("{} x", "é ".repeat(500)), None);
        let word = typed.words(500..501).next().unwrap();
        assert_eq!(word.context.chars().count(), CONTEXT_CHARS);
        assert!(word.context.ends_with(" é "));
    }
}
