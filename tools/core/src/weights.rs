//! A model's parameters in f32, as training, import, the reference forward and export share them.

use embedded_gpt::Config;
use embedded_gpt::format::tensor::{Role, TensorSpec};

pub mod random;

/// All parameters of a model: one tensor for each that [`Config::tensors`] names.
///
/// Matrices are row-major, (n_out, n_in). Rotary models hold queries and keys in the half-split order of Hugging Face
/// (`rotate_half`): element `i` of a head turns with element `i + head_dim / 2`.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    pub config: Config,
    /// In the order of the blob.
    tensors: Vec<(TensorSpec, Vec<f32>)>,
}

impl Weights {
    /// A model whose tensors are made one after the other, in the order of the blob.
    pub fn new(config: Config, mut values: impl FnMut(&TensorSpec) -> Vec<f32>) -> Self {
        let tensors = config.tensors().map(|spec| (spec, values(&spec))).collect();
        Self { config, tensors }
    }

    /// A model whose tensors are made one after the other, in the order of the blob.
    ///
    /// # Errors
    /// The first one of `values`.
    pub fn try_new<E>(config: Config, mut values: impl FnMut(&TensorSpec) -> Result<Vec<f32>, E>) -> Result<Self, E> {
        let tensors = config.tensors().map(|spec| Ok((spec, values(&spec)?))).collect::<Result<_, E>>()?;
        Ok(Self { config, tensors })
    }

    /// The values of the tensor of a role, row after row; `None` where the model has none. `layer` is 0 for a tensor
    /// outside the layers.
    pub fn get(&self, role: Role, layer: usize) -> Option<&[f32]> {
        let is_it = |(spec, _): &&(TensorSpec, _)| spec.role == role && spec.layer == layer;
        self.tensors.iter().find(is_it).map(|(_, values)| &values[..])
    }

    /// The values of the tensor of a role, to be changed; `None` where the model has none.
    pub fn get_mut(&mut self, role: Role, layer: usize) -> Option<&mut Vec<f32>> {
        let is_it = |(spec, _): &&mut (TensorSpec, _)| spec.role == role && spec.layer == layer;
        self.tensors.iter_mut().find(is_it).map(|(_, values)| values)
    }

    /// The values of a tensor, row after row; `None` where the model has none.
    pub fn tensor(&self, spec: &TensorSpec) -> Option<&[f32]> {
        self.get(spec.role, spec.layer)
    }

    /// The values of a tensor, to be changed; `None` where the model has none.
    pub fn tensor_mut(&mut self, spec: &TensorSpec) -> Option<&mut Vec<f32>> {
        self.get_mut(spec.role, spec.layer)
    }

    /// The matrix that makes logits: the head, or the token embedding where both are one.
    pub fn head(&self) -> &[f32] {
        let role = if self.config.has(Role::Head) { Role::Head } else { Role::TokenEmbedding };
        self.get(role, 0).unwrap_or_default()
    }

    /// Gives the model more tokens: each new one is the mean of all others, in the embedding and in the head.
    ///
    /// # Panics
    /// If it has more than `n_vocab` already.
    pub fn extend_vocab(&mut self, n_vocab: usize) {
        let (n_before, width) = (self.config.n_vocab, self.config.n_embd);
        self.config.n_vocab = n_vocab;
        for (spec, table) in &mut self.tensors {
            if !matches!(spec.role, Role::TokenEmbedding | Role::Head) {
                continue;
            }
            spec.rows = n_vocab;
            let mean: Vec<f32> = (0..width)
                .map(|column| table.iter().skip(column).step_by(width).sum::<f32>() / n_before as f32)
                .collect();
            table.extend(mean.iter().cycle().take(width * n_vocab.checked_sub(n_before).expect("more tokens")));
        }
    }

    /// Takes all tokens but the first `n_vocab` from the model.
    pub fn truncate_vocab(&mut self, n_vocab: usize) {
        self.config.n_vocab = n_vocab;
        for (spec, table) in &mut self.tensors {
            if matches!(spec.role, Role::TokenEmbedding | Role::Head) {
                spec.rows = n_vocab;
                table.truncate(n_vocab * spec.cols);
            }
        }
    }

    /// Number of parameters; a tied head counts once.
    pub fn n_parameters(&self) -> usize {
        self.tensors.iter().map(|(_, values)| values.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_tokens_are_the_mean_of_the_old() {
        for config in [random::gpt2_config(), random::llama_config()] {
            let before = Weights::random(config, 1);
            let mut weights = before.clone();
            weights.extend_vocab(config.n_vocab + 2);
            assert_eq!(weights.config.n_vocab, config.n_vocab + 2);
            let table = weights.get(Role::TokenEmbedding, 0).unwrap();
            let rows: Vec<&[f32]> = table.chunks(config.n_embd).collect();
            assert_eq!(rows.len(), config.n_vocab + 2);
            assert_eq!(rows[..config.n_vocab].concat(), before.get(Role::TokenEmbedding, 0).unwrap());
            let mean = rows[..config.n_vocab].iter().map(|row| row[3]).sum::<f32>() / config.n_vocab as f32;
            assert!((rows[config.n_vocab + 1][3] - mean).abs() < 1e-6);
            let head = |weights: &Weights| weights.get(Role::Head, 0).map_or(0, <[f32]>::len);
            assert_eq!(head(&weights) > 0, head(&before) > 0);
            assert!(weights.n_parameters() > before.n_parameters());
            assert!(weights.config.tensors().all(|s| weights.tensor(&s).unwrap().len() == s.rows * s.cols));
        }
    }

    #[test]
    fn parameters_are_counted_once() {
        // Embeddings 37·24 + 16·24; per layer norms 4·24, attention 4·(24·24 + 24),
        // feed-forward 2·24·56 + 56 + 24; final norm 2·24.
        let weights = Weights::random(random::gpt2_config(), 1);
        assert_eq!(weights.n_parameters(), 53 * 24 + 2 * (96 + 2400 + 2688 + 80) + 48);
    }
}
