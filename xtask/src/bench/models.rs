//! The models that are measured.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::{console, process, workspace};

/// A blob, and what its figures are filed under.
#[derive(Clone, Debug)]
pub struct BenchModel {
    pub name: String,
    pub format: String,
    pub blob: PathBuf,
}

/// The model of the repository.
const DEMO: &str = "models/demo.egpt";
/// The public model of llama2.c that others publish figures of, and its tokenizer.
const YARDSTICK: &str = "stories260K";
const YARDSTICK_TOKENIZER: &str = "tok512.bin";
const FORMATS: [&str; 2] = ["q8", "q4"];

/// `blob` alone if there is one; else the yardstick in both formats, if it is there, and the repository's model.
pub fn find(blob: Option<&Path>) -> Result<Vec<BenchModel>> {
    let egpt = workspace::built("egpt")?;
    if let Some(blob) = blob {
        let blob = blob.canonicalize().with_context(|| format!("{} does not exist", blob.display()))?;
        return Ok(vec![named(&egpt, blob)?]);
    }
    let mut models = yardstick(&egpt)?;
    models.push(named(&egpt, workspace::root().join(DEMO))?);
    Ok(models)
}

fn named(egpt: &Path, blob: PathBuf) -> Result<BenchModel> {
    let name = blob.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(BenchModel { name, format: format(egpt, &blob)?, blob })
}

/// The format of a blob's matrices.
fn format(egpt: &Path, blob: &Path) -> Result<String> {
    let mut command = Command::new(egpt);
    command.arg("inspect").arg(blob).arg("--json");
    let json = process::quiet("egpt inspect", command)?;
    let has = |format: &str| json.contains(&format!(r#""format":"{format}""#));
    Ok(match (has("q8"), has("q4")) {
        (true, true) => "mixed",
        (false, true) => "q4",
        _ => "q8",
    }
    .to_owned())
}

/// Imports the yardstick from `EGPT_YARDSTICK_DIR`, or a directory beside the repository; none if it is not there.
fn yardstick(egpt: &Path) -> Result<Vec<BenchModel>> {
    let beside = workspace::root().join("../shared/models");
    let directory = env::var_os("EGPT_YARDSTICK_DIR").map_or(beside, PathBuf::from);
    let [checkpoint, tokenizer] = [&format!("{YARDSTICK}.bin"), YARDSTICK_TOKENIZER].map(|file| directory.join(file));
    if !checkpoint.exists() || !tokenizer.exists() {
        console::note(&format!(
            "without {YARDSTICK}: {} has no {YARDSTICK}.bin and {YARDSTICK_TOKENIZER}; EGPT_YARDSTICK_DIR names another directory",
            directory.display()
        ));
        return Ok(Vec::new());
    }
    let out = workspace::target().join("bench");
    let imported = out.join(YARDSTICK);
    // What an earlier run left may be of another version.
    let _ = fs::remove_dir_all(&imported);
    let mut command = Command::new(egpt);
    command.args(["import", "llama2c"]).arg(checkpoint).arg(tokenizer).arg("--out").arg(&imported);
    process::quiet("egpt import", command)?;
    FORMATS.into_iter().map(|format| export(egpt, &imported, format, &out)).collect()
}

fn export(egpt: &Path, checkpoint: &Path, format: &str, out: &Path) -> Result<BenchModel> {
    let blob = out.join(format!("{YARDSTICK}-{format}.egpt"));
    let mut command = Command::new(egpt);
    command.arg("export").arg(checkpoint).args(["--quant", format, "--out"]).arg(&blob);
    process::quiet("egpt export", command)?;
    Ok(BenchModel { name: YARDSTICK.to_owned(), format: format.to_owned(), blob })
}
