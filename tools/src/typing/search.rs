//! The device's suggester, asked in slices, and what the last keystroke took.

use std::time::{Duration, Instant};

use anyhow::Result;
use egpt_core::eval::suggestions::conversation;
use embedded_gpt::{Keys, Phrase, PhraseOptions, Progress, Suggester, Suggestion, Vocab};

use super::keyboard::Offer;

/// What a slice of the work has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing new.
    Nothing,
    /// Words that differ from those before.
    Words(Vec<Offer>),
    /// The first word, and those that follow it.
    Phrase(String),
}

/// What the search after a keystroke took; looking for a phrase afterwards is not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Time of the search alone.
    pub time: Duration,
    /// Decode steps, those that read the text included.
    pub n_step: u32,
    pub is_done: bool,
}

/// Words for a text that changes.
#[derive(Debug)]
pub struct Search<'b> {
    suggester: Suggester<'b, Keys<'static>>,
    slots: Vec<Suggestion>,
    n_found: usize,
    steps_before: u32,
    work: Work,
    /// Looked for when the words are found.
    phrase: Option<Phrase>,
}

impl<'b> Search<'b> {
    /// Looks for `n_slots` words at a time.
    pub fn new(suggester: Suggester<'b, Keys<'static>>, n_slots: usize) -> Self {
        let slots = vec![Suggestion::EMPTY; n_slots];
        Self {
            slots,
            n_found: 0,
            steps_before: suggester.decode_steps(),
            suggester,
            work: Work::default(),
            phrase: None,
        }
    }

    /// What the last search took so far.
    pub fn work(&self) -> Work {
        self.work
    }

    /// Begins anew, for a text that has changed.
    pub fn restart(&mut self) {
        self.steps_before = self.suggester.decode_steps();
        self.work = Work::default();
        self.phrase = None;
    }

    /// Whether there is nothing to do until the text changes.
    pub fn is_resting(&self) -> bool {
        self.work.is_done && self.phrase.is_none()
    }

    /// Does a slice of the work for a text, a decode step or so.
    ///
    /// # Errors
    /// None is expected; see [`Suggester::suggest`].
    pub fn advance(&mut self, text: &str) -> Result<Found> {
        if self.work.is_done {
            return self.advance_phrase();
        }
        let start = Instant::now();
        let text = conversation(text);
        let is_done = self.suggester.poll(text) == Progress::Done;
        let before = self.slots[..self.n_found].to_vec();
        let n_found = self.suggester.best(&mut self.slots).len();
        self.n_found = n_found;
        self.work.time += start.elapsed();
        self.work.n_step = self.suggester.decode_steps().wrapping_sub(self.steps_before);
        self.work.is_done = is_done;
        let is_new = self.slots[..n_found] != before[..];
        if is_done {
            self.phrase = self.slots[..n_found].first().map(|word| Phrase::after(word, PhraseOptions::DEFAULT));
        }
        // Until words for this text are found, those of the last one may stand.
        let has_news = is_done || is_new && n_found > 0;
        Ok(if has_news { Found::Words(self.offers(text)) } else { Found::Nothing })
    }

    fn advance_phrase(&mut self) -> Result<Found> {
        let Some(mut phrase) = self.phrase.take() else { return Ok(Found::Nothing) };
        if phrase.poll(&mut self.suggester) == Progress::Working {
            self.phrase = Some(phrase);
            return Ok(Found::Nothing);
        }
        Ok(if phrase.as_str().is_empty() { Found::Nothing } else { Found::Phrase(phrase.as_str().to_owned()) })
    }

    /// What the space bar puts in the place of the last word, once all work for the text is done.
    pub fn correction(&self) -> Option<String> {
        let word = self.suggester.correction().filter(|_| self.work.is_done)?;
        Some(word.as_str().to_owned())
    }

    /// A word was meant as it was typed.
    pub fn keep(&mut self, word: &str) {
        self.suggester.keep(word);
    }

    /// Learns finished lines, where words of the user dictionary are learned.
    pub fn learn(&mut self, lines: &str) {
        self.suggester.learn(lines);
    }

    /// What has been learned, to be kept; `None` without words of the user dictionary.
    pub fn learned(&mut self) -> Option<Vec<u8>> {
        self.suggester.user_dictionary().map(|words| words.save().to_vec())
    }

    fn offers(&self, text: &str) -> Vec<Offer> {
        let before = &text[..Suggester::word_start(text)];
        let vocab = self.suggester.session().model().vocab();
        let offer = |found: &Suggestion| Offer {
            word: found.as_str().to_owned(),
            percent: found.percent(),
            tokens: tokens(&vocab, before, found.as_str()),
        };
        self.slots[..self.n_found].iter().map(offer).collect()
    }
}

/// The tokens of a word behind a text, as text.
fn tokens(vocab: &Vocab<'_>, before: &str, word: &str) -> Vec<String> {
    let space = if before.ends_with(' ') { " " } else { "" };
    let text = format!("{space}{word}");
    let mut room = vec![0; vocab.max_tokens(text.len())];
    let ids =
        if before.is_empty() { vocab.encode(&text, &mut room) } else { vocab.encode_continuation(&text, &mut room) };
    let mut bytes = [0; Vocab::MAX_TOKEN_BYTES];
    let text_of = |&id| String::from_utf8_lossy(vocab.bytes(id, &mut bytes)).into_owned();
    ids.map(|ids| ids.iter().map(text_of).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use egpt_core::blob_file::BlobFile;
    use egpt_core::session_memory::SessionMemory;
    use embedded_gpt::SuggestOptions;

    const BLOB: &[u8] = include_bytes!("../../../models/demo.egpt");

    fn search(text: &str) -> (Vec<Offer>, Work) {
        let (offers, _, work) = search_all(text);
        (offers, work)
    }

    fn search_all(text: &str) -> (Vec<Offer>, String, Work) {
        let file = BlobFile::new(BLOB);
        let model = file.model().unwrap();
        let mut memory = SessionMemory::new(model.config(), None);
        let mut search = Search::new(
            Suggester::with_keyboard(memory.session(&model).unwrap(), SuggestOptions::DEFAULT, Keys::QWERTY),
            3,
        );
        let (mut offers, mut phrase) = (Vec::new(), String::new());
        while !search.is_resting() {
            match search.advance(text).unwrap() {
                Found::Nothing => {}
                Found::Words(words) => offers = words,
                Found::Phrase(found) => phrase = found,
            }
        }
        (offers, phrase, search.work())
    }

    #[test]
    fn offers_are_the_words_that_the_device_suggests_with_their_tokens() {
        let (offers, work) = search("see you tom");
        let words: Vec<_> = offers.iter().map(|offer| offer.word.as_str()).collect();
        assert!(words.contains(&"tomorrow"), "{words:?}");
        for offer in &offers {
            assert_eq!(offer.tokens.concat(), format!(" {}", offer.word));
        }
        assert!(work.is_done && work.n_step > 0 && work.time > Duration::ZERO);
    }

    #[test]
    fn a_phrase_goes_on_from_the_first_word() {
        let (offers, phrase, _) = search_all("how a");
        assert_eq!(offers[0].word, "are");
        assert!(phrase.starts_with("are you"), "{phrase}");
    }

    #[test]
    fn a_blank_line_begins_a_new_text() {
        let words = |text| search(text).0;
        assert_eq!(words("what do you think of tom\n\nhow are "), words("how are "));
        assert_ne!(words("how are\n\n"), words("how are "));
    }

    #[test]
    fn after_a_closing_sign_nothing_is_offered() {
        assert_eq!(search("hello,").0, []);
    }
}
