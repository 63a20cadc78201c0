//! Model shapes by name, for people who do not want to choose eight numbers.

use std::fmt::{self, Display, Formatter};

use clap::ValueEnum;
use egpt_core::design::{Budget, Sizes, design};
use egpt_core::quantize::Quant;
use embedded_gpt::Config;
use embedded_gpt::config::Shape;

/// How large a model is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Preset {
    /// About 0.2 million parameters: for tests and first tries, trained in a minute.
    Tiny,
    /// About 0.6 million parameters.
    Small,
    /// About 1 million parameters.
    Medium,
    /// About 3 million parameters: an hour or more of training.
    Large,
    /// What fills 128 KiB of flash with 4-bit weights; as --flash 128KiB.
    #[value(name = "128KiB")]
    Flash128K,
    /// What fills 256 KiB.
    #[value(name = "256KiB")]
    Flash256K,
    /// What fills 512 KiB, as the shipped model does.
    #[value(name = "512KiB")]
    Flash512K,
    /// What fills 1 MiB.
    #[value(name = "1MiB")]
    Flash1M,
    /// What fills 2 MiB.
    #[value(name = "2MiB")]
    Flash2M,
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

impl Preset {
    /// Bytes of flash that it is made for, with 4-bit weights.
    pub fn flash(self) -> Option<usize> {
        match self {
            Self::Tiny | Self::Small | Self::Medium | Self::Large => None,
            Self::Flash128K => Some(128 << 10),
            Self::Flash256K => Some(256 << 10),
            Self::Flash512K => Some(512 << 10),
            Self::Flash1M => Some(1 << 20),
            Self::Flash2M => Some(2 << 20),
        }
    }

    fn llama(self) -> Config {
        if let Some(flash) = self.flash() {
            return design(Budget { flash, ram: None, quant: Quant::Q4 }).expect("a budget that tests have tried");
        }
        let plain = |n_vocab, n_ctx, n_layer, n_embd: usize| {
            // Three matrices of this width cost as much as GPT-2's two of four times n_embd.
            Sizes { n_vocab, n_ctx, n_layer, n_embd, n_ff: (n_embd * 8 / 3).next_multiple_of(8) }.config()
        };
        let heads = |n_head, config: Config| {
            config.with(|c| (c.n_head, c.n_kv_head, c.head_dim) = (n_head, 2, c.n_embd / n_head))
        };
        match self {
            Self::Tiny => heads(4, plain(1024, 64, 3, 64)),
            Self::Small => heads(4, plain(2048, 128, 4, 96)),
            Self::Medium => heads(4, plain(2048, 128, 4, 128)),
            _ => heads(6, plain(4096, 256, 6, 192)),
        }
    }

    /// The shape of a model of this size, with tied embeddings.
    pub fn config(self, arch: Arch) -> Config {
        let shape = self.llama();
        match arch {
            Arch::Llama => shape,
            Arch::Gpt2 => {
                let Config { n_vocab, n_ctx, n_layer, n_head, n_embd, .. } = shape;
                Config::gpt2(Shape { n_vocab, n_ctx, n_layer, n_head, n_embd })
            }
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
