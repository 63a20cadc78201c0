//! What a stopped training needs to go on, as files beside the model's.
//!
//! `training_state.safetensors` holds parameters and AdamW moments; the rest (settings,
//! step, place in the data, elapsed time) is JSON in its metadata, so that one rename
//! replaces everything at once. `history.json` is for people and plots.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use super::scales::LearnedScales;
use super::spellings::SharedMoments;
use super::step::OptimizerState;
use super::windows::DataPosition;
use super::{HistoryPoint, TrainConfig};
use crate::replace_file::replace_file;

const STATE_FILE: &str = "training_state.safetensors";
const HISTORY_FILE: &str = "history.json";
const METADATA_KEY: &str = "training";
const VECTORS: [&str; 8] = [
    "params",
    "first_moment",
    "second_moment",
    "shared_first_moment",
    "shared_second_moment",
    "scale_logarithms",
    "scale_first_moment",
    "scale_second_moment",
];

/// A stopped training.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingState {
    /// Settings it was started with.
    pub config: TrainConfig,
    /// Weights and AdamW moments.
    pub optimizer: OptimizerState,
    /// The position of the data loader.
    pub data: DataPosition,
    /// Training time so far.
    pub seconds: f64,
    /// Measurements so far.
    pub history: Vec<HistoryPoint>,
    /// Whether it has begun to round weights.
    pub has_quantized: bool,
}

#[derive(Serialize, Deserialize)]
struct Metadata {
    config: TrainConfig,
    steps: u64,
    data: DataPosition,
    seconds: f64,
    history: Vec<HistoryPoint>,
    /// Written under the name that earlier versions have for it.
    #[serde(default, rename = "rounding")]
    has_quantized: bool,
}

impl TrainingState {
    /// Writes the state and `history.json` into `dir`.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn save(&self, dir: &Path) -> Result<()> {
        let metadata = Metadata {
            config: self.config.clone(),
            steps: self.optimizer.steps,
            data: self.data,
            seconds: self.seconds,
            history: self.history.clone(),
            has_quantized: self.has_quantized,
        };
        let metadata = serde_json::to_string(&metadata)?;
        let OptimizerState { steps: _, params, first_moment, second_moment, shared, scales } = &self.optimizer;
        let vectors = [
            params,
            first_moment,
            second_moment,
            &shared.first,
            &shared.second,
            &scales.logarithms,
            &scales.first_moment,
            &scales.second_moment,
        ];
        let bytes = vectors.map(|values| to_bytes(values));
        let mut tensors = Vec::new();
        for ((name, values), bytes) in VECTORS.iter().zip(vectors).zip(&bytes) {
            tensors.push((*name, TensorView::new(Dtype::F32, vec![values.len()], bytes)?));
        }
        let metadata = HashMap::from([(METADATA_KEY.to_owned(), metadata)]);
        let file = safetensors::serialize(tensors, Some(metadata))?;
        write(&dir.join(STATE_FILE), &file)?;
        let history = serde_json::to_vec_pretty(&self.history)?;
        write(&dir.join(HISTORY_FILE), &history)
    }

    /// Whether `dir` holds a training that can go on.
    pub fn exists(dir: &Path) -> bool {
        dir.join(STATE_FILE).is_file()
    }

    /// Reads what [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// When there is no state in `dir` or it is damaged.
    pub fn load(dir: &Path) -> Result<Self> {
        let path = dir.join(STATE_FILE);
        let file = fs::read(&path).with_context(|| {
            format!("cannot read {}; resume needs the directory of an earlier training", path.display())
        })?;
        Self::parse(&file).with_context(|| format!("{} is damaged", path.display()))
    }

    fn parse(file: &[u8]) -> Result<Self> {
        let (_, header) = SafeTensors::read_metadata(file)?;
        let metadata =
            header.metadata().as_ref().and_then(|entries| entries.get(METADATA_KEY)).context("no training metadata")?;
        let metadata: Metadata = serde_json::from_str(metadata)?;
        let tensors = SafeTensors::deserialize(file)?;
        let vector = |name: &str| -> Result<Vec<f32>> {
            let tensor = tensors.tensor(name)?;
            ensure!(tensor.dtype() == Dtype::F32, "{name} is not f32");
            Ok(from_bytes(tensor.data()))
        };
        let [params, first, second, shared_first, shared_second, logarithms, scales_first, scales_second] = VECTORS;
        // Trainings begun before spellings shared anything, or before scales were learned, have none.
        let if_there = |name: &str| if tensors.names().contains(&name) { vector(name) } else { Ok(Vec::new()) };
        Ok(Self {
            optimizer: OptimizerState {
                steps: metadata.steps,
                params: vector(params)?,
                first_moment: vector(first)?,
                second_moment: vector(second)?,
                shared: SharedMoments { first: if_there(shared_first)?, second: if_there(shared_second)? },
                scales: LearnedScales {
                    logarithms: if_there(logarithms)?,
                    first_moment: if_there(scales_first)?,
                    second_moment: if_there(scales_second)?,
                },
            },
            config: metadata.config,
            data: metadata.data,
            seconds: metadata.seconds,
            history: metadata.history,
            has_quantized: metadata.has_quantized,
        })
    }
}

/// The measurements of the training in `dir`; none of a model that was imported.
///
/// # Errors
/// When `history.json` is there and cannot be read.
pub fn load_history(dir: &Path) -> Result<Vec<HistoryPoint>> {
    let path = dir.join(HISTORY_FILE);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let file = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&file).with_context(|| format!("{} is damaged", path.display()))
}

fn to_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|x| x.to_le_bytes()).collect()
}

fn from_bytes(bytes: &[u8]) -> Vec<f32> {
    let (words, _) = bytes.as_chunks();
    words.iter().map(|&word| f32::from_le_bytes(word)).collect()
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    replace_file(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_state_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let state = TrainingState {
            config: TrainConfig::default(),
            optimizer: OptimizerState {
                steps: 3,
                params: vec![0.1, -2.5e-20],
                first_moment: vec![1.0, 2.0],
                second_moment: vec![3.0, f32::MIN_POSITIVE],
                shared: SharedMoments { first: vec![4.0], second: vec![5.0] },
                scales: LearnedScales { logarithms: vec![6.0], first_moment: vec![7.0], second_moment: vec![8.0] },
            },
            data: DataPosition { epoch: 1, window: 5 },
            seconds: 1.0 / 3.0,
            history: vec![HistoryPoint::default()],
            has_quantized: true,
        };
        state.save(dir.path()).unwrap();
        assert!(TrainingState::exists(dir.path()));
        assert_eq!(TrainingState::load(dir.path()).unwrap(), state);
    }

    #[test]
    fn settings_of_earlier_versions_are_read() {
        let mut json = serde_json::to_value(TrainConfig::default()).unwrap();
        for added in ["quant", "quant_share", "teacher_share", "source"] {
            assert!(json.as_object_mut().unwrap().remove(added).is_some(), "{added}");
        }
        let config: TrainConfig = serde_json::from_value(json).unwrap();
        assert_eq!(config, TrainConfig { quant_share: 0.0, ..TrainConfig::default() });
    }

    #[test]
    fn a_missing_or_cut_file_is_explained() {
        let dir = tempfile::tempdir().unwrap();
        let error = TrainingState::load(dir.path()).unwrap_err();
        assert!(error.to_string().contains("resume needs"), "{error}");
        fs::write(dir.path().join(STATE_FILE), [1, 2, 3]).unwrap();
        let error = TrainingState::load(dir.path()).unwrap_err();
        assert!(error.to_string().contains("damaged"), "{error}");
    }
}
