//! Counts what suggestions take after every key of some messages; `cargo xtask bench keystroke` reads what is printed.

use core::fmt::{self, Write};

use embedded_gpt::{Keyboard, Keys, Model, Progress, Session, SuggestOptions, Suggester, Suggestion, UserDictionary};
use heapless::String;

use crate::{Board, RunError, buffers, check_clock};

/// Tokens that the model looks back.
const CONTEXT: usize = 64;
const N_SUGGESTIONS: usize = 3;
/// Room for the messages of a conversation, and what is kept of it when that is full.
const MAX_TEXT: usize = 400;
const KEPT: usize = 200;
/// Bytes of the user dictionary of the second round.
const USER_DICTIONARY: usize = 4 << 10;
/// Syllables of the words in it.
const SYLLABLES: [&str; 8] = ["ba", "che", "do", "fri", "ka", "lu", "mo", "ste"];

/// Two people's messages, every letter of them typed: long words and short ones, names, punctuation, a typing error.
const MESSAGES: [&str; 16] = [
    "hey are you coming to dinner tonight?",
    "Yes, but I have to finish my homework first",
    "ok what time do you think you will be done",
    "probably around seven. Is Daniel coming too?",
    "I don't know, I haven't talked to him since yesterday",
    "he said something about his grandmother's birthday",
    "oh that is right, I completely forgot",
    "do we need anything from the grocery store?",
    "maybe some vegetables and a loaf of bread",
    "I can pick it up on my way home",
    "thank you so much! you are the best",
    "no problem, its right next to the library",
    "by the way, did you hear back about the internship?",
    "not yet, they told me it would take a cuople of weeks",
    "well I am sure it went great",
    "haha I hope so. see you tonight",
];

/// Types all messages; then all of them again with a user dictionary that is full, and with slips looked for.
///
/// # Errors
/// [`RunError`] of the call that failed, [`RunError::Clock`] if there is nothing to count with.
pub fn keystrokes(blob: &[u8], ram: &mut [u32], board: &mut impl Board) -> Result<(), RunError> {
    check_clock(board)?;
    let model = Model::parse(blob)?;
    let buffers = buffers(&model, ram, CONTEXT);
    let n_ram = 4 * (buffers.kv.len() + buffers.scratch.len()) + size_of::<Suggester<'_>>() + size_of::<Model<'_>>();
    let n_more = size_of::<Suggester<'_, Keys<'_>>>() - size_of::<Suggester<'_>>();
    let mut suggester = Suggester::new(Session::new(&model, CONTEXT, buffers)?, SuggestOptions::DEFAULT);
    type_all(&mut suggester, board)?;
    writeln!(board, "end context {CONTEXT} keys letters dictionary 0 ram {n_ram}")?;
    let mut dictionary = [0; USER_DICTIONARY];
    let mut suggester = Suggester::new(suggester.into_session(), SuggestOptions::DEFAULT);
    suggester.set_user_dictionary(UserDictionary::new(&mut dictionary)?);
    fill_dictionary(&mut suggester);
    type_all(&mut suggester, board)?;
    let n_ram_with = n_ram + USER_DICTIONARY;
    writeln!(board, "end context {CONTEXT} keys letters dictionary {USER_DICTIONARY} ram {n_ram_with}")?;
    let session = suggester.into_session();
    let mut suggester = Suggester::with_keyboard(session, SuggestOptions::DEFAULT, Keys::QWERTY);
    type_all(&mut suggester, board)?;
    writeln!(board, "end context {CONTEXT} keys slips dictionary 0 ram {}", n_ram + n_more)?;
    Ok(())
}

/// Learns made-up words in pairs, more than there is room for.
fn fill_dictionary(suggester: &mut Suggester<'_>) {
    for first in SYLLABLES {
        for second in SYLLABLES {
            for third in SYLLABLES {
                let mut text = String::<32>::new();
                let words = [first, second, third, " ", third, second, first];
                let _ = words.into_iter().try_for_each(|part| text.push_str(part));
                suggester.learn(&text);
            }
        }
    }
}

fn type_all(suggester: &mut Suggester<'_, impl Keyboard>, board: &mut impl Board) -> Result<(), RunError> {
    let mut slices = Slices::default();
    let mut text = String::<MAX_TEXT>::new();
    for message in MESSAGES {
        if text.len() + message.len() + 1 > MAX_TEXT {
            forget_oldest(&mut text);
        }
        for key in message.chars().chain(['\n']) {
            let _ = text.push(key);
            count(suggester, &text, &mut slices, board)?;
        }
    }
    Ok(())
}

/// Suggestions for the text, and a line with their instructions and decode steps, and those of the longest calls.
fn count(
    suggester: &mut Suggester<'_, impl Keyboard>,
    text: &str,
    slices: &mut Slices,
    board: &mut impl Board,
) -> Result<(), RunError> {
    let mut slots = [Suggestion::EMPTY; N_SUGGESTIONS];
    let steps = suggester.decode_steps();
    let (mut all, mut longest) = (0, 0);
    let mut is_working = true;
    let mut kind = Kind::new();
    let _ = kind.push_str("Begin");
    while is_working {
        let (progress, instructions) = counted(board, || suggester.poll(text));
        (all, longest) = (all + instructions, longest.max(instructions));
        if slices.is_longest(&kind, instructions) {
            writeln!(board, "slice {kind} {instructions}")?;
        }
        kind = kind_of_next(suggester);
        is_working = progress == Progress::Working;
    }
    let (_, best) = counted(board, || suggester.best(&mut slots).len());
    let steps = suggester.decode_steps().wrapping_sub(steps);
    writeln!(board, "keystroke {} steps {steps} poll {longest} best {best}", all + best)?;
    Ok(())
}

/// What a slice of work does, by the name of the suggester's task.
type Kind = String<16>;

/// The longest slice of each kind so far.
#[derive(Default)]
struct Slices(heapless::Vec<(Kind, u64), 16>);

impl Slices {
    /// Whether a slice is the longest of its kind by now.
    fn is_longest(&mut self, kind: &Kind, instructions: u64) -> bool {
        match self.0.iter_mut().find(|(other, _)| other == kind) {
            Some((_, longest)) if *longest >= instructions => return false,
            Some((_, longest)) => *longest = instructions,
            None => _ = self.0.push((kind.clone(), instructions)),
        }
        true
    }
}

/// What the next slice does. The suggester's debug output begins with that; what follows is not written.
fn kind_of_next(suggester: &Suggester<'_, impl Keyboard>) -> Kind {
    struct Start(String<64>);
    impl fmt::Write for Start {
        fn write_str(&mut self, part: &str) -> fmt::Result {
            self.0.push_str(part).map_err(|_| fmt::Error)
        }
    }
    let mut start = Start(String::new());
    // Ends with an error where there is no more room.
    let _ = write!(start, "{suggester:?}");
    let task = start.0.split_once("task: ").map_or("", |(_, task)| task);
    let name = task.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    name.chars().collect()
}

/// What a call returns, and its instructions.
fn counted<T>(board: &mut impl Board, call: impl FnOnce() -> T) -> (T, u64) {
    let before = board.instructions();
    let result = call();
    let instructions = board.instructions().zip(before).map_or(0, |(after, before)| after - before);
    (result, instructions)
}

/// Keeps the newest messages.
fn forget_oldest(text: &mut String<MAX_TEXT>) {
    let from = text.len().saturating_sub(KEPT);
    let start = text.match_indices('\n').map(|(at, _)| at + 1).find(|&at| at >= from).unwrap_or(text.len());
    let kept: String<MAX_TEXT> = text.chars().skip(start).collect();
    *text = kept;
}
