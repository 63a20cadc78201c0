//! Keys and the search take turns: a key never waits for the search of a text that it has made old.

use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use egpt_core::session_memory::SessionMemory;
use embedded_gpt::{Keys, Model, SuggestOptions, Suggester};
use ratatui::Terminal;
use ratatui::backend::Backend;
use ratatui::crossterm::event::Event;

use super::dictionary_file::DictionaryFile;
use super::keyboard::{Effect, Keyboard};
use super::keys::Key;
use super::screen::{View, draw};
use super::search::{Found, Search};

/// The time in which the eye sees one picture: so long, better words are looked for before any are drawn.
const PICTURE: Duration = Duration::from_millis(16);
/// How long to wait for a key when there is nothing else to do.
const IDLE: Duration = Duration::from_millis(200);

/// What does not change while typing.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// The model's name.
    pub name: &'a str,
    /// Suggestions shown.
    pub n_slots: usize,
    /// Decode steps of the search after a keystroke.
    pub budget: u16,
    /// Context in tokens; what the model was trained for if `None`.
    pub context: Option<usize>,
    /// Whether a word that was shown and not taken is not offered again.
    pub is_new_only: bool,
    /// What the keys stand for.
    pub keys: Keys<'static>,
    /// Whether the space bar corrects the last word where it is surely a slip.
    pub corrects: bool,
}

/// A person's desk: a keyboard, and the words that they have typed before.
#[derive(Debug)]
pub struct Desk<'a> {
    pub keyboard: Keyboard,
    pub memory: DictionaryFile,
    /// Whether words of the user dictionary are mixed in, and learned.
    pub uses_dictionary: bool,
    pub settings: Settings<'a>,
}

/// Why a suggester's time is over.
enum End {
    Quit,
    ToggleDictionary,
}

impl Desk<'_> {
    /// Takes events until one ends it. `next_event` waits as long as told for an event; when it fails, typing ends
    /// with what was learned in the memory.
    ///
    /// # Errors
    /// If a session cannot be had, or events not be read, or the terminal not be drawn on.
    pub fn run<B: Backend>(
        &mut self,
        model: &Model<'_>,
        terminal: &mut Terminal<B>,
        next_event: &mut impl FnMut(Duration) -> Result<Option<Event>>,
    ) -> Result<()>
    where
        B::Error: std::fmt::Display,
    {
        let mut session_memory = SessionMemory::new(model.config(), self.settings.context);
        loop {
            let options = SuggestOptions {
                budget: self.settings.budget,
                new_only: self.settings.is_new_only,
                ..SuggestOptions::DEFAULT
            };
            let mut suggester = Suggester::with_keyboard(session_memory.session(model)?, options, self.settings.keys);
            if let Some(dictionary) = self.memory.dictionary().filter(|_| self.uses_dictionary) {
                suggester.set_user_dictionary(dictionary);
            }
            let mut search = Search::new(suggester, self.settings.n_slots);
            let mut round = Round {
                keyboard: &mut self.keyboard,
                search: &mut search,
                settings: &self.settings,
                uses_dictionary: self.uses_dictionary,
                undrawn_since: Some(Instant::now()),
            };
            let end = round.run(terminal, next_event);
            let learned = search.learned();
            drop(search);
            learned.into_iter().for_each(|bytes| self.memory.set(bytes));
            match end? {
                End::Quit => return Ok(()),
                End::ToggleDictionary => self.uses_dictionary = !self.uses_dictionary,
            }
        }
    }
}

/// The time of one suggester.
struct Round<'r, 'b> {
    keyboard: &'r mut Keyboard,
    search: &'r mut Search<'b>,
    settings: &'r Settings<'r>,
    uses_dictionary: bool,
    /// When something changed that is not drawn yet.
    undrawn_since: Option<Instant>,
}

impl Round<'_, '_> {
    fn run<B: Backend>(
        &mut self,
        terminal: &mut Terminal<B>,
        next_event: &mut impl FnMut(Duration) -> Result<Option<Event>>,
    ) -> Result<End>
    where
        B::Error: std::fmt::Display,
    {
        loop {
            let is_done = self.search.work().is_done;
            if self.undrawn_since.is_some_and(|since| is_done || since.elapsed() >= PICTURE) {
                self.draw(terminal)?;
            }
            let wait = if self.search.is_resting() { IDLE } else { Duration::ZERO };
            let Some(event) = next_event(wait)? else {
                self.look()?;
                continue;
            };
            self.undrawn_since.get_or_insert_with(Instant::now);
            let Some(key) = Key::of(event) else { continue };
            match self.press(key)? {
                Effect::Quit => return Ok(End::Quit),
                Effect::ToggleDictionary => return Ok(End::ToggleDictionary),
                Effect::Nothing => {}
                Effect::Edited => self.search.restart(),
                Effect::TakenBack(word) => {
                    self.search.keep(&word);
                    self.search.restart();
                }
                Effect::Finished(lines) => {
                    self.search.learn(&format!("{lines}\n"));
                    self.search.restart();
                }
            }
        }
    }

    /// A slice of the search.
    fn look(&mut self) -> Result<()> {
        match self.search.advance(self.keyboard.text())? {
            Found::Nothing => return Ok(()),
            Found::Words(offers) => {
                self.keyboard.offer(offers);
                self.keyboard.set_correction(self.search.correction().filter(|_| self.settings.corrects));
            }
            Found::Phrase(phrase) => self.keyboard.offer_phrase(phrase),
        }
        self.undrawn_since.get_or_insert_with(Instant::now);
        Ok(())
    }

    /// What is accepted is a word for the text as it is, even if keys come faster than words.
    fn press(&mut self, key: Key) -> Result<Effect> {
        let waits = |round: &Self| match key {
            Key::Accept(_) => !round.keyboard.has_current_offers() && !round.search.work().is_done,
            Key::Char(' ') => round.settings.corrects && !round.search.work().is_done,
            Key::AcceptPhrase => round.keyboard.phrase().is_empty() && !round.search.is_resting(),
            _ => false,
        };
        while waits(self) {
            self.look()?;
        }
        let last = matches!(key, Key::Quit).then(|| self.keyboard.unfinished().to_owned());
        self.search.learn(&last.unwrap_or_default());
        Ok(self.keyboard.press(key))
    }

    fn draw<B: Backend>(&mut self, terminal: &mut Terminal<B>) -> Result<()>
    where
        B::Error: std::fmt::Display,
    {
        let view = View {
            keyboard: self.keyboard,
            model: self.settings.name,
            n_slots: self.settings.n_slots,
            work: self.search.work(),
            uses_dictionary: self.uses_dictionary,
        };
        terminal.draw(|frame| draw(frame, &view)).map_err(|error| anyhow!("cannot draw on the terminal: {error}"))?;
        self.undrawn_since = None;
        Ok(())
    }
}

#[cfg(test)]
#[path = "event_loop_tests.rs"]
mod tests;
