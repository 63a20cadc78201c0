//! Small random models: for tests, and for sizes and speeds that do not depend on training.

use embedded_gpt::{Config, Mlp, Norm, Position, Shape};

use super::{LayerWeights, Linear, NormWeights, Weights};

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

    fn values(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| self.next()).collect()
    }

    fn linear(&mut self, config: &Config, n_out: usize, n_in: usize) -> Linear {
        let weight = self.values(n_out * n_in);
        let bias = config.bias.then(|| self.values(n_out));
        Linear { weight, bias, n_out, n_in }
    }

    fn norm(&mut self, config: &Config) -> NormWeights {
        let gain = self.values(config.n_embd).iter().map(|x| 1.0 + x).collect();
        let bias = (config.norm == Norm::LayerNorm).then(|| self.values(config.n_embd));
        NormWeights { gain, bias }
    }

    fn layer(&mut self, config: &Config) -> LayerWeights {
        let (n_embd, n_ff) = (config.n_embd, config.n_ff);
        let (query, kv) = (config.n_head * config.head_dim, config.n_kv_head * config.head_dim);
        LayerWeights {
            attn_norm: self.norm(config),
            query: self.linear(config, query, n_embd),
            key: self.linear(config, kv, n_embd),
            value: self.linear(config, kv, n_embd),
            attn_out: self.linear(config, n_embd, query),
            mlp_norm: self.norm(config),
            gate: (config.mlp == Mlp::SwiGlu).then(|| self.linear(config, n_ff, n_embd)),
            up: self.linear(config, n_ff, n_embd),
            down: self.linear(config, n_embd, n_ff),
        }
    }
}

impl Weights {
    /// Every parameter drawn from `seed`, none of them zero or one throughout.
    pub fn random(config: Config, seed: u64) -> Self {
        let mut rng = Rng(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let learned = config.position == Position::Learned;
        Self {
            token_embedding: rng.values(config.n_vocab * config.n_embd),
            position_embedding: learned.then(|| rng.values(config.n_ctx * config.n_embd)),
            layers: (0..config.n_layer).map(|_| rng.layer(&config)).collect(),
            final_norm: rng.norm(&config),
            head: (!config.tied).then(|| rng.values(config.n_vocab * config.n_embd)),
            config,
        }
    }
}
