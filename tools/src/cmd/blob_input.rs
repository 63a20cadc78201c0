//! What the commands that run a blob share: where a text starts, and which tokens it is.

use embedded_gpt::{TokenId, Vocab};

/// The token that a text starts with: BOS; without a prompt, whatever stands between texts.
pub fn start_token(vocab: &Vocab<'_>, prompt: &str) -> Option<TokenId> {
    vocab.bos().or_else(|| vocab.end_of_text().filter(|_| prompt.is_empty()))
}

/// The tokens of a text from its beginning.
pub fn encode(vocab: &Vocab<'_>, text: &str) -> Vec<TokenId> {
    let mut ids = vec![0; vocab.max_tokens(text.len())];
    let n = vocab.encode(text, &mut ids).map_or(0, |ids| ids.len());
    ids.truncate(n);
    ids
}
