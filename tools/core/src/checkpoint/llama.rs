//! Llama naming: the configuration and tensors of `LlamaForCausalLM`.

use super::error::require;
use super::tensors::{Names, Tensors};
use super::{CheckpointError, SpecialTokens};
use crate::weights::{LayerWeights, Linear, NormWeights, Weights};
use embedded_gpt::{Config, Mlp, Norm, Shape};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) const NAMES: Names = Names { model_type: "llama", prefix: "model.", buffers: &["rotary_emb.inv_freq"] };

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
}

/// `rope_scaling` (up to transformers 4) or `rope_parameters` (from 5 on).
#[derive(Debug, Deserialize)]
struct RopeJson {
    rope_theta: Option<f32>,
    rope_type: Option<String>,
    /// The older name of `rope_type`.
    r#type: Option<String>,
    partial_rotary_factor: Option<f32>,
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
        require(whole, || "config.json: partial_rotary_factor must be 1".to_owned())
    }
}

impl LlamaJson {
    pub(super) fn config(&self) -> Result<Config, CheckpointError> {
        require(matches!(self.hidden_act.as_str(), "silu" | "swish"), || {
            format!("config.json: hidden_act `{}` is not supported; silu is", self.hidden_act)
        })?;
        for rope in [&self.rope_scaling, &self.rope_parameters].into_iter().flatten() {
            rope.check()?;
        }
        let n_head = self.num_attention_heads;
        require(n_head > 0, || "config.json: num_attention_heads must not be 0".to_owned())?;
        let inner_theta = self.rope_parameters.as_ref().and_then(|rope| rope.rope_theta);
        let (n_vocab, n_ctx) = (self.vocab_size, self.max_position_embeddings);
        let (n_layer, n_embd) = (self.num_hidden_layers, self.hidden_size);
        let mut config = Config::llama(Shape { n_vocab, n_ctx, n_layer, n_head, n_embd });
        config.n_kv_head = self.num_key_value_heads.unwrap_or(n_head);
        config.head_dim = self.head_dim.unwrap_or(config.head_dim);
        config.n_ff = self.intermediate_size;
        config.norm_eps = self.rms_norm_eps;
        config.rope_theta = inner_theta.or(self.rope_theta).unwrap_or(config.rope_theta);
        config.bias = self.attention_bias || self.mlp_bias;
        config.tied = self.tie_word_embeddings;
        Ok(config)
    }

    pub(super) fn special_tokens(&self) -> SpecialTokens {
        SpecialTokens::from_json(&self.bos_token_id, &self.eos_token_id, &self.pad_token_id)
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
        Ok(Self {
            architectures: vec!["LlamaForCausalLM".to_owned()],
            model_type: NAMES.model_type.to_owned(),
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
            attention_bias: config.bias,
            mlp_bias: config.bias,
            tie_word_embeddings: config.tied,
            bos_token_id: special.bos.into(),
            eos_token_id: special.eos.into(),
            pad_token_id: special.pad.into(),
            torch_dtype: "float32".into(),
        })
    }
}

/// Takes all of a model's weights out of `tensors`.
///
/// Where only the attention or only the feed-forward part has biases, the other gets zeros.
pub(super) fn take_weights(
    json: &LlamaJson,
    config: Config,
    tensors: &mut Tensors,
) -> Result<Weights, CheckpointError> {
    let (n_vocab, n_embd) = (config.n_vocab, config.n_embd);
    let token_embedding = tensors.take("embed_tokens.weight", &[n_vocab, n_embd])?;
    let mut source = Source { tensors, config: &config };
    let layers = (0..config.n_layer).map(|l| source.layer(json, l)).collect::<Result<_, _>>()?;
    let final_norm = source.norm("norm.weight".to_owned())?;
    Ok(Weights {
        position_embedding: None,
        layers,
        final_norm,
        head: super::take_head(&config, tensors, &token_embedding)?,
        token_embedding,
        config,
    })
}

struct Source<'a> {
    tensors: &'a mut Tensors,
    config: &'a Config,
}

impl Source<'_> {
    fn layer(&mut self, json: &LlamaJson, layer: usize) -> Result<LayerWeights, CheckpointError> {
        let name = |part: &str| format!("layers.{layer}.{part}");
        let Config { n_embd, n_ff, .. } = *self.config;
        let query = self.config.n_head * self.config.head_dim;
        let kv = self.config.n_kv_head * self.config.head_dim;
        let (attn_bias, mlp_bias) = (json.attention_bias, json.mlp_bias);
        Ok(LayerWeights {
            attn_norm: self.norm(name("input_layernorm.weight"))?,
            query: self.linear(&name("self_attn.q_proj"), query, n_embd, attn_bias)?,
            key: self.linear(&name("self_attn.k_proj"), kv, n_embd, attn_bias)?,
            value: self.linear(&name("self_attn.v_proj"), kv, n_embd, attn_bias)?,
            attn_out: self.linear(&name("self_attn.o_proj"), n_embd, query, attn_bias)?,
            mlp_norm: self.norm(name("post_attention_layernorm.weight"))?,
            gate: Some(self.linear(&name("mlp.gate_proj"), n_ff, n_embd, mlp_bias)?),
            up: self.linear(&name("mlp.up_proj"), n_ff, n_embd, mlp_bias)?,
            down: self.linear(&name("mlp.down_proj"), n_embd, n_ff, mlp_bias)?,
        })
    }

    fn norm(&mut self, name: String) -> Result<NormWeights, CheckpointError> {
        Ok(NormWeights { gain: self.tensors.take(&name, &[self.config.n_embd])?, bias: None })
    }

    fn linear(&mut self, name: &str, n_out: usize, n_in: usize, has_bias: bool) -> Result<Linear, CheckpointError> {
        let weight = self.tensors.take(&format!("{name}.weight"), &[n_out, n_in])?;
        let bias = match (has_bias, self.config.bias) {
            (true, _) => Some(self.tensors.take(&format!("{name}.bias"), &[n_out])?),
            (false, true) => Some(vec![0.0; n_out]),
            (false, false) => None,
        };
        Ok(Linear { weight, bias, n_out, n_in })
    }
}

/// The tensors of `weights`, whose configuration [`LlamaJson::of`] has accepted.
pub(super) fn tensors_of(weights: &Weights) -> Tensors {
    let config = &weights.config;
    let mut tensors = Tensors::new(NAMES);
    tensors.insert("embed_tokens.weight", &[config.n_vocab, config.n_embd], weights.token_embedding.clone());
    for (i, layer) in weights.layers.iter().enumerate() {
        insert_layer(&mut tensors, i, layer);
    }
    tensors.insert("norm.weight", &[config.n_embd], weights.final_norm.gain.clone());
    if let Some(head) = &weights.head {
        tensors.insert("lm_head.weight", &[config.n_vocab, config.n_embd], head.clone());
    }
    tensors
}

fn insert_layer(tensors: &mut Tensors, i: usize, layer: &LayerWeights) {
    let gate = layer.gate.as_ref().expect("a SwiGLU layer has a gate");
    let linears = [
        ("self_attn.q_proj", &layer.query),
        ("self_attn.k_proj", &layer.key),
        ("self_attn.v_proj", &layer.value),
        ("self_attn.o_proj", &layer.attn_out),
        ("mlp.gate_proj", gate),
        ("mlp.up_proj", &layer.up),
        ("mlp.down_proj", &layer.down),
    ];
    for (part, linear) in linears {
        let name = format!("layers.{i}.{part}");
        tensors.insert(&format!("{name}.weight"), &[linear.n_out, linear.n_in], linear.weight.clone());
        if let Some(bias) = &linear.bias {
            tensors.insert(&format!("{name}.bias"), &[linear.n_out], bias.clone());
        }
    }
    for (part, norm) in [("input_layernorm", &layer.attn_norm), ("post_attention_layernorm", &layer.mlp_norm)] {
        tensors.insert(&format!("layers.{i}.{part}.weight"), &[norm.gain.len()], norm.gain.clone());
    }
}
