//! Examples as tokens.

use embedded_gpt::format::labels::{LABEL_PREFIX, LABEL_SUFFIX, QUESTION, TOKENS_AROUND};
use embedded_gpt::text::chunks;
use embedded_gpt::{TokenId, Vocab};

use super::Pair;

/// Tokens that are given, and after them those to be predicted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    pub tokens: Vec<TokenId>,
    /// How many are given.
    pub n_given: usize,
}

/// What a model of pairs is asked with; the output follows after a space.
pub fn prompt(input: &str) -> String {
    format!("Input: {input}\nOutput:")
}

/// A pair: the output and the end of the text are to be predicted.
pub fn pair_example(vocab: &Vocab<'_>, pair: &Pair) -> Example {
    let mut tokens: Vec<TokenId> = vocab.start_of_text().into_iter().collect();
    push(vocab, &prompt(&pair.input), true, &mut tokens);
    let n_given = tokens.len();
    push(vocab, &format!(" {}", pair.output), false, &mut tokens);
    tokens.extend(vocab.end_of_text().or(vocab.eos()));
    Example { tokens, n_given }
}

/// A text, as much of it as a context of `context` tokens has room for, and its label, which is to be predicted.
///
/// # Panics
/// If the vocabulary has no labels.
pub fn label_example(vocab: &Vocab<'_>, text: &str, label: usize, context: usize) -> Example {
    let question = vocab.special(QUESTION).expect("a vocabulary with labels");
    let mut text_tokens = Vec::new();
    for (i, chunk) in chunks(text).enumerate() {
        push(vocab, chunk, i == 0, &mut text_tokens);
    }
    text_tokens.truncate(context.saturating_sub(TOKENS_AROUND));
    let start = vocab.start_of_text().into_iter();
    let label = question + 1 + label as TokenId;
    let tokens: Vec<TokenId> = start.chain(text_tokens).chain([question, label]).collect();
    Example { n_given: tokens.len() - 1, tokens }
}

/// The name of a label's token.
pub fn label_token_name(label: &str) -> String {
    format!("{LABEL_PREFIX}{label}{LABEL_SUFFIX}")
}

fn push(vocab: &Vocab<'_>, text: &str, is_start: bool, tokens: &mut Vec<TokenId>) {
    let mut room = vec![0; vocab.max_tokens(text.len())];
    let ids = if is_start { vocab.encode(text, &mut room) } else { vocab.encode_continuation(text, &mut room) };
    tokens.extend_from_slice(ids.expect("a token per byte is enough"));
}
