//! Model shapes by name, for people who do not want to choose eight numbers.

use std::fmt::{self, Display, Formatter};

use clap::ValueEnum;
use embedded_gpt::{Config, Mlp, Norm, Position};

/// How large a model is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Preset {
    /// About 0.2 million parameters: for tests and first tries, trained in a minute.
    Tiny,
    /// About 0.6 million parameters: the demo's.
    Small,
    /// About 1 million parameters.
    Medium,
    /// About 3 million parameters: an hour or more of training.
    Large,
    /// For a keyboard in 512 KiB of flash, with 4-bit weights.
    #[value(name = "512KiB", alias = "512kib")]
    Flash512K,
}

/// Which family's building blocks a model has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Arch {
    /// LayerNorm, learned positions, GELU, biases.
    Gpt2,
    /// RMSNorm, rotary positions, SwiGLU, grouped-query attention, no biases.
    Llama,
}

impl Display for Preset {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_value_name(self, f)
    }
}

impl Display for Arch {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write_value_name(self, f)
    }
}

/// The name as on the command line.
fn write_value_name(value: &impl ValueEnum, f: &mut Formatter<'_>) -> fmt::Result {
    value.to_possible_value().map_or(Ok(()), |name| f.write_str(name.get_name()))
}

/// Sizes that a preset stands for.
struct Sizes {
    n_vocab: usize,
    n_ctx: usize,
    n_layer: usize,
    n_head: usize,
    n_kv_head: usize,
    head_dim: usize,
    n_embd: usize,
    /// Of a Llama; a GPT-2 has 4 · n_embd.
    n_ff: usize,
}

impl Preset {
    fn sizes(self) -> Sizes {
        let plain = |n_vocab, n_ctx, n_layer, n_head, n_embd: usize| Sizes {
            n_vocab,
            n_ctx,
            n_layer,
            n_head,
            n_kv_head: 2,
            head_dim: n_embd / n_head,
            n_embd,
            // Three matrices of this width cost as much as GPT-2's two of four times n_embd.
            n_ff: (n_embd * 8 / 3).next_multiple_of(8),
        };
        match self {
            Self::Tiny => plain(1024, 64, 3, 4, 64),
            Self::Small => plain(2048, 128, 4, 4, 96),
            Self::Medium => plain(2048, 128, 4, 4, 128),
            Self::Large => plain(4096, 256, 6, 6, 192),
            Self::Flash512K => Sizes {
                n_vocab: 4096,
                n_ctx: 128,
                n_layer: 4,
                n_head: 4,
                n_kv_head: 1,
                head_dim: 32,
                n_embd: 112,
                n_ff: 224,
            },
        }
    }

    /// The shape of a model of this size, with tied embeddings.
    pub fn config(self, arch: Arch) -> Config {
        let Sizes { n_vocab, n_ctx, n_layer, n_head, n_kv_head, head_dim, n_embd, n_ff } = self.sizes();
        let shape = Config {
            n_vocab,
            n_ctx,
            n_layer,
            n_head,
            n_kv_head,
            head_dim,
            n_embd,
            n_ff,
            norm: Norm::RmsNorm,
            norm_eps: 1e-5,
            position: Position::Rotary,
            rope_theta: 10_000.0,
            mlp: Mlp::SwiGlu,
            bias: false,
            tied: true,
        };
        match arch {
            Arch::Llama => shape,
            Arch::Gpt2 => Config {
                n_kv_head: n_head,
                n_ff: n_embd * 4,
                norm: Norm::LayerNorm,
                position: Position::Learned,
                rope_theta: 0.0,
                mlp: Mlp::GeluTanh,
                bias: true,
                ..shape
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_command_line() {
        assert_eq!(format!("{} {}", Preset::Tiny, Arch::Gpt2), "tiny gpt2");
    }

    #[test]
    fn every_preset_fits_the_blob_format() {
        for preset in Preset::value_variants() {
            for arch in Arch::value_variants() {
                assert!(preset.config(*arch).is_valid(), "{preset:?} {arch:?}");
            }
        }
    }
}
