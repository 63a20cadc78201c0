//! Names of the special tokens of a model with labels, as [`Classifier`](crate::Classifier) looks for them.

/// Name of the token that asks for a label; the tokens of the labels follow it in the vocabulary.
pub const QUESTION: &str = "<|class|>";
/// What the name of a label's token begins with, before the label.
pub const LABEL_PREFIX: &str = "<|class:";
/// What the name of a label's token ends with, after the label.
pub const LABEL_SUFFIX: &str = "|>";
/// Tokens of the context that are not the text's: its start, the question, and the label that follows in training.
pub const TOKENS_AROUND: usize = 3;
