//! Weights in several files: which tensor is read from which, by `model.safetensors.index.json`.

use super::error::require;
use super::{CheckpointError, read};
use safetensors::tensor::{SafeTensors, TensorView};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

const INDEX: &str = "model.safetensors.index.json";

/// The index of a directory.
pub(super) struct Shards<'d> {
    dir: &'d Path,
    /// File name by tensor name.
    weight_map: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct IndexJson {
    weight_map: BTreeMap<String, String>,
}

impl<'d> Shards<'d> {
    pub(super) fn read(dir: &'d Path) -> Result<Self, CheckpointError> {
        let path = dir.join(INDEX);
        if !path.exists() {
            return Err(CheckpointError::NoWeights { path: dir.to_owned() });
        }
        let IndexJson { weight_map } = serde_json::from_slice(&read(&path)?).map_err(CheckpointError::json(&path))?;
        let is_inside = |file: &str| Path::new(file).components().all(|part| matches!(part, Component::Normal(_)));
        let outside = weight_map.values().find(|file| file.is_empty() || !is_inside(file));
        require(outside.is_none(), || {
            format!("{}: `{}` is not a file within the directory", path.display(), outside.map_or("", String::as_str))
        })?;
        Ok(Self { dir, weight_map })
    }

    /// Calls `add` with each tensor of the index, read from the file that the index names for it. Files may hold
    /// further copies of such tensors, which do not count, and further tensors only if they are buffers.
    pub(super) fn for_each(
        &self,
        is_buffer: impl Fn(&str) -> bool,
        mut add: impl FnMut(&str, &TensorView<'_>) -> Result<(), CheckpointError>,
    ) -> Result<(), CheckpointError> {
        let files: BTreeSet<&String> = self.weight_map.values().collect();
        for file in files {
            let path = self.dir.join(file);
            let bytes = read(&path)?;
            let invalid = |source| CheckpointError::SafeTensors { path: path.clone(), source };
            let shard = SafeTensors::deserialize(&bytes).map_err(invalid)?;
            let unknown =
                shard.names().into_iter().find(|&name| !self.weight_map.contains_key(name) && !is_buffer(name));
            if let Some(name) = unknown {
                return Err(CheckpointError::NotInIndex { name: name.to_owned(), path });
            }
            for (name, _) in self.weight_map.iter().filter(|(_, named)| *named == file) {
                let Ok(view) = shard.tensor(name) else {
                    return Err(CheckpointError::NotInShard { name: name.clone(), path });
                };
                add(name, &view)?;
            }
        }
        Ok(())
    }
}
