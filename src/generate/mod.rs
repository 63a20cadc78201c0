//! From logits to text: choosing tokens, and writing them with the capitals that people would write.

mod sampler;
mod truecaser;

pub use sampler::Sampler;
pub use truecaser::Truecaser;
