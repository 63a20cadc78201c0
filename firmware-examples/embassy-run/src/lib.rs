//! What every board does: [`run`] is the keyboard, [`blink`] stands for the rest of the device.
//!
//! Both run on one executor. The search for words gives way after each of its slices, so the light is never later than
//! the longest of them takes. What must not be late by so much belongs into an interrupt, or on an
//! `InterruptExecutor`.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use embassy_time::{Duration, Ticker, Timer};
use embedded_gpt::{
    Aligned, Config, Error, Letters, Model, Session, SuggestOptions, Suggester, Workspace, include_model,
};
use embedded_hal::digital::StatefulOutputPin;
use embedded_io_async::{Read, Write};
use line_editor::{LineEditor, edit};
use static_cell::{ConstStaticCell, StaticCell};

/// The board's `.cargo/config.toml` says which; whoever sets the variable has another one built in.
static BLOB: &Aligned<[u8]> = include_model!(env!("EGPT_MODEL", "run cargo in the directory of a board"));
const CONFIG: Config = Config::of(&BLOB.0);
/// Tokens that the model looks back: about half as many words.
const CONTEXT: usize = match option_env!("EGPT_CONTEXT") {
    Some(tokens) => match usize::from_str_radix(tokens, 10) {
        Ok(tokens) => tokens,
        Err(_) => panic!("EGPT_CONTEXT is not a number"),
    },
    None => 64,
};
const _: () =
    assert!(CONTEXT > 0 && CONTEXT <= CONFIG.n_ctx, "EGPT_CONTEXT is 0, or more than the model can look back");
type Ram = Workspace<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>;
static RAM: ConstStaticCell<Ram> = ConstStaticCell::new(Ram::new());
static SUGGESTER: StaticCell<Suggester<'static>> = StaticCell::new();
static EDITOR: StaticCell<Editor> = StaticCell::new();

const GREETING: &[u8] = b"\r\nTab, F2 and F3 accept a word, Enter starts a new line.\r\n";
/// How long the other end of a cable may take to come back.
const PAUSE: Duration = Duration::from_millis(100);
const HALF_BLINK: Duration = Duration::from_millis(500);

/// A line of text, with words of the model that is built in.
pub type Editor = LineEditor<'static, 'static, Letters>;

/// Makes the editor. Only once: it takes the model's memory.
///
/// # Errors
/// If the model in flash is damaged.
pub fn editor() -> Result<&'static mut Editor, Error> {
    suggester().map(line)
}

// Neither is inlined: what it takes of the stack is free again for the other.

#[inline(never)]
fn suggester() -> Result<&'static mut Suggester<'static>, Error> {
    let model = Model::parse(&BLOB.0)?;
    let session = Session::new(&model, CONTEXT, RAM.take().buffers())?;
    Ok(SUGGESTER.init_with(|| Suggester::new(session, SuggestOptions::DEFAULT)))
}

#[inline(never)]
fn line(suggester: &'static mut Suggester<'static>) -> &'static mut Editor {
    EDITOR.init_with(|| LineEditor::new(suggester))
}

/// Offers words to whoever types at the other end of a serial port.
pub async fn run(editor: Result<&'static mut Editor, Error>, mut input: impl Read, mut output: impl Write) -> ! {
    let Ok(editor) = editor else {
        loop {
            let _ = output.write_all(b"the model in flash is damaged\r\n").await;
            Timer::after_secs(1).await;
        }
    };
    loop {
        let _ = output.write_all(GREETING).await;
        // It ends when the cable is pulled.
        let _ = edit(editor, &mut input, &mut output).await;
        Timer::after(PAUSE).await;
    }
}

/// Blinks once per second.
pub async fn blink(mut led: impl StatefulOutputPin) -> ! {
    let mut ticker = Ticker::every(HALF_BLINK);
    loop {
        // A pin of the chip itself does not fail.
        let _ = led.toggle();
        ticker.next().await;
    }
}
