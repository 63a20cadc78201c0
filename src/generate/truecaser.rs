//! Generated text with the capitals that people would write.

use core::fmt::{Result, Write};

use crate::format::words::Capitals;
use crate::lexicon::{Spelling, WordList, listed};
use crate::text::Utf8Stream;
use crate::text::{MAX_WORD_BYTES, Reads, Text, ends_sentence, is_letter, is_space, is_word_char, trim_end};
use crate::{Model, Vocab};

/// A [`Utf8Stream`] for models of small letters: lines and sentences start with a capital, and words have those
/// that the blob's word list knows (`Utah`, `USA`, `I'm`).
///
/// Words are held back until they end, so [`finish`](Self::finish) has to be called. The text of models that tell
/// capitals from small letters stays as it is.
///
/// ```
/// use embedded_gpt::{Aligned, Truecaser, Model, include_model};
/// static BLOB: &Aligned<[u8]> = include_model!("../../models/keyboard.egpt");
/// let model = Model::parse(&BLOB.0)?;
/// let mut text = String::from("how are you?");
/// let mut stream = Truecaser::after(&model, &text);
/// // In firmware: the bytes of one token after the other.
/// stream.push(b" i'm fine. going to u", &mut text)?;
/// stream.push(b"tah tomorrow", &mut text)?;
/// stream.finish(&mut text)?;
/// assert_eq!(text, "how are you? I'm fine. Going to Utah tomorrow");
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Truecaser<'m> {
    characters: Utf8Stream,
    words: Words<'m>,
}

/// Puts words together and writes them.
#[derive(Clone, Debug)]
struct Words<'m> {
    /// `None` if the model tells capitals from small letters.
    lists: Option<(Vocab<'m>, WordList<'m>)>,
    /// What there is of a word.
    word: heapless::String<MAX_WORD_BYTES, u8>,
    /// Whether a part of the word is written already, so that the rest stays as it is.
    is_begun: bool,
    place: Place,
}

/// What comes next, if it is a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The first one of a sentence.
    Start,
    /// The first word of a sentence, once there is white space.
    End,
    Inside,
}

impl Place {
    fn after(self, c: char) -> Self {
        match (c, self) {
            ('\n', _) | (_, Self::End) if is_space(c) => Self::Start,
            _ if ends_sentence(c) => Self::End,
            ('"' | '\'' | '(' | ')' | '\u{BF}' | '\u{A1}' | '\u{2018}'..='\u{201D}', _) => self,
            _ if is_space(c) => self,
            _ => Self::Inside,
        }
    }
}

impl<'m> Truecaser<'m> {
    /// A stream for what a model writes after a text, which may end within a word or be empty.
    pub fn after(model: &Model<'m>, text: &str) -> Self {
        let vocab = model.vocab_ref();
        Self::with_lists(vocab.folds_case().then(|| (*vocab, model.words())), vocab, text)
    }

    /// A stream for what a model writes after a text, with the letters that the model writes.
    pub(super) fn as_learned(model: &Model<'m>, text: &str) -> Self {
        Self::with_lists(None, model.vocab_ref(), text)
    }

    fn with_lists(lists: Option<(Vocab<'m>, WordList<'m>)>, vocab: &Vocab<'m>, text: &str) -> Self {
        let mut words = Words { lists, word: heapless::String::new(), is_begun: false, place: Place::Start };
        // Writing to nowhere cannot fail.
        let _ = words.push(text, &mut Nowhere);
        words.is_begun |= !words.word.is_empty();
        words.word.clear();
        let characters = if text.is_empty() { vocab.text_stream() } else { Utf8Stream::new() };
        Self { characters, words }
    }

    /// Takes bytes, for example [`Vocab::bytes`](crate::Vocab::bytes), and writes the words that are complete.
    ///
    /// # Errors
    /// What `out` reports. What it was given is then lost, and the bytes after it have not been taken.
    pub fn push(&mut self, bytes: &[u8], out: &mut impl Write) -> Result {
        self.characters.push(bytes, &mut Joined { words: &mut self.words, out })
    }

    /// Writes the last word, and U+FFFD if the text broke off within a character.
    ///
    /// # Errors
    /// What `out` reports.
    pub fn finish(&mut self, out: &mut impl Write) -> Result {
        self.characters.finish(&mut Joined { words: &mut self.words, out })?;
        self.words.end_word(out)
    }
}

impl Words<'_> {
    fn push(&mut self, text: &str, out: &mut impl Write) -> Result {
        if self.lists.is_none() {
            return out.write_str(text);
        }
        text.chars().try_for_each(|c| self.push_char(c, out))
    }

    fn push_char(&mut self, c: char, out: &mut impl Write) -> Result {
        if !is_word_char(c) {
            self.end_word(out)?;
            self.place = self.place.after(c);
            return out.write_char(c);
        }
        if !self.is_begun && self.word.push(c).is_ok() {
            return Ok(());
        }
        // The word is longer than any that is listed.
        self.is_begun = true;
        out.write_str(&core::mem::take(&mut self.word))?;
        out.write_char(c)
    }

    fn end_word(&mut self, out: &mut impl Write) -> Result {
        let word = core::mem::take(&mut self.word);
        let (start, end) = letters(word.as_bytes());
        let mut written = Text::new();
        if let (Some((vocab, words)), Some(letters)) = (&self.lists, word.as_bytes().get(start..end)) {
            let listed = listed(vocab, words, letters, Reads::AS_WRITTEN).map_or(Capitals::None, |word| word.capitals);
            let asked = if self.place == Place::Start { Capitals::First } else { Capitals::None };
            let spelling = Spelling { capitals: listed.max(asked), language: vocab.language(), apostrophe: None };
            if !spelling.write(word.as_bytes(), 0, &mut written) {
                written.truncate(0);
            }
        }
        if start < end || core::mem::take(&mut self.is_begun) {
            self.place = Place::Inside;
        }
        let written = core::str::from_utf8(&written).unwrap_or_default();
        out.write_str(if written.is_empty() { &word } else { written })
    }
}

/// Where the first letter of a word is, and where the last one ends: without apostrophes and hyphens around them.
fn letters(word: &[u8]) -> (usize, usize) {
    let end = trim_end(word, |c| !is_letter(c)).len();
    let signs = word.iter().take_while(|&&byte| matches!(byte, b'\'' | b'-')).count();
    (signs.min(end), end)
}

/// Writes words put together from characters.
struct Joined<'s, 'm, W> {
    words: &'s mut Words<'m>,
    out: &'s mut W,
}

impl<W: Write> Write for Joined<'_, '_, W> {
    fn write_str(&mut self, text: &str) -> Result {
        self.words.push(text, self.out)
    }
}

struct Nowhere;

impl Write for Nowhere {
    fn write_str(&mut self, _: &str) -> Result {
        Ok(())
    }
}
