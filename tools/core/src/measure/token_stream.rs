//! A text as the tokens a model is scored on.

use embedded_gpt::{TokenId, Vocab};

/// Documents, with the token that separates them in training before, between and after them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenStream {
    /// All tokens; each but the first is scored given those before it.
    pub tokens: Vec<TokenId>,
    /// Length in bytes of the text that the scored tokens stand for; separators stand for none.
    pub n_bytes: usize,
}

impl TokenStream {
    /// Encodes a text. Blank lines separate its documents if the vocabulary has a token for
    /// that; otherwise the whole text is one document.
    pub fn new(text: &str, vocab: &Vocab<'_>) -> Self {
        let mut stream = Self::default();
        match vocab.end_of_text().or(vocab.bos()) {
            Some(separator) => {
                for document in text.split("\n\n").map(|document| document.trim_matches('\n')) {
                    if !document.is_empty() {
                        stream.tokens.push(separator);
                        stream.push(document, vocab);
                    }
                }
                stream.tokens.push(separator);
            }
            None => {
                stream.push(text, vocab);
                let unscored = stream.tokens.first().map_or(0, |&token| vocab.token_len(token));
                stream.n_bytes = stream.n_bytes.saturating_sub(unscored);
            }
        }
        stream
    }

    /// Encodes line by line, because a vocabulary that does not split its text takes time
    /// that is quadratic in the length.
    fn push(&mut self, document: &str, vocab: &Vocab<'_>) {
        let mut is_first = true;
        for line in document.split_inclusive('\n') {
            let mut room = vec![0; vocab.max_tokens(line.len())];
            let ids = if is_first { vocab.encode(line, &mut room) } else { vocab.encode_continuation(line, &mut room) };
            self.tokens.extend_from_slice(ids.expect("there is room for a token per byte and one more"));
            is_first = false;
        }
        self.n_bytes += document.len();
    }
}
