//! Llama naming: the configuration and tensors of `LlamaForCausalLM`, and of its relatives that name theirs alike.

use super::error::require;
use super::tensors::{Names, Stored};
use super::{CheckpointError, Source, SpecialTokens, keys};
use embedded_gpt::Config;
use embedded_gpt::config::{Mlp, Norm, Shape};
use embedded_gpt::format::tensor::Role;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The values of `model_type` that are read here.
pub(super) const MODEL_TYPES: &[&str] = &["llama", MISTRAL, "qwen2", QWEN3];

/// The type whose queries and keys are normalised.
const QWEN3: &str = "qwen3";
/// The type whose layers look back a window of tokens only, unless config.json says null.
const MISTRAL: &str = "mistral";
const MISTRAL_WINDOW: usize = 4096;
/// What `layer_types` calls a layer that looks back a window of tokens only.
const SLIDING: &str = "sliding_attention";

pub(super) const NAMES: Names = Names {
    model_type: "llama",
    prefix: "model.",
    buffers: &["rotary_emb.inv_freq"],
    tensors: &[
        (Role::TokenEmbedding, Stored::Plain("embed_tokens.weight")),
        (Role::AttnNormGain, Stored::Plain("layers.{}.input_layernorm.weight")),
        (Role::Query, Stored::Plain("layers.{}.self_attn.q_proj.weight")),
        (Role::QueryBias, Stored::Plain("layers.{}.self_attn.q_proj.bias")),
        (Role::Key, Stored::Plain("layers.{}.self_attn.k_proj.weight")),
        (Role::KeyBias, Stored::Plain("layers.{}.self_attn.k_proj.bias")),
        (Role::Value, Stored::Plain("layers.{}.self_attn.v_proj.weight")),
        (Role::ValueBias, Stored::Plain("layers.{}.self_attn.v_proj.bias")),
        (Role::QueryNormGain, Stored::Plain("layers.{}.self_attn.q_norm.weight")),
        (Role::KeyNormGain, Stored::Plain("layers.{}.self_attn.k_norm.weight")),
        (Role::AttnOut, Stored::Plain("layers.{}.self_attn.o_proj.weight")),
        (Role::AttnOutBias, Stored::Plain("layers.{}.self_attn.o_proj.bias")),
        (Role::MlpNormGain, Stored::Plain("layers.{}.post_attention_layernorm.weight")),
        (Role::Gate, Stored::Plain("layers.{}.mlp.gate_proj.weight")),
        (Role::GateBias, Stored::Plain("layers.{}.mlp.gate_proj.bias")),
        (Role::Up, Stored::Plain("layers.{}.mlp.up_proj.weight")),
        (Role::UpBias, Stored::Plain("layers.{}.mlp.up_proj.bias")),
        (Role::Down, Stored::Plain("layers.{}.mlp.down_proj.weight")),
        (Role::DownBias, Stored::Plain("layers.{}.mlp.down_proj.bias")),
        (Role::FinalNormGain, Stored::Plain("norm.weight")),
        (Role::Head, Stored::Plain("lm_head.weight")),
    ],
};
/// The biases of attention, and those of the feed-forward part.
const ATTENTION_BIASES: [Role; 4] = [Role::QueryBias, Role::KeyBias, Role::ValueBias, Role::AttnOutBias];
const MLP_BIASES: [Role; 3] = [Role::GateBias, Role::UpBias, Role::DownBias];

/// The fields of config.json that shape a Llama; defaults are those of transformers.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct LlamaJson {
    #[serde(default)]
    architectures: Vec<String>,
    model_type: String,
    vocab_size: usize,
    #[serde(default = "default_positions")]
    max_position_embeddings: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    num_key_value_heads: Option<usize>,
    head_dim: Option<usize>,
    #[serde(default = "default_activation")]
    hidden_act: String,
    #[serde(default = "default_epsilon")]
    rms_norm_eps: f32,
    rope_theta: Option<f32>,
    #[serde(skip_serializing)]
    rope_scaling: Option<RopeJson>,
    #[serde(skip_serializing)]
    rope_parameters: Option<RopeJson>,
    #[serde(skip_serializing)]
    sliding_window: Option<usize>,
    #[serde(skip_serializing)]
    use_sliding_window: Option<bool>,
    /// The kind of attention of each layer.
    #[serde(skip_serializing)]
    layer_types: Option<Vec<String>>,
    #[serde(default)]
    attention_bias: bool,
    #[serde(default)]
    mlp_bias: bool,
    #[serde(default)]
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

/// `rope_scaling` (up to transformers 4) or `rope_parameters` (from 5 on).
#[derive(Debug, Deserialize)]
struct RopeJson {
    rope_theta: Option<f32>,
    rope_type: Option<String>,
    /// The older name of `rope_type`.
    r#type: Option<String>,
    partial_rotary_factor: Option<f32>,
    #[serde(flatten)]
    unread: Map<String, Value>,
}

fn default_positions() -> usize {
    2048
}

fn default_activation() -> String {
    "silu".to_owned()
}

fn default_epsilon() -> f32 {
    1e-6
}

impl RopeJson {
    fn check(&self) -> Result<(), CheckpointError> {
        let kind = self.rope_type.as_deref().or(self.r#type.as_deref()).unwrap_or("default");
        require(kind == "default", || {
            format!(
                "config.json: rope scaling of type `{kind}` is not supported: train or fine-tune with \
                 rope_scaling null (plain rotary positions)"
            )
        })?;
        let whole = self.partial_rotary_factor.is_none_or(|factor| factor == 1.0);
        require(whole, || "config.json: partial_rotary_factor must be 1".to_owned())?;
        let unread = self.unread.iter().find(|(_, value)| !value.is_null());
        require(unread.is_none(), || {
            let key = unread.map_or("", |(key, _)| key);
            format!("config.json: `{key}` is not known in rope_scaling or rope_parameters of type `default`: remove it")
        })
    }
}

impl LlamaJson {
    /// What a config.json describes. Where only a part of the matrices has biases, the others get zeros.
    pub(super) fn source(json: Value) -> serde_json::Result<Result<Source, CheckpointError>> {
        let no_window = json["model_type"] == MISTRAL && json.get("sliding_window").is_none();
        let mut json: Self = serde_json::from_value(json)?;
        if no_window {
            json.sliding_window = Some(MISTRAL_WINDOW);
        }
        let has_bias = |role: &Role| match role {
            Role::AttnOutBias => json.attention_bias,
            role if ATTENTION_BIASES.contains(role) => json.has_query_bias(),
            _ => json.mlp_bias,
        };
        Ok(json.config().map(|config| Source {
            config,
            special: SpecialTokens::from_json(&json.bos_token_id, &json.eos_token_id, &json.pad_token_id),
            names: NAMES,
            zeros: ATTENTION_BIASES.into_iter().chain(MLP_BIASES).filter(|role| !has_bias(role)).collect(),
            fold: |_| {},
            notes: Vec::from_iter((config.n_ctx < json.max_position_embeddings).then(|| {
                format!(
                    "the context is cut from {} to {} tokens, the window of sliding attention: further back, the \
                     model would not see what a device computes",
                    json.max_position_embeddings, config.n_ctx
                )
            })),
        }))
    }

    /// Whether queries, keys and values have biases: a Qwen2's always have.
    fn has_query_bias(&self) -> bool {
        self.attention_bias || self.model_type == "qwen2"
    }

    /// How many tokens a layer looks back, where that is fewer than the context.
    fn window(&self) -> usize {
        let is_sliding = |kind: &String| kind == SLIDING;
        let is_used = self.model_type == MISTRAL
            || self.use_sliding_window == Some(true)
            || self.layer_types.iter().flatten().any(is_sliding);
        self.sliding_window.filter(|_| is_used).unwrap_or(usize::MAX)
    }

    /// The base of the rotary angles, wherever it stands.
    fn theta(&self) -> Result<Option<f32>, CheckpointError> {
        let inner =
            [&self.rope_scaling, &self.rope_parameters].into_iter().flatten().filter_map(|rope| rope.rope_theta);
        let given: Vec<f32> = self.rope_theta.into_iter().chain(inner).collect();
        require(given.iter().all(|theta| *theta == given[0]), || {
            format!("config.json: rope_theta stands there with the values {given:?}: keep the one of the training")
        })?;
        Ok(given.first().copied())
    }

    fn config(&self) -> Result<Config, CheckpointError> {
        keys::check(&self.unread)?;
        let other = self.layer_types.iter().flatten().find(|kind| !matches!(kind.as_str(), "full_attention" | SLIDING));
        require(other.is_none(), || {
            format!("config.json: layers of the type `{}` are not supported", other.map_or("", String::as_str))
        })?;
        require(matches!(self.hidden_act.as_str(), "silu" | "swish"), || {
            format!("config.json: hidden_act `{}` is not supported; silu is", self.hidden_act)
        })?;
        for rope in [&self.rope_scaling, &self.rope_parameters].into_iter().flatten() {
            rope.check()?;
        }
        let n_head = self.num_attention_heads;
        require(n_head > 0, || "config.json: num_attention_heads must not be 0".to_owned())?;
        let (n_vocab, n_ctx) = (self.vocab_size, self.max_position_embeddings.min(self.window()));
        let (n_layer, n_embd) = (self.num_hidden_layers, self.hidden_size);
        let mut config = Config::llama(Shape { n_vocab, n_ctx, n_layer, n_head, n_embd });
        config.n_kv_head = self.num_key_value_heads.unwrap_or(n_head);
        config.head_dim = self.head_dim.unwrap_or(if self.model_type == QWEN3 { 128 } else { config.head_dim });
        config.n_ff = self.intermediate_size;
        config.norm_eps = self.rms_norm_eps;
        config.rope_theta = self.theta()?.unwrap_or(config.rope_theta);
        config.bias = self.has_query_bias() || self.mlp_bias;
        config.tied = self.tie_word_embeddings;
        config.qk_norm = self.model_type == QWEN3;
        Ok(config)
    }

    /// # Errors
    /// `Unsupported` where a Llama cannot be what `config` says.
    pub(super) fn of(config: &Config, special: SpecialTokens) -> Result<Self, CheckpointError> {
        let needs = |holds, what: &str| {
            require(holds, || {
                format!(
                    "a model with rotary positions is saved as `llama`, which needs {what}: change that, or use learned positions"
                )
            })
        };
        needs(config.norm == Norm::RmsNorm, "RMSNorm")?;
        needs(config.mlp == Mlp::SwiGlu, "a SwiGLU feed-forward part")?;
        needs(!config.qk_norm || !config.bias, "no biases where queries and keys are normalised")?;
        let (architecture, model_type) =
            if config.qk_norm { ("Qwen3ForCausalLM", QWEN3) } else { ("LlamaForCausalLM", NAMES.model_type) };
        Ok(Self {
            architectures: vec![architecture.to_owned()],
            model_type: model_type.to_owned(),
            vocab_size: config.n_vocab,
            max_position_embeddings: config.n_ctx,
            hidden_size: config.n_embd,
            intermediate_size: config.n_ff,
            num_hidden_layers: config.n_layer,
            num_attention_heads: config.n_head,
            num_key_value_heads: Some(config.n_kv_head),
            head_dim: Some(config.head_dim),
            hidden_act: default_activation(),
            rms_norm_eps: config.norm_eps,
            rope_theta: Some(config.rope_theta),
            rope_scaling: None,
            rope_parameters: None,
            sliding_window: None,
            use_sliding_window: None,
            layer_types: None,
            attention_bias: config.bias,
            mlp_bias: config.bias,
            tie_word_embeddings: config.tied,
            bos_token_id: special.bos.into(),
            eos_token_id: special.eos.into(),
            pad_token_id: special.pad.into(),
            torch_dtype: "float32".into(),
            unread: Map::new(),
        })
    }
}
