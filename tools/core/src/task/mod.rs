//! Tasks to learn from examples: pairs of input and output, and texts with labels; from files to rows of tokens in
//! which only the answers are to be predicted.

mod answers;
mod example;
mod held_out;
mod labels;
mod lines;
mod naive_bayes;
mod pack;
mod pairs;

pub use answers::{accuracy, answer, exact_matches};
pub use example::{Example, label_example, label_token_name, pair_example, prompt};
pub use held_out::hold_out;
pub use labels::{Labelled, Labels};
pub use naive_bayes::NaiveBayes;
pub use pack::{Rows, mix, pack, shuffled};
pub use pairs::Pair;
