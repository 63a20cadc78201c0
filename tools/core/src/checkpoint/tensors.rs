//! The named tensors of a checkpoint: reading one file or several shards, writing one file.

use super::CheckpointError;
use crate::replace_file::replace_file;
use half::{bf16, f16};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;

const SINGLE: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";

/// How a model family names its tensors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    /// The value of `model_type` in config.json.
    pub model_type: &'static str,
    /// What the full model puts before the names of its trunk.
    pub prefix: &'static str,
    /// Endings of the names of buffers that are no parameters.
    pub buffers: &'static [&'static str],
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
}

#[derive(Deserialize)]
struct ShardIndex {
    /// File name by tensor name.
    weight_map: BTreeMap<String, String>,
}

impl Tensors {
    pub(super) fn new(names: Names) -> Self {
        Self { names, tensors: BTreeMap::new() }
    }

    /// Reads `model.safetensors`, or the shards that `model.safetensors.index.json` names.
    pub(super) fn read(dir: &Path, names: Names) -> Result<Self, CheckpointError> {
        let mut tensors = Self::new(names);
        if dir.join(SINGLE).exists() {
            tensors.read_file(&dir.join(SINGLE))?;
            return Ok(tensors);
        }
        let index = dir.join(INDEX);
        if !index.exists() {
            return Err(CheckpointError::NoWeights { path: dir.to_owned() });
        }
        let text = fs::read(&index).map_err(CheckpointError::io(&index))?;
        let index: ShardIndex = serde_json::from_slice(&text).map_err(CheckpointError::json(&index))?;
        let files: BTreeSet<&String> = index.weight_map.values().collect();
        for file in files {
            tensors.read_file(&dir.join(file))?;
        }
        Ok(tensors)
    }

    fn read_file(&mut self, path: &Path) -> Result<(), CheckpointError> {
        let bytes = fs::read(path).map_err(CheckpointError::io(path))?;
        let file = SafeTensors::deserialize(&bytes)
            .map_err(|source| CheckpointError::SafeTensors { path: path.to_owned(), source })?;
        for (name, view) in file.iter() {
            // Left in the names by torch.compile and by data-parallel wrappers.
            let name = name.trim_start_matches("_orig_mod.").trim_start_matches("module.");
            if self.names.buffers.iter().any(|buffer| name.ends_with(buffer)) {
                continue;
            }
            let values = to_f32(&view, name)?;
            self.tensors.insert(name.to_owned(), Tensor { shape: view.shape().to_vec(), values });
        }
        Ok(())
    }

    /// Whether there is a tensor of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(&self.full_name(name)) || self.tensors.contains_key(name)
    }

    /// Removes a tensor, checking its shape and that all of it is finite.
    pub(super) fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, CheckpointError> {
        let full = self.full_name(name);
        let tensor = match self.tensors.remove(&full) {
            Some(tensor) => Some(tensor),
            None => self.tensors.remove(name),
        };
        let name = full;
        let Some(tensor) = tensor else {
            return Err(CheckpointError::MissingTensor { name, expected: shape.to_vec() });
        };
        if tensor.shape != shape {
            return Err(CheckpointError::TensorShape { name, expected: shape.to_vec(), found: tensor.shape });
        }
        if tensor.values.iter().any(|x| !x.is_finite()) {
            return Err(CheckpointError::NotFinite { name });
        }
        Ok(tensor.values)
    }

    /// Checks that every tensor has been taken.
    pub(super) fn finish(mut self) -> Result<(), CheckpointError> {
        match self.tensors.pop_first() {
            None => Ok(()),
            Some((name, _)) => Err(CheckpointError::UnexpectedTensor { name, model_type: self.names.model_type }),
        }
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
        if name == "lm_head.weight" { name.to_owned() } else { format!("{}{name}", self.names.prefix) }
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
pub(super) fn transpose(matrix: &[f32], rows: usize, cols: usize) -> Vec<f32> {
    assert_eq!(matrix.len(), rows * cols, "elements of a {rows} × {cols} matrix");
    (0..cols).flat_map(|c| (0..rows).map(move |r| matrix[r * cols + c])).collect()
}
