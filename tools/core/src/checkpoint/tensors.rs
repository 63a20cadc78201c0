//! The named tensors of a checkpoint: reading one file or several shards, writing one file.

use super::error::require;
use super::shards::Shards;
use super::{CheckpointError, read};
use crate::replace_file::replace_file;
use crate::weights::Weights;
use embedded_gpt::Config;
use embedded_gpt::format::tensor::{Role, TensorSpec};
use half::{bf16, f16};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

const SINGLE: &str = "model.safetensors";

/// How a family of models names and stores its tensors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    /// The value of `model_type` in config.json.
    pub model_type: &'static str,
    /// What the full model puts before the names of its trunk.
    pub prefix: &'static str,
    /// Endings of the names of buffers that are no parameters.
    pub buffers: &'static [&'static str],
    /// A line per tensor.
    pub tensors: &'static [(Role, Stored)],
}

/// Where a checkpoint has the tensor of a role. `{}` in a name stands for the number of the layer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stored {
    /// Stored as it is here: matrices are (n_out, n_in).
    Plain(&'static str),
    /// A table whose first rows are those of the model; further ones are left out.
    Start(&'static str),
    /// A matrix the other way round, (n_in, n_out), as `Conv1D` has it.
    Transposed(&'static str),
    /// The first, second or third part (0, 1, 2) of query, key and value side by side, as one `Conv1D` makes them.
    Third(usize, &'static str),
}

const HEAD: &str = "lm_head.weight";
/// The roles that [`Stored::Third`] counts, and their biases.
const THIRDS: [Role; 3] = [Role::Query, Role::Key, Role::Value];

impl Names {
    fn is_buffer(&self, name: &str) -> bool {
        self.buffers.iter().any(|buffer| name.ends_with(buffer))
    }

    fn stored(&self, role: Role) -> Option<Stored> {
        self.tensors.iter().find(|(named, _)| *named == role).map(|&(_, stored)| stored)
    }
}

fn of_layer(name: &str, spec: &TensorSpec) -> String {
    name.replace("{}", &spec.layer.to_string())
}

/// Sizes in a file: those of a vector are its length alone.
fn shape_of(rows: usize, cols: usize, is_matrix: bool) -> Vec<usize> {
    if is_matrix { vec![rows, cols] } else { vec![cols] }
}

#[derive(Debug)]
struct Tensor {
    shape: Vec<usize>,
    values: Vec<f32>, // row-major
}

/// Tensors by name, converted to f32.
///
/// Names are asked for without the prefix that the full model puts before those of its
/// trunk (`transformer.`, `model.`); files of the bare trunk do not have it.
#[derive(Debug)]
pub(super) struct Tensors {
    names: Names,
    tensors: BTreeMap<String, Tensor>,
    /// Names of those that have been asked for.
    taken: BTreeSet<String>,
}

impl Tensors {
    pub(super) fn new(names: Names) -> Self {
        Self { names, tensors: BTreeMap::new(), taken: BTreeSet::new() }
    }

    /// Reads `model.safetensors`, or the shards that `model.safetensors.index.json` names.
    pub(super) fn read(dir: &Path, names: Names) -> Result<Self, CheckpointError> {
        let mut tensors = Self::new(names);
        let single = dir.join(SINGLE);
        if !single.exists() {
            Shards::read(dir)?.for_each(|name| names.is_buffer(name), |name, view| tensors.add(name, view))?;
            return Ok(tensors);
        }
        let bytes = read(&single)?;
        let file =
            SafeTensors::deserialize(&bytes).map_err(|source| CheckpointError::SafeTensors { path: single, source })?;
        for (name, view) in file.iter() {
            tensors.add(name, &view)?;
        }
        Ok(tensors)
    }

    fn add(&mut self, name: &str, view: &TensorView<'_>) -> Result<(), CheckpointError> {
        if self.names.is_buffer(name) {
            return Ok(());
        }
        // Left in the names by torch.compile and by data-parallel wrappers.
        let name = name.trim_start_matches("_orig_mod.").trim_start_matches("module.");
        let values = to_f32(view, name)?;
        let before = self.tensors.insert(name.to_owned(), Tensor { shape: view.shape().to_vec(), values });
        require(before.is_none(), || {
            format!("tensor `{name}` is there twice, with and without the prefix of a wrapper")
        })
    }

    /// All of a model's weights. Those of the roles in `zeros` are zeros instead.
    pub(super) fn weights(mut self, config: Config, zeros: &[Role]) -> Result<Weights, CheckpointError> {
        let weights = Weights::try_new(config, |spec| match self.names.stored(spec.role) {
            _ if zeros.contains(&spec.role) => Ok(vec![0.0; spec.rows * spec.cols]),
            Some(stored) => self.take(stored, spec),
            None => Err(CheckpointError::Unsupported(format!(
                "a model of type `{}` has no {:?}",
                self.names.model_type, spec.role
            ))),
        })?;
        self.check_tied_head(&weights)?;
        self.finish()?;
        Ok(weights)
    }

    /// Some writers store a tied head too; it must then be the embedding.
    fn check_tied_head(&mut self, weights: &Weights) -> Result<(), CheckpointError> {
        if !weights.config.tied || !self.tensors.contains_key(HEAD) {
            return Ok(());
        }
        let spec = TensorSpec { role: Role::Head, layer: 0, rows: weights.config.n_vocab, cols: weights.config.n_embd };
        let head = self.take(Stored::Plain(HEAD), &spec)?;
        require(weights.get(Role::TokenEmbedding, 0) == Some(&head), || {
            "config.json says tie_word_embeddings, but `lm_head.weight` differs from the token embedding: \
             set tie_word_embeddings to false to use it"
                .to_owned()
        })
    }

    /// The tensor of a role, as a model has it.
    fn take(&mut self, stored: Stored, spec: &TensorSpec) -> Result<Vec<f32>, CheckpointError> {
        let TensorSpec { role, rows, cols, .. } = *spec;
        match stored {
            Stored::Plain(name) => self.take_named(&of_layer(name, spec), shape_of(rows, cols, role.is_matrix())),
            Stored::Start(name) => {
                let found = self.rows_of(&of_layer(name, spec)).unwrap_or(rows).max(rows);
                let mut values = self.take_named(&of_layer(name, spec), vec![found, cols])?;
                values.truncate(rows * cols);
                Ok(values)
            }
            Stored::Transposed(name) => {
                let values = self.take_named(&of_layer(name, spec), vec![cols, rows])?;
                Ok(transpose(&values, cols, rows))
            }
            Stored::Third(part, name) if role.is_matrix() => {
                let values = self.take_named(&of_layer(name, spec), vec![cols, 3 * rows])?;
                Ok(transpose(&values, cols, 3 * rows)[part * rows * cols..][..rows * cols].to_vec())
            }
            Stored::Third(part, name) => {
                let values = self.take_named(&of_layer(name, spec), vec![3 * cols])?;
                Ok(values[part * cols..][..cols].to_vec())
            }
        }
    }

    fn rows_of(&self, name: &str) -> Option<usize> {
        let tensor = self.tensors.get(&self.full_name(name)).or_else(|| self.tensors.get(name))?;
        tensor.shape.first().copied()
    }

    /// A tensor of the file, after a check that it has this shape and that all of it is finite.
    fn take_named(&mut self, name: &str, expected: Vec<usize>) -> Result<Vec<f32>, CheckpointError> {
        let full = self.full_name(name);
        let found = if self.tensors.contains_key(&full) { full.clone() } else { name.to_owned() };
        let Some(tensor) = self.tensors.get(&found) else {
            return Err(match name {
                HEAD => CheckpointError::MissingHead,
                _ => CheckpointError::MissingTensor { name: full, expected },
            });
        };
        if tensor.shape != expected {
            return Err(CheckpointError::TensorShape { name: full, expected, found: tensor.shape.clone() });
        }
        if tensor.values.iter().any(|x| !x.is_finite()) {
            return Err(CheckpointError::NotFinite { name: full });
        }
        self.taken.insert(found);
        Ok(tensor.values.clone())
    }

    /// Checks that every tensor has been taken.
    fn finish(mut self) -> Result<(), CheckpointError> {
        self.tensors.retain(|name, _| !self.taken.contains(name));
        match self.tensors.pop_first() {
            None => Ok(()),
            Some((name, _)) => Err(CheckpointError::UnexpectedTensor { name, model_type: self.names.model_type }),
        }
    }

    /// The tensors of a model whose configuration this family can say.
    pub(super) fn of(weights: &Weights, names: Names) -> Self {
        let mut tensors = Self::new(names);
        for spec in weights.config.tensors() {
            let values = weights.tensor(&spec).expect("a tensor for each that the configuration names");
            let TensorSpec { role, layer, rows, cols } = spec;
            match names.stored(role) {
                Some(Stored::Plain(name) | Stored::Start(name)) => {
                    tensors.insert(&of_layer(name, &spec), &shape_of(rows, cols, role.is_matrix()), values.to_vec());
                }
                Some(Stored::Transposed(name)) => {
                    tensors.insert(&of_layer(name, &spec), &[cols, rows], transpose(values, rows, cols));
                }
                Some(Stored::Third(0, name)) => {
                    let part = |third: Role| if role.is_matrix() { third } else { third.bias() };
                    let all = THIRDS.map(|third| weights.get(part(third), layer).unwrap_or_default()).concat();
                    let is_matrix = role.is_matrix();
                    let shape = if is_matrix { vec![cols, 3 * rows] } else { vec![3 * cols] };
                    let all = if is_matrix { transpose(&all, 3 * rows, cols) } else { all };
                    tensors.insert(&of_layer(name, &spec), &shape, all);
                }
                Some(Stored::Third(..)) => {}
                None => unreachable!("{role:?} has no name in {}, which has accepted the model", names.model_type),
            }
        }
        tensors
    }

    pub(super) fn insert(&mut self, name: &str, shape: &[usize], values: Vec<f32>) {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "elements of `{name}`");
        self.tensors.insert(self.full_name(name), Tensor { shape: shape.to_vec(), values });
    }

    /// Writes `model.safetensors` in f32.
    pub(super) fn write(&self, dir: &Path) -> Result<(), CheckpointError> {
        let path = dir.join(SINGLE);
        let invalid = |source| CheckpointError::SafeTensors { path: path.clone(), source };
        let bytes: Vec<(&String, &Tensor, Vec<u8>)> = self
            .tensors
            .iter()
            .map(|(name, tensor)| (name, tensor, tensor.values.iter().flat_map(|x| x.to_le_bytes()).collect()))
            .collect();
        let mut views = Vec::with_capacity(bytes.len());
        for (name, tensor, data) in &bytes {
            let view = TensorView::new(Dtype::F32, tensor.shape.clone(), data).map_err(invalid)?;
            views.push((name.as_str(), view));
        }
        // transformers refuses files that do not say which framework wrote them.
        let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
        let file = safetensors::serialize(views, Some(metadata)).map_err(invalid)?;
        replace_file(&path, &file).map_err(CheckpointError::write(&path))
    }

    /// The head is no part of the trunk, so its name never has the prefix.
    fn full_name(&self, name: &str) -> String {
        if name == HEAD { name.to_owned() } else { format!("{}{name}", self.names.prefix) }
    }
}

/// The elements of a tensor, in order.
fn to_f32(view: &TensorView<'_>, name: &str) -> Result<Vec<f32>, CheckpointError> {
    let pairs = || view.data().chunks_exact(2).map(|b| [b[0], b[1]]);
    Ok(match view.dtype() {
        Dtype::F32 => view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
        Dtype::F16 => pairs().map(|b| f16::from_le_bytes(b).to_f32()).collect(),
        Dtype::BF16 => pairs().map(|b| bf16::from_le_bytes(b).to_f32()).collect(),
        other => {
            return Err(CheckpointError::TensorType { name: name.to_owned(), found: format!("{other:?}") });
        }
    })
}

/// A row-major (rows, cols) matrix as (cols, rows).
fn transpose(matrix: &[f32], rows: usize, cols: usize) -> Vec<f32> {
    assert_eq!(matrix.len(), rows * cols, "elements of a {rows} × {cols} matrix");
    (0..cols).flat_map(|c| (0..rows).map(move |r| matrix[r * cols + c])).collect()
}
