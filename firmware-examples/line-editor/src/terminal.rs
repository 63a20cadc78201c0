//! The loop between the keys and the drawing, as a future.

use core::pin::pin;
use core::{error, fmt};

use embassy_futures::select::{Either, select};
use embedded_gpt::{Keyboard, Progress};
use embedded_io_async::{Read, Write};
use heapless::String;

use crate::LineEditor;

/// Bytes that one drawing takes at most: a row of the terminal, three words of other scripts, codes for colours.
const MAX_DRAWING: usize = 384;

/// Why editing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditError<I, O> {
    /// The input failed.
    Input(I),
    /// The output failed.
    Output(O),
}

impl<I: fmt::Debug, O: fmt::Debug> fmt::Display for EditError<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(error) => write!(f, "the keys cannot be read: {error:?}"),
            Self::Output(error) => write!(f, "the line cannot be drawn: {error:?}"),
        }
    }
}

impl<I: fmt::Debug, O: fmt::Debug> error::Error for EditError<I, O> {}

/// Lets a person type until the input ends, and shows words while they are found.
///
/// After a key the line is drawn with what one slice of the search gave, and again when the search is done. A key that
/// comes before that begins the next search. The future of a read is never dropped half-way, so that drivers which lose
/// bytes then lose none.
///
/// # Errors
/// [`EditError`] of the input or output that failed.
pub async fn edit<K: Keyboard, I: Read, O: Write>(
    editor: &mut LineEditor<'_, '_, K>,
    input: &mut I,
    output: &mut O,
) -> Result<(), EditError<I::Error, O::Error>> {
    let mut bytes = [0; 16];
    loop {
        let n = next_bytes(editor, input, &mut bytes, output).await?;
        if n == 0 {
            return Ok(());
        }
        for &byte in bytes.iter().take(n) {
            if editor.waits_for_words(byte) {
                editor.suggest().await;
            }
            editor.type_byte(byte);
        }
    }
}

/// Searches for words and shows them until a key comes; gives the number of bytes.
async fn next_bytes<K: Keyboard, I: Read, O: Write>(
    editor: &mut LineEditor<'_, '_, K>,
    input: &mut I,
    bytes: &mut [u8],
    output: &mut O,
) -> Result<usize, EditError<I::Error, O::Error>> {
    let progress = editor.poll();
    draw(editor, output).await?;
    let mut read = pin!(input.read(bytes));
    if progress == Progress::Working {
        if let Either::First(n) = select(read.as_mut(), editor.suggest()).await {
            return n.map_err(EditError::Input);
        }
        draw(editor, output).await?;
    }
    read.await.map_err(EditError::Input)
}

async fn draw<K: Keyboard, I, O: Write>(
    editor: &LineEditor<'_, '_, K>,
    output: &mut O,
) -> Result<(), EditError<I, O::Error>> {
    let mut drawing = String::<MAX_DRAWING>::new();
    // It has room for all of it; what would not fit is left out.
    let _ = editor.draw(&mut drawing);
    output.write_all(drawing.as_bytes()).await.map_err(EditError::Output)?;
    output.flush().await.map_err(EditError::Output)
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;
    use core::convert::Infallible;
    use core::future::pending;
    use std::collections::VecDeque;

    use embassy_futures::{block_on, yield_now};
    use embedded_gpt::{
        Aligned, Config, Model, Session, SuggestOptions, Suggester, Suggestion, Workspace, include_model,
    };
    use embedded_io_async::ErrorType;

    use super::*;
    use crate::suggest;

    static BLOB: &Aligned<[u8]> = include_model!("../../../models/demo.egpt");
    const CONFIG: Config = Config::of(&BLOB.0);
    const CONTEXT: usize = 64;
    type Ram = Workspace<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>;

    fn with_suggester<T>(test: impl FnOnce(Suggester<'_>) -> T) -> T {
        let model = Model::parse(&BLOB.0).unwrap();
        let mut ram = Ram::new();
        test(Suggester::new(Session::new(&model, CONTEXT, ram.buffers()).unwrap(), SuggestOptions::DEFAULT))
    }

    /// A person who strikes some keys at once, waits for a number of turns of the executor, strikes the next ones.
    struct Person {
        strokes: VecDeque<&'static str>,
        /// Turns to the next strokes.
        n_turn: usize,
        /// Turns between strokes.
        pause: usize,
    }

    impl Person {
        fn new(strokes: impl IntoIterator<Item = &'static str>, pause: usize) -> Self {
            Self { strokes: strokes.into_iter().collect(), n_turn: pause, pause }
        }
    }

    impl ErrorType for Person {
        type Error = Infallible;
    }

    impl Read for Person {
        async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
            while self.n_turn > 0 {
                self.n_turn -= 1;
                yield_now().await;
            }
            self.n_turn = self.pause;
            let Some(strokes) = self.strokes.pop_front() else { return Ok(0) };
            buffer[..strokes.len()].copy_from_slice(strokes.as_bytes());
            Ok(strokes.len())
        }
    }

    /// What was drawn.
    #[derive(Default)]
    struct Screen(Vec<u8>);

    impl ErrorType for Screen {
        type Error = Infallible;
    }

    impl Write for Screen {
        async fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
            self.0.extend(bytes);
            Ok(bytes.len())
        }

        async fn flush(&mut self) -> Result<(), Infallible> {
            Ok(())
        }
    }

    impl Screen {
        fn drawings(&self) -> Vec<&str> {
            core::str::from_utf8(&self.0).unwrap().split("\r\x1b[J").skip(1).collect()
        }
    }

    /// The line after all strokes, and what was drawn.
    fn typed(mut person: Person) -> (std::string::String, Screen) {
        let mut screen = Screen::default();
        let line = with_suggester(|mut suggester| {
            let mut editor = LineEditor::new(&mut suggester);
            block_on(edit(&mut editor, &mut person, &mut screen)).unwrap();
            editor.line().to_owned()
        });
        (line, screen)
    }

    /// Longer than any search.
    const LONG: usize = 10_000;

    #[test]
    fn words_are_drawn_below_the_line_and_tab_takes_the_first() {
        let keys = ["s", "e", "e", " ", "y", "o", "u", " ", "t", "o", "m", "\t"];
        let (line, screen) = typed(Person::new(keys, LONG));
        let word = line.strip_prefix("see you ").unwrap();
        assert!(word.starts_with("tom") && word.ends_with(' '), "{line:?}");
        let drawings = screen.drawings();
        let before = drawings.iter().rfind(|drawing| drawing.starts_with("> see you tom\r\n")).unwrap();
        assert!(before.contains(&format!("\x1b[7m Tab {}\x1b[0m", word)), "{before:?}");
        assert!(drawings.last().unwrap().starts_with(&format!("> {line}\r\n")));
    }

    #[test]
    fn keys_that_come_at_once_do_what_they_do_one_by_one() {
        let slowly = ["s", "e", "e", " ", "y", "o", "u", " ", "t", "o", "m", "\t"];
        let (one_by_one, _) = typed(Person::new(slowly, LONG));
        let (at_once, _) = typed(Person::new(["see you tom\t"], 0));
        let (hastily, _) = typed(Person::new(slowly, 0));
        assert_eq!([&at_once, &hastily], [&one_by_one; 2]);
    }

    #[test]
    fn a_key_does_not_wait_for_the_search() {
        // The next key comes after two slices, long before a search ends.
        let (_, hasty) = typed(Person::new(["my favorite", " ", "m"], 2));
        let (_, slow) = typed(Person::new(["my favorite", " ", "m"], LONG));
        let n_drawing = |screen: &Screen| screen.drawings().len();
        assert!(n_drawing(&hasty) < n_drawing(&slow), "{} {}", n_drawing(&hasty), n_drawing(&slow));
        assert!(hasty.drawings().iter().any(|drawing| drawing.starts_with("> my favorite m\r\n")));
    }

    #[test]
    fn other_tasks_run_between_the_slices() {
        let n_turn = Cell::new(0);
        let others = async {
            loop {
                n_turn.set(n_turn.get() + 1);
                yield_now().await;
            }
        };
        with_suggester(|mut suggester| {
            let mut slots = [Suggestion::EMPTY; 3];
            let search = suggest(&mut suggester, "my favorite m", &mut slots);
            match block_on(select(others, search)) {
                Either::Second(words) => assert!(!words.is_empty()),
                Either::First(()) => unreachable!("they never end"),
            }
            assert!(n_turn.get() > suggester.decode_steps(), "{} turns", n_turn.get());
            assert!(suggester.decode_steps() > 4);
        });
    }

    #[test]
    fn a_search_that_was_dropped_goes_on() {
        let text = "my favorite m";
        let whole = with_suggester(|mut suggester| suggester.suggest(text, &mut [Suggestion::EMPTY; 3]).to_vec());
        with_suggester(|mut suggester| {
            let mut slots = [Suggestion::EMPTY; 3];
            for n_slices in 1..4 {
                let enough = async {
                    for _ in 0..n_slices {
                        yield_now().await;
                    }
                };
                let search = suggest(&mut suggester, text, &mut slots);
                assert!(matches!(block_on(select(enough, search)), Either::First(())));
            }
            assert_eq!(block_on(suggest(&mut suggester, text, &mut slots)), whole);
        });
    }

    /// A port whose other end has gone.
    struct Closed;

    impl ErrorType for Closed {
        type Error = embedded_io_async::ErrorKind;
    }

    impl Read for Closed {
        async fn read(&mut self, _: &mut [u8]) -> Result<usize, Self::Error> {
            Err(embedded_io_async::ErrorKind::NotConnected)
        }
    }

    impl Write for Closed {
        async fn write(&mut self, _: &[u8]) -> Result<usize, Self::Error> {
            Err(embedded_io_async::ErrorKind::BrokenPipe)
        }

        async fn flush(&mut self) -> Result<(), Self::Error> {
            pending().await
        }
    }

    #[test]
    fn an_error_ends_it() {
        with_suggester(|mut suggester| {
            let mut editor = LineEditor::new(&mut suggester);
            let input = block_on(edit(&mut editor, &mut Closed, &mut Screen::default()));
            assert_eq!(input, Err(EditError::Input(embedded_io_async::ErrorKind::NotConnected)));
            let output = block_on(edit(&mut editor, &mut Person::new(["a"], 0), &mut Closed));
            assert_eq!(output, Err(EditError::Output(embedded_io_async::ErrorKind::BrokenPipe)));
        });
    }
}
