//! GPT-2 naming: the configuration and tensors of `GPT2LMHeadModel`.
//!
//! Its dense layers are stored the other way round than ours, (n_in, n_out), and query,
//! key and value share one matrix.

use super::error::require;
use super::tensors::{Names, Tensors, transpose};
use super::{CheckpointError, SpecialTokens};
use crate::weights::{LayerWeights, Linear, NormWeights, Weights};
use embedded_gpt::{Config, Mlp, Norm, Shape};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) const NAMES: Names = Names {
    model_type: "gpt2",
    prefix: "transformer.",
    // The causal masks that old versions stored.
    buffers: &[".attn.bias", ".attn.masked_bias"],
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

impl Gpt2Json {
    pub(super) fn config(&self) -> Result<Config, CheckpointError> {
        let mlp = match self.activation_function.as_str() {
            "gelu_new" | "gelu_pytorch_tanh" => Mlp::GeluTanh,
            "gelu" => Mlp::Gelu,
            other => {
                return Err(CheckpointError::Unsupported(format!(
                    "config.json: activation_function `{other}` is not supported; gelu, gelu_new and gelu_pytorch_tanh are"
                )));
            }
        };
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

    pub(super) fn special_tokens(&self) -> SpecialTokens {
        SpecialTokens::from_json(&self.bos_token_id, &self.eos_token_id, &self.pad_token_id)
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
        })
    }
}

/// Takes all of a model's weights out of `tensors`.
pub(super) fn take_weights(config: Config, tensors: &mut Tensors) -> Result<Weights, CheckpointError> {
    let (n_vocab, n_embd) = (config.n_vocab, config.n_embd);
    let token_embedding = tensors.take("wte.weight", &[n_vocab, n_embd])?;
    let layers = (0..config.n_layer).map(|l| take_layer(&config, tensors, l)).collect::<Result<_, _>>()?;
    Ok(Weights {
        position_embedding: Some(tensors.take("wpe.weight", &[config.n_ctx, n_embd])?),
        layers,
        final_norm: take_norm(tensors, "ln_f", n_embd)?,
        head: super::take_head(&config, tensors, &token_embedding)?,
        token_embedding,
        config,
    })
}

fn take_layer(config: &Config, tensors: &mut Tensors, layer: usize) -> Result<LayerWeights, CheckpointError> {
    let name = |part: &str| format!("h.{layer}.{part}");
    let (n_embd, n_ff) = (config.n_embd, config.n_ff);
    let qkv = take_conv1d(tensors, &name("attn.c_attn"), 3 * n_embd, n_embd)?;
    let [query, key, value] = split_rows(&qkv);
    Ok(LayerWeights {
        attn_norm: take_norm(tensors, &name("ln_1"), n_embd)?,
        query,
        key,
        value,
        attn_out: take_conv1d(tensors, &name("attn.c_proj"), n_embd, n_embd)?,
        mlp_norm: take_norm(tensors, &name("ln_2"), n_embd)?,
        gate: None,
        up: take_conv1d(tensors, &name("mlp.c_fc"), n_ff, n_embd)?,
        down: take_conv1d(tensors, &name("mlp.c_proj"), n_embd, n_ff)?,
    })
}

fn take_norm(tensors: &mut Tensors, name: &str, n_embd: usize) -> Result<NormWeights, CheckpointError> {
    Ok(NormWeights {
        gain: tensors.take(&format!("{name}.weight"), &[n_embd])?,
        bias: Some(tensors.take(&format!("{name}.bias"), &[n_embd])?),
    })
}

/// A layer stored as (n_in, n_out).
fn take_conv1d(tensors: &mut Tensors, name: &str, n_out: usize, n_in: usize) -> Result<Linear, CheckpointError> {
    let stored = tensors.take(&format!("{name}.weight"), &[n_in, n_out])?;
    let bias = Some(tensors.take(&format!("{name}.bias"), &[n_out])?);
    Ok(Linear { weight: transpose(&stored, n_in, n_out), bias, n_out, n_in })
}

/// Three layers that are stacked in one.
fn split_rows(stacked: &Linear) -> [Linear; 3] {
    let (n_out, n_in) = (stacked.n_out / 3, stacked.n_in);
    std::array::from_fn(|i| Linear {
        weight: stacked.weight[i * n_out * n_in..(i + 1) * n_out * n_in].to_vec(),
        bias: stacked.bias.as_ref().map(|bias| bias[i * n_out..(i + 1) * n_out].to_vec()),
        n_out,
        n_in,
    })
}

/// The tensors of `weights`, whose configuration [`Gpt2Json::of`] has accepted.
pub(super) fn tensors_of(weights: &Weights) -> Tensors {
    let config = &weights.config;
    let mut tensors = Tensors::new(NAMES);
    tensors.insert("wte.weight", &[config.n_vocab, config.n_embd], weights.token_embedding.clone());
    let positions = weights.position_embedding.clone().expect("learned positions have a table");
    tensors.insert("wpe.weight", &[config.n_ctx, config.n_embd], positions);
    for (i, layer) in weights.layers.iter().enumerate() {
        insert_layer(&mut tensors, i, layer);
    }
    insert_norm(&mut tensors, "ln_f", &weights.final_norm);
    if let Some(head) = &weights.head {
        tensors.insert("lm_head.weight", &[config.n_vocab, config.n_embd], head.clone());
    }
    tensors
}

fn insert_layer(tensors: &mut Tensors, i: usize, layer: &LayerWeights) {
    let name = |part: &str| format!("h.{i}.{part}");
    insert_norm(tensors, &name("ln_1"), &layer.attn_norm);
    insert_conv1d(tensors, &name("attn.c_attn"), &stack_rows([&layer.query, &layer.key, &layer.value]));
    insert_conv1d(tensors, &name("attn.c_proj"), &layer.attn_out);
    insert_norm(tensors, &name("ln_2"), &layer.mlp_norm);
    insert_conv1d(tensors, &name("mlp.c_fc"), &layer.up);
    insert_conv1d(tensors, &name("mlp.c_proj"), &layer.down);
}

fn insert_norm(tensors: &mut Tensors, name: &str, norm: &NormWeights) {
    tensors.insert(&format!("{name}.weight"), &[norm.gain.len()], norm.gain.clone());
    let bias = norm.bias.clone().expect("LayerNorm has a bias");
    tensors.insert(&format!("{name}.bias"), &[bias.len()], bias);
}

fn insert_conv1d(tensors: &mut Tensors, name: &str, layer: &Linear) {
    let weight = transpose(&layer.weight, layer.n_out, layer.n_in); // (n_in, n_out)
    tensors.insert(&format!("{name}.weight"), &[layer.n_in, layer.n_out], weight);
    let bias = layer.bias.clone().expect("a model with biases has them everywhere");
    tensors.insert(&format!("{name}.bias"), &[bias.len()], bias);
}

fn stack_rows(parts: [&Linear; 3]) -> Linear {
    Linear {
        weight: parts.iter().flat_map(|part| part.weight.iter().copied()).collect(),
        bias: parts.iter().map(|part| part.bias.as_deref()).collect::<Option<Vec<_>>>().map(|b| b.concat()),
        n_out: parts.iter().map(|part| part.n_out).sum(),
        n_in: parts[0].n_in,
    }
}
