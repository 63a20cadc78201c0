//! A model's tensors by the role that they have in a blob.

use embedded_gpt::format::tensor::{Role, TensorSpec};

use super::Weights;

impl Weights {
    /// The values of a tensor, row after row; `None` for one that the model has not.
    pub fn tensor(&self, spec: &TensorSpec) -> Option<&[f32]> {
        let layer = self.layers.get(spec.layer)?;
        match spec.role {
            Role::TokenEmbedding => Some(&self.token_embedding),
            Role::PositionEmbedding => self.position_embedding.as_deref(),
            Role::Head => self.head.as_deref(),
            Role::AttnNormGain => Some(&layer.attn_norm.gain),
            Role::AttnNormBias => layer.attn_norm.bias.as_deref(),
            Role::MlpNormGain => Some(&layer.mlp_norm.gain),
            Role::MlpNormBias => layer.mlp_norm.bias.as_deref(),
            Role::FinalNormGain => Some(&self.final_norm.gain),
            Role::FinalNormBias => self.final_norm.bias.as_deref(),
            Role::Query => Some(&layer.query.weight),
            Role::QueryBias => layer.query.bias.as_deref(),
            Role::Key => Some(&layer.key.weight),
            Role::KeyBias => layer.key.bias.as_deref(),
            Role::Value => Some(&layer.value.weight),
            Role::ValueBias => layer.value.bias.as_deref(),
            Role::AttnOut => Some(&layer.attn_out.weight),
            Role::AttnOutBias => layer.attn_out.bias.as_deref(),
            Role::Gate => Some(&layer.gate.as_ref()?.weight),
            Role::GateBias => layer.gate.as_ref()?.bias.as_deref(),
            Role::Up => Some(&layer.up.weight),
            Role::UpBias => layer.up.bias.as_deref(),
            Role::Down => Some(&layer.down.weight),
            Role::DownBias => layer.down.bias.as_deref(),
            other => panic!("no support for {other:?}"),
        }
    }

    /// The values of a tensor, to be replaced; `None` if the model does not have it.
    pub fn tensor_mut(&mut self, spec: &TensorSpec) -> Option<&mut [f32]> {
        let layer = self.layers.get_mut(spec.layer)?;
        match spec.role {
            Role::TokenEmbedding => Some(&mut self.token_embedding),
            Role::PositionEmbedding => self.position_embedding.as_deref_mut(),
            Role::Head => self.head.as_deref_mut(),
            Role::AttnNormGain => Some(&mut layer.attn_norm.gain),
            Role::AttnNormBias => layer.attn_norm.bias.as_deref_mut(),
            Role::MlpNormGain => Some(&mut layer.mlp_norm.gain),
            Role::MlpNormBias => layer.mlp_norm.bias.as_deref_mut(),
            Role::FinalNormGain => Some(&mut self.final_norm.gain),
            Role::FinalNormBias => self.final_norm.bias.as_deref_mut(),
            Role::Query => Some(&mut layer.query.weight),
            Role::QueryBias => layer.query.bias.as_deref_mut(),
            Role::Key => Some(&mut layer.key.weight),
            Role::KeyBias => layer.key.bias.as_deref_mut(),
            Role::Value => Some(&mut layer.value.weight),
            Role::ValueBias => layer.value.bias.as_deref_mut(),
            Role::AttnOut => Some(&mut layer.attn_out.weight),
            Role::AttnOutBias => layer.attn_out.bias.as_deref_mut(),
            Role::Gate => Some(&mut layer.gate.as_mut()?.weight),
            Role::GateBias => layer.gate.as_mut()?.bias.as_deref_mut(),
            Role::Up => Some(&mut layer.up.weight),
            Role::UpBias => layer.up.bias.as_deref_mut(),
            Role::Down => Some(&mut layer.down.weight),
            Role::DownBias => layer.down.bias.as_deref_mut(),
            other => panic!("no support for {other:?}"),
        }
    }
}
