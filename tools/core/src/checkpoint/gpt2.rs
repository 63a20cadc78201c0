//! GPT-2 naming: the configuration and tensors of `GPT2LMHeadModel`.
//!
//! Its dense layers are stored the other way round than ours, (n_in, n_out), and query,
//! key and value share one matrix.

use super::error::require;
use super::tensors::{Names, Stored};
use super::{CheckpointError, Source, SpecialTokens, keys};
use embedded_gpt::Config;
use embedded_gpt::config::{Mlp, Norm, Shape};
use embedded_gpt::format::tensor::Role;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(super) const NAMES: Names = Names {
    model_type: "gpt2",
    prefix: "transformer.",
    // The causal masks that old versions stored.
    buffers: &[".attn.bias", ".attn.masked_bias"],
    tensors: &[
        (Role::TokenEmbedding, Stored::Plain("wte.weight")),
        (Role::PositionEmbedding, Stored::Plain("wpe.weight")),
        (Role::AttnNormGain, Stored::Plain("h.{}.ln_1.weight")),
        (Role::AttnNormBias, Stored::Plain("h.{}.ln_1.bias")),
        (Role::Query, Stored::Third(0, "h.{}.attn.c_attn.weight")),
        (Role::QueryBias, Stored::Third(0, "h.{}.attn.c_attn.bias")),
        (Role::Key, Stored::Third(1, "h.{}.attn.c_attn.weight")),
        (Role::KeyBias, Stored::Third(1, "h.{}.attn.c_attn.bias")),
        (Role::Value, Stored::Third(2, "h.{}.attn.c_attn.weight")),
        (Role::ValueBias, Stored::Third(2, "h.{}.attn.c_attn.bias")),
        (Role::AttnOut, Stored::Transposed("h.{}.attn.c_proj.weight")),
        (Role::AttnOutBias, Stored::Plain("h.{}.attn.c_proj.bias")),
        (Role::MlpNormGain, Stored::Plain("h.{}.ln_2.weight")),
        (Role::MlpNormBias, Stored::Plain("h.{}.ln_2.bias")),
        (Role::Up, Stored::Transposed("h.{}.mlp.c_fc.weight")),
        (Role::UpBias, Stored::Plain("h.{}.mlp.c_fc.bias")),
        (Role::Down, Stored::Transposed("h.{}.mlp.c_proj.weight")),
        (Role::DownBias, Stored::Plain("h.{}.mlp.c_proj.bias")),
        (Role::FinalNormGain, Stored::Plain("ln_f.weight")),
        (Role::FinalNormBias, Stored::Plain("ln_f.bias")),
        (Role::Head, Stored::Plain("lm_head.weight")),
    ],
};

/// The fields of config.json that shape a GPT-2; defaults are those of transformers.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Gpt2Json {
    #[serde(default)]
    architectures: Vec<String>,
    model_type: String,
    vocab_size: usize,
    n_positions: usize,
    n_embd: usize,
    n_layer: usize,
    n_head: usize,
    n_inner: Option<usize>,
    #[serde(default = "default_activation")]
    activation_function: String,
    #[serde(default = "default_epsilon")]
    layer_norm_epsilon: f32,
    #[serde(default = "yes")]
    scale_attn_weights: bool,
    #[serde(default)]
    scale_attn_by_inverse_layer_idx: bool,
    #[serde(default)]
    add_cross_attention: bool,
    #[serde(default = "yes")]
    tie_word_embeddings: bool,
    #[serde(default)]
    bos_token_id: Value,
    #[serde(default)]
    eos_token_id: Value,
    #[serde(default)]
    pad_token_id: Value,
    #[serde(default)]
    torch_dtype: Value,
    #[serde(flatten, skip_serializing)]
    unread: Map<String, Value>,
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

/// The feed-forward part with an activation of transformers' name.
pub(super) fn mlp_of(activation: &str) -> Result<Mlp, CheckpointError> {
    match activation {
        "gelu_new" | "gelu_pytorch_tanh" => Ok(Mlp::GeluTanh),
        "gelu" => Ok(Mlp::Gelu),
        other => Err(CheckpointError::Unsupported(format!(
            "config.json: activation_function `{other}` is not supported; gelu, gelu_new and gelu_pytorch_tanh are"
        ))),
    }
}

impl Gpt2Json {
    /// What a config.json describes.
    pub(super) fn source(json: Value) -> serde_json::Result<Result<Source, CheckpointError>> {
        let json: Self = serde_json::from_value(json)?;
        Ok(json.config().map(|config| Source {
            config,
            special: SpecialTokens::from_json(&json.bos_token_id, &json.eos_token_id, &json.pad_token_id),
            names: NAMES,
            zeros: Vec::new(),
            fold: |_| {},
            notes: Vec::new(),
        }))
    }

    fn config(&self) -> Result<Config, CheckpointError> {
        keys::check(&self.unread)?;
        let mlp = mlp_of(&self.activation_function)?;
        let plain = self.scale_attn_weights && !self.scale_attn_by_inverse_layer_idx && !self.add_cross_attention;
        require(plain, || {
            "config.json: scale_attn_weights must be true, scale_attn_by_inverse_layer_idx and \
             add_cross_attention false"
                .to_owned()
        })?;
        require(self.n_head > 0 && self.n_embd.is_multiple_of(self.n_head), || {
            format!("config.json: n_embd {} must be a multiple of n_head {}", self.n_embd, self.n_head)
        })?;
        let (n_vocab, n_ctx) = (self.vocab_size, self.n_positions);
        let (n_layer, n_head, n_embd) = (self.n_layer, self.n_head, self.n_embd);
        let mut config = Config::gpt2(Shape { n_vocab, n_ctx, n_layer, n_head, n_embd });
        config.n_ff = self.n_inner.unwrap_or(config.n_ff);
        config.norm_eps = self.layer_norm_epsilon;
        config.mlp = mlp;
        config.tied = self.tie_word_embeddings;
        Ok(config)
    }

    /// # Errors
    /// `Unsupported` where a GPT-2 cannot be what `config` says.
    pub(super) fn of(config: &Config, special: SpecialTokens) -> Result<Self, CheckpointError> {
        let needs = |holds, what: &str| {
            require(holds, || {
                format!(
                    "a model with learned positions is saved as `gpt2`, which needs {what}: change that, or use rotary positions"
                )
            })
        };
        needs(config.norm == Norm::LayerNorm, "LayerNorm")?;
        needs(config.mlp != Mlp::SwiGlu, "a GELU feed-forward part")?;
        needs(config.bias, "biases")?;
        needs(config.n_kv_head == config.n_head, "as many key/value heads as query heads")?;
        needs(config.n_head * config.head_dim == config.n_embd, "n_head · head_dim = n_embd")?;
        let activation = if config.mlp == Mlp::Gelu { "gelu" } else { "gelu_new" };
        Ok(Self {
            architectures: vec!["GPT2LMHeadModel".to_owned()],
            model_type: NAMES.model_type.to_owned(),
            vocab_size: config.n_vocab,
            n_positions: config.n_ctx,
            n_embd: config.n_embd,
            n_layer: config.n_layer,
            n_head: config.n_head,
            n_inner: Some(config.n_ff),
            activation_function: activation.to_owned(),
            layer_norm_epsilon: config.norm_eps,
            scale_attn_weights: true,
            scale_attn_by_inverse_layer_idx: false,
            add_cross_attention: false,
            tie_word_embeddings: config.tied,
            bos_token_id: special.bos.into(),
            eos_token_id: special.eos.into(),
            pad_token_id: special.pad.into(),
            torch_dtype: "float32".into(),
            unread: Map::new(),
        })
    }
}
