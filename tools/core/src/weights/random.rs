//! Small random models: for tests, and for sizes and speeds that do not depend on training.

use super::Weights;
use embedded_gpt::Config;
use embedded_gpt::config::Shape;

/// A GPT-2 of a few thousand parameters.
pub fn gpt2_config() -> Config {
    Config::gpt2(Shape { n_vocab: 37, n_ctx: 16, n_layer: 2, n_head: 4, n_embd: 24 }).with(|c| c.n_ff = 56)
}

/// A Llama of a few thousand parameters, with grouped queries and a separate head.
pub fn llama_config() -> Config {
    Config::llama(Shape { n_vocab: 37, n_ctx: 16, n_layer: 2, n_head: 4, n_embd: 24 }).with(|c| {
        (c.n_kv_head, c.head_dim, c.n_ff) = (2, 8, 56);
        c.norm_eps = 1e-6;
    })
}

/// xorshift64*: enough for weights that no two of which are alike.
struct Rng(u64);

impl Rng {
    /// Uniform in −0.5 to 0.5.
    fn next(&mut self) -> f32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 40) as f32 / (1 << 24) as f32 - 0.5
    }
}

impl Weights {
    /// Every parameter drawn from `seed`, none of them zero or one throughout.
    pub fn random(config: Config, seed: u64) -> Self {
        let mut rng = Rng(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        Self::new(config, |spec| {
            let mean = if spec.role.is_gain() { 1.0 } else { 0.0 };
            (0..spec.rows * spec.cols).map(|_| mean + rng.next()).collect()
        })
    }
}
