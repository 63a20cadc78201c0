//! Completes sentences, then writes on by itself.

use embedded_gpt::{
    Buffers, MAX_TOKEN_BYTES, Model, Sampler, Session, SuggestOptions, Suggester, Suggestion, TokenId, Truecaser,
};

use crate::{Board, Meter, RunError, context};

/// What a person may have typed so far: the middle of a word, or a space after one.
const TYPED: [&str; 5] = ["see you tom", "how are y", "i am going to ", "thank you so m", "what do you want to "];
/// Suggestions a keyboard has room for.
const N_SUGGESTIONS: usize = 3;

const PROMPT: &str = "how are you";
const N_TOKENS: usize = 40;
/// Room for the prompt's tokens; a token is at least a byte.
const MAX_PROMPT: usize = PROMPT.len() + 1;

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

fn generate(mut session: Session<'_>, board: &mut impl Board) -> Result<(), RunError> {
    let vocab = session.model().vocab();
    let mut sampler = Sampler::new(0.7, 1).with_top_k(40);
    let mut meter = Meter::new();
    let mut ids: [TokenId; MAX_PROMPT] = [0; MAX_PROMPT];
    let mut next = 0;
    for token in vocab.start_of_text().into_iter().chain(vocab.encode(PROMPT, &mut ids)?.iter().copied()) {
        next = meter.step(&mut session, token, &mut sampler, board)?;
    }
    write!(board, "{PROMPT}")?;
    let (mut text, mut bytes) = (Truecaser::after(session.model(), PROMPT), [0; MAX_TOKEN_BYTES]);
    for _ in 0..N_TOKENS {
        if vocab.is_end_of_text(next) {
            // What comes now is another text.
            text.finish(board)?;
            writeln!(board)?;
            text = Truecaser::after(session.model(), "");
        }
        text.push(vocab.bytes(next, &mut bytes), board)?;
        next = meter.step(&mut session, next, &mut sampler, board)?;
    }
    text.finish(board)?;
    writeln!(board)?;
    meter.report(board)
}
