//! Counts what kernels and tokens take, and how deep the stack gets; `cargo xtask bench mcu` reads what is printed.

use embedded_gpt::format::tensor::Format;
use embedded_gpt::kernel_bench::Multiplication;
use embedded_gpt::{
    Buffers, Model, Sampler, Session, SuggestOptions, Suggester, Suggestion, TokenId, Vocab, kernel_name,
};

use crate::{Board, RunError, check_clock, memory};

const FORMATS: [(&str, Format); 2] = [("q8", Format::Q8), ("q4", Format::Q4)];
/// Rows and columns.
const SHAPES: [(usize, usize); 5] = [(64, 64), (172, 64), (288, 288), (768, 288), (512, 64)];
/// Multiplications that are counted together, so that a tick of the clock is a small part of the count.
const N_MULTIPLICATIONS: u64 = 16;

const PROMPT: &str = "Once upon a time";
/// Room for the prompt's tokens; a token is at least a byte.
const MAX_PROMPT: usize = PROMPT.len() + 2;
/// Longest context.
const MAX_CONTEXT: usize = 512;
/// Positions whose tokens are reported, and how many first ones in the mean.
const POSITIONS: [usize; 3] = [0, 31, 255];
const N_MEAN: usize = 32;

/// Counts everything.
///
/// # Errors
/// [`RunError`] of the call that failed, [`RunError::Clock`] if there is nothing to count with.
pub fn bench(blob: &[u8], ram: &mut [u32], board: &mut impl Board) -> Result<(), RunError> {
    check_clock(board)?;
    kernels(ram, board)?;
    let model = Model::parse(blob)?;
    let context = model.config().n_ctx.min(MAX_CONTEXT);
    let n_kv = model.config().kv_words(context);
    let n_scratch = model.config().scratch_words(context);
    let (kv, rest) = ram.split_at_mut_checked(n_kv).unwrap_or_default();
    let scratch = rest.get_mut(..n_scratch).unwrap_or_default();
    tokens(Session::new(&model, context, Buffers { kv: &mut *kv, scratch: &mut *scratch })?, board)?;
    let stack = suggest_stack(Session::new(&model, context, Buffers { kv: &mut *kv, scratch: &mut *scratch })?)?;
    let stack = stack.max(generate_stack(Session::new(&model, context, Buffers { kv, scratch })?)?);
    let objects = size_of::<Model<'_>>() + size_of::<Suggester<'_>>();
    writeln!(board, "memory context {context} buffers {} objects {objects} stack {stack}", 4 * (n_kv + n_scratch))?;
    Ok(())
}

fn kernels(ram: &mut [u32], board: &mut impl Board) -> Result<(), RunError> {
    for ((name, format), (rows, cols)) in FORMATS.into_iter().flat_map(|format| SHAPES.map(|shape| (format, shape))) {
        let Some(mut multiplication) = Multiplication::new(format, rows, cols, ram) else { continue };
        let before = board.instructions();
        for _ in 0..N_MULTIPLICATIONS {
            multiplication.run();
        }
        let count = since(before, board) / N_MULTIPLICATIONS;
        writeln!(board, "kernel {} {name} {rows} {cols} {count}", kernel_name())?;
    }
    Ok(())
}

fn tokens(mut session: Session<'_>, board: &mut impl Board) -> Result<(), RunError> {
    let mut ids = [0; MAX_PROMPT];
    let n_prompt = prompt(&session, &mut ids)?;
    let (mut total, mut next) = (0, 0);
    for position in 0..session.context().min(POSITIONS[POSITIONS.len() - 1] + 1) {
        let token = if position < n_prompt { ids[position] } else { next };
        let before = board.instructions();
        let logits = session.step(token)?;
        let count = since(before, board);
        next = Sampler::greedy().pick(logits);
        if POSITIONS.contains(&position) {
            writeln!(board, "token {position} {count}")?;
        }
        if position < N_MEAN {
            total += count;
        }
        if position + 1 == N_MEAN {
            writeln!(board, "token mean{N_MEAN} {}", total / N_MEAN as u64)?;
        }
    }
    Ok(())
}

/// Start of text and [`PROMPT`]; gives their number.
fn prompt(session: &Session<'_>, ids: &mut [TokenId; MAX_PROMPT]) -> Result<usize, RunError> {
    let vocab = session.model().vocab();
    let n_start = vocab.start_of_text().map_or(0, |token| {
        ids[0] = token;
        1
    });
    Ok(n_start + vocab.encode(PROMPT, &mut ids[n_start..])?.len())
}

/// Bytes of stack that suggesting takes, in a function of its own: what it inlines counts, too.
fn suggest_stack(session: Session<'_>) -> Result<usize, RunError> {
    #[inline(never)]
    fn suggest(suggester: &mut Suggester<'_>, slots: &mut [Suggestion]) {
        suggester.suggest("I am going to th", slots);
    }
    let mut suggester = Suggester::new(session, SuggestOptions::DEFAULT);
    let mut slots = [Suggestion::EMPTY; 3];
    let before = memory::stack_now();
    memory::paint_stack();
    suggest(&mut suggester, &mut slots);
    Ok(memory::stack_peak() - before)
}

/// As [`suggest_stack`], for generating; the ids of the prompt and a token's bytes are in memory of the caller.
fn generate_stack(mut session: Session<'_>) -> Result<usize, RunError> {
    #[inline(never)]
    fn generate(
        session: &mut Session<'_>,
        ids: &mut [TokenId; MAX_PROMPT],
        bytes: &mut [u8; Vocab::MAX_TOKEN_BYTES],
    ) -> Result<(), RunError> {
        let mut sampler = Sampler::new(0.7, 1).with_top_k(40);
        let n_prompt = prompt(session, ids)?;
        let mut next = sampler.pick(session.prefill(&ids[..n_prompt])?);
        for _ in 0..N_MEAN {
            core::hint::black_box(session.model().vocab().bytes(next, bytes));
            next = sampler.pick(session.step(next)?);
        }
        Ok(())
    }
    // What the caller lends is not the runtime's.
    let (mut ids, mut bytes) = ([0; MAX_PROMPT], [0; Vocab::MAX_TOKEN_BYTES]);
    let before = memory::stack_now();
    memory::paint_stack();
    generate(&mut session, &mut ids, &mut bytes)?;
    Ok(memory::stack_peak() - before)
}

fn since(before: Option<u64>, board: &impl Board) -> u64 {
    board.instructions().zip(before).map_or(0, |(after, before)| after - before)
}
