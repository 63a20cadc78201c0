//! A text as sentences of words without case.

use embedded_gpt::text::ends_sentence;

use crate::eval::folding::folded;
use crate::eval::typed_text::{is_space, split_token};

/// Words of one line, [folded], sentence by sentence. What is a word, and which signs after it end a sentence, is the
/// runtime's rule.
///
/// The last sentence is given even if it has no words.
pub fn sentences(line: &str) -> impl Iterator<Item = Vec<String>> {
    let mut tokens = line.split(is_space).filter(|token| !token.is_empty());
    let mut is_done = false;
    std::iter::from_fn(move || {
        if is_done {
            return None;
        }
        let mut words = Vec::new();
        for token in tokens.by_ref() {
            let (lead, core, trail) = split_token(token);
            if !core.is_empty() {
                words.push(folded(core));
            }
            // A token without a word is all lead.
            let after = if core.is_empty() { lead } else { trail };
            if after.contains(ends_sentence) {
                return Some(words);
            }
        }
        is_done = true;
        Some(words)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_at_their_punctuation() {
        let all = |line: &str| sentences(line).map(|words| words.join(" ")).collect::<Vec<_>>();
        assert_eq!(all("Hi, Tom! How ARE (you)?"), ["hi tom", "how are you", ""]);
        assert_eq!(all("so ... don't :) 3.5"), ["so", "don't 3", ""]);
        assert_eq!(all(""), [""]);
        assert_eq!(all("Größe… GRO\u{308}ßE? Как дела"), ["größe", "größe", "как дела"]);
        assert_eq!(all("Don\u{2019}t"), ["don't"]);
    }
}
