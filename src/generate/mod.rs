//! From logits to text: choosing tokens, and writing them with the capitals that people would write.

mod generator;
mod sampler;
mod truecaser;

pub use generator::{Generator, GeneratorOptions};
pub use sampler::Sampler;
pub use truecaser::Truecaser;
