//! GPT-Neo naming: the configuration and tensors of `GPTNeoForCausalLM`, such as the TinyStories models.
//!
//! Such a model becomes a GPT-2 that computes the same. Its scores are not divided by `sqrt(head_dim)`, so the query
//! matrix is multiplied by that. Every other layer looks back `window_size` tokens only: up to that context, it sees
//! what the others see.

use super::error::require;
use super::gpt2::mlp_of;
use super::tensors::{Names, Stored};
use super::{CheckpointError, Source, SpecialTokens, keys};
use crate::weights::Weights;
use embedded_gpt::Config;
use embedded_gpt::config::Shape;
use embedded_gpt::format::tensor::Role;
use serde::Deserialize;
use serde_json::{Map, Value};

const NAMES: Names = Names {
    model_type: "gpt_neo",
    prefix: "transformer.",
    // The causal masks that old versions stored.
    buffers: &[".attn.attention.bias", ".attn.attention.masked_bias"],
    tensors: &[
        (Role::TokenEmbedding, Stored::Plain("wte.weight")),
        (Role::PositionEmbedding, Stored::Start("wpe.weight")),
        (Role::AttnNormGain, Stored::Plain("h.{}.ln_1.weight")),
        (Role::AttnNormBias, Stored::Plain("h.{}.ln_1.bias")),
        (Role::Query, Stored::Plain("h.{}.attn.attention.q_proj.weight")),
        (Role::Key, Stored::Plain("h.{}.attn.attention.k_proj.weight")),
        (Role::Value, Stored::Plain("h.{}.attn.attention.v_proj.weight")),
        (Role::AttnOut, Stored::Plain("h.{}.attn.attention.out_proj.weight")),
        (Role::AttnOutBias, Stored::Plain("h.{}.attn.attention.out_proj.bias")),
        (Role::MlpNormGain, Stored::Plain("h.{}.ln_2.weight")),
        (Role::MlpNormBias, Stored::Plain("h.{}.ln_2.bias")),
        (Role::Up, Stored::Plain("h.{}.mlp.c_fc.weight")),
        (Role::UpBias, Stored::Plain("h.{}.mlp.c_fc.bias")),
        (Role::Down, Stored::Plain("h.{}.mlp.c_proj.weight")),
        (Role::DownBias, Stored::Plain("h.{}.mlp.c_proj.bias")),
        (Role::FinalNormGain, Stored::Plain("ln_f.weight")),
        (Role::FinalNormBias, Stored::Plain("ln_f.bias")),
        (Role::Head, Stored::Plain("lm_head.weight")),
    ],
};

/// The fields of config.json that shape a GPT-Neo; defaults are those of transformers.
#[derive(Debug, Deserialize)]
pub(super) struct GptNeoJson {
    vocab_size: usize,
    max_position_embeddings: usize,
    hidden_size: usize,
    num_layers: usize,
    num_heads: usize,
    intermediate_size: Option<usize>,
    /// Kinds of layers and how often they come after one another.
    attention_types: Vec<(Vec<String>, usize)>,
    /// The kind of each layer, once more.
    attention_layers: Option<Vec<String>>,
    #[serde(default = "default_window")]
    window_size: usize,
    #[serde(default = "default_activation")]
    activation_function: String,
    #[serde(default = "default_epsilon")]
    layer_norm_epsilon: f32,
    #[serde(default = "yes")]
    tie_word_embeddings: bool,
    #[serde(default)]
    bos_token_id: Value,
    #[serde(default)]
    eos_token_id: Value,
    #[serde(default)]
    pad_token_id: Value,
    #[serde(flatten)]
    unread: Map<String, Value>,
}

fn default_window() -> usize {
    256
}

fn default_activation() -> String {
    "gelu_new".to_owned()
}

fn default_epsilon() -> f32 {
    1e-5
}

fn yes() -> bool {
    true
}

impl GptNeoJson {
    /// What a config.json describes.
    pub(super) fn source(json: Value) -> serde_json::Result<Result<Source, CheckpointError>> {
        let json: Self = serde_json::from_value(json)?;
        Ok(json.config().map(|config| Source {
            config,
            special: SpecialTokens::from_json(&json.bos_token_id, &json.eos_token_id, &json.pad_token_id),
            names: NAMES,
            zeros: vec![Role::QueryBias, Role::KeyBias, Role::ValueBias],
            fold: fold_scale,
            notes: Vec::from_iter((config.n_ctx < json.max_position_embeddings).then(|| {
                format!(
                    "the context is cut from {} to {} tokens: further back, local attention no longer sees what a \
                     device computes",
                    json.max_position_embeddings, config.n_ctx
                )
            })),
        }))
    }

    fn config(&self) -> Result<Config, CheckpointError> {
        keys::check(&self.unread)?;
        require(self.num_heads > 0 && self.hidden_size.is_multiple_of(self.num_heads), || {
            format!("config.json: hidden_size {} must be a multiple of num_heads {}", self.hidden_size, self.num_heads)
        })?;
        let kinds = || {
            let types = self.attention_types.iter().filter(|(_, n)| *n > 0).flat_map(|(kinds, _)| kinds);
            types.chain(self.attention_layers.iter().flatten())
        };
        if let Some(kind) = kinds().find(|kind| !matches!(kind.as_str(), "global" | "local")) {
            return Err(CheckpointError::Unsupported(format!(
                "config.json: attention of the type `{kind}` is not supported; global and local are"
            )));
        }
        let is_local = kinds().any(|kind| kind == "local");
        let window = if is_local { self.window_size } else { usize::MAX };
        let (n_vocab, n_ctx) = (self.vocab_size, self.max_position_embeddings.min(window));
        let (n_layer, n_head, n_embd) = (self.num_layers, self.num_heads, self.hidden_size);
        let mut config = Config::gpt2(Shape { n_vocab, n_ctx, n_layer, n_head, n_embd });
        config.n_ff = self.intermediate_size.unwrap_or(config.n_ff);
        config.norm_eps = self.layer_norm_epsilon;
        config.mlp = mlp_of(&self.activation_function)?;
        config.tied = self.tie_word_embeddings;
        Ok(config)
    }
}

/// Scores that are not divided by `sqrt(head_dim)` are those of queries that are as much larger.
fn fold_scale(weights: &mut Weights) {
    let scale = (weights.config.head_dim as f32).sqrt();
    for layer in 0..weights.config.n_layer {
        let query = weights.get_mut(Role::Query, layer);
        query.into_iter().flatten().for_each(|weight| *weight *= scale);
    }
}
