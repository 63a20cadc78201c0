//! `egpt type`: a keyboard on the terminal, with the words that the device would suggest.

use std::io::{self, IsTerminal, Write, stdin, stdout};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use egpt_core::blob_file::BlobFile;
use embedded_gpt::SuggestOptions;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, DisableBracketedPaste, EnableBracketedPaste, Event};
use ratatui::crossterm::execute;

use super::keys::KeysArg;
use crate::typing::{Desk, DictionaryFile, Draft, Keyboard, Settings};

/// Function keys and Alt with a digit are that many.
const MAX_SLOTS: usize = 9;

const EXAMPLES: &str = "\
Tab or F1, F2, F3 (or Alt with 1, 2, 3) accept a suggestion, which brings the space after it; a comma or full stop takes that
space's place. Shift-Tab or → accepts the first one with the words that follow it, where the model is sure of them. A word that is surely a slip is corrected by the space bar; backspace takes that back, once and for all. Ctrl-W deletes a word, Ctrl-L clears the text, Ctrl-P switches the user dictionary on and off, Esc quits.

Words stand in the order of what they save: one that the next letter brings anyway may come behind a less probable one.

Keystrokes saved are counted as by egpt eval: an accepted suggestion costs one key.

Examples:
  egpt type m.egpt
  egpt type m.egpt --user-dictionary me.words --slots 5";

/// Type on this terminal with the suggestions of the device.
#[derive(Args, Debug)]
#[command(name = "type", after_help = EXAMPLES)]
pub struct TypeArgs {
    /// The blob.
    blob: PathBuf,
    /// Number of suggestions, 1 to 9.
    #[arg(long, default_value_t = 3)]
    slots: usize,
    /// Decode steps that the search after a keystroke may take, beside those that read the text.
    #[arg(long, default_value_t = SuggestOptions::DEFAULT.budget)]
    budget: u16,
    /// Context in tokens; what the model was trained for unless given.
    #[arg(long)]
    context: Option<usize>,
    /// Do not offer a word again that was shown and not taken.
    #[arg(long)]
    new_only: bool,
    /// Keep what is learned of your words and pairs of words in this file. They are learned whenever a line ends (Enter
    /// or Ctrl-L), and forgotten at the end without a file.
    #[arg(long, value_name = "FILE", alias = "personal")]
    user_dictionary: Option<PathBuf>,
    /// The keyboard, whose keys may be missed; `letters`: every key is what was meant.
    #[arg(long, value_enum, default_value = "qwerty")]
    keys: KeysArg,
    /// Never correct a word by itself.
    #[arg(long)]
    no_correction: bool,
    /// Memory for the user dictionary; a file that exists keeps its size.
    #[arg(long, value_name = "BYTES", default_value_t = 4096, alias = "personal-bytes")]
    user_dictionary_bytes: usize,
}

/// Types until Esc, then tells what was saved.
///
/// # Errors
/// Without a terminal; if the blob cannot be read or is not sound, or the user dictionary not be read or
/// written.
pub fn run(args: &TypeArgs) -> Result<()> {
    ensure!((1..=MAX_SLOTS).contains(&args.slots), "--slots must be 1 to {MAX_SLOTS}");
    if !stdin().is_terminal() || !stdout().is_terminal() {
        let blob = args.blob.display();
        bail!(
            "egpt type needs a terminal; where there is none, egpt complete {blob} --text \"see you tom\" suggests words"
        );
    }
    let file = BlobFile::read(&args.blob)?;
    let model = file.model()?;
    let memory = DictionaryFile::open(args.user_dictionary.as_deref(), args.user_dictionary_bytes)?;
    let name = args.blob.file_name().unwrap_or_default().to_string_lossy();
    let settings = Settings {
        name: &name,
        n_slots: args.slots,
        budget: args.budget,
        context: args.context,
        is_new_only: args.new_only,
        keys: args.keys.keys(),
        corrects: !args.no_correction,
    };
    let mut desk = Desk { keyboard: Keyboard::default(), memory, uses_dictionary: true, settings };
    let is_ended = end_signals()?;
    let typed = {
        let mut screen = Screen::open()?;
        let events = read_events();
        desk.run(&model, &mut screen.terminal, &mut |wait| next_event(wait, &events, &is_ended))
    };
    // What was learned is kept even if the terminal is gone.
    desk.memory.save()?;
    typed?;
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{}", summary(desk.keyboard.draft()))?;
    Ok(())
}

fn summary(draft: &Draft) -> String {
    let (pressed, without) = (draft.n_pressed(), draft.n_without());
    format!("{pressed} keys instead of {without}: {:.1} % of the keystrokes saved", draft.percent_saved())
}

/// Reads events on a thread of its own: reading never comes back once the terminal is gone.
fn read_events() -> Receiver<io::Result<Event>> {
    let (sender, events) = mpsc::channel();
    thread::spawn(move || {
        loop {
            let event = event::read();
            let is_last = event.is_err();
            if sender.send(event).is_err() || is_last {
                break;
            }
        }
    });
    events
}

fn next_event(wait: Duration, events: &Receiver<io::Result<Event>>, is_ended: &AtomicBool) -> Result<Option<Event>> {
    ensure!(!is_ended.load(Ordering::Relaxed), "ended from outside");
    match events.recv_timeout(wait) {
        Ok(event) => event.map(Some).context("cannot read keys"),
        Err(RecvTimeoutError::Timeout) => Ok(None),
        Err(RecvTimeoutError::Disconnected) => bail!("cannot read keys"),
    }
}

/// A flag that is set when the process is asked to end, or its terminal is closed.
fn end_signals() -> Result<Arc<AtomicBool>> {
    let is_ended = Arc::new(AtomicBool::new(false));
    #[cfg(unix)]
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&is_ended)).context("cannot watch for signals")?;
    }
    Ok(is_ended)
}

/// The terminal while it is taken over; it is given back in any case.
struct Screen {
    terminal: DefaultTerminal,
}

impl Screen {
    fn open() -> Result<Self> {
        // Also makes a panic give the terminal back before its message.
        let terminal = ratatui::try_init().context("cannot take over the terminal")?;
        let screen = Self { terminal };
        // Where pasting cannot be told from typing, it is typing.
        let _ = execute!(stdout(), EnableBracketedPaste);
        Ok(screen)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = execute!(stdout(), DisableBracketedPaste);
        // A terminal that is gone needs nothing back.
        let _ = ratatui::try_restore();
    }
}
