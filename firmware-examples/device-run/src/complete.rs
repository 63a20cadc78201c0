//! Completes sentences, then writes on by itself.

use embedded_gpt::text::MAX_WORD_BYTES;
use embedded_gpt::{
    Buffers, Generator, GeneratorOptions, Model, Progress, Sampler, Session, SuggestOptions, Suggester, Suggestion,
    Vocab,
};

use crate::{Board, Meter, RunError, context};

/// What a person may have typed so far: the middle of a word, or a space after one.
const TYPED: [&str; 5] =
    ["see you at the s", "my favorite m", "i am going to ", "thank you so m", "what do you want to "];
/// Suggestions a keyboard has room for.
const N_SUGGESTIONS: usize = 3;

const PROMPT: &str = "how are you";
const N_TOKENS: usize = 40;
/// Most bytes that are written at once: a token's, after the word before it, and what is held back at the end.
const MAX_WRITTEN: usize = Vocab::MAX_TOKEN_BYTES + 2 * MAX_WORD_BYTES;

/// Prints suggestions for sentences and a continued prompt; then the hash of the continuation's logits and
/// the work of a token.
///
/// # Errors
/// [`RunError`] of the call that failed.
pub fn complete(model: &Model<'_>, buffers: Buffers<'_>, board: &mut impl Board) -> Result<(), RunError> {
    let context = context(model.config());
    let lent = Buffers { kv: &mut *buffers.kv, scratch: &mut *buffers.scratch };
    suggest(Suggester::new(Session::new(model, context, lent)?, SuggestOptions::DEFAULT), board)?;
    generate(Session::new(model, context, buffers)?, board)
}

fn suggest(mut suggester: Suggester<'_>, board: &mut impl Board) -> Result<(), RunError> {
    let mut slots = [Suggestion::EMPTY; N_SUGGESTIONS];
    for typed in TYPED {
        write!(board, "{typed:<22}")?;
        for (i, suggestion) in suggester.suggest(typed, &mut slots).iter().enumerate() {
            write!(board, "{} {}", if i == 0 { ">" } else { " |" }, suggestion.as_str())?;
        }
        writeln!(board)?;
    }
    Ok(())
}

fn generate(session: Session<'_>, board: &mut impl Board) -> Result<(), RunError> {
    let sampler = Sampler::new(0.7, 1).with_top_k(40);
    let options = GeneratorOptions { sampler, max_tokens: N_TOKENS, ..Default::default() };
    let (mut generator, mut meter) = (Generator::new(session, options), Meter::new());
    write!(board, "{PROMPT}")?;
    let mut text = heapless::String::<MAX_WRITTEN>::new();
    while generator.n_written() < N_TOKENS {
        let (n_written, before) = (generator.n_written(), board.instructions());
        let progress = generator.poll(PROMPT, &mut text)?;
        let after = board.instructions();
        if generator.n_written() > n_written {
            meter.add(before.zip(after), generator.logits());
        }
        board.write_str(&text)?;
        text.clear();
        if progress == Progress::Done {
            // What comes now is another text.
            writeln!(board)?;
        }
    }
    meter.report(board)
}
