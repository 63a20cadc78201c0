//! llama2.c's run.c, built as its README says for speed.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::models::Llama2c;
use crate::run::{Run, children_seconds};

/// The built program and its model.
pub struct RunC {
    program: PathBuf,
    model: PathBuf,
    tokenizer: PathBuf,
}

impl RunC {
    /// Builds the file that `EGPT_RUN_C` names; `None` if it names none.
    ///
    /// # Errors
    /// If it does not compile.
    pub fn build(files: &Llama2c, directory: &Path) -> Result<Option<Self>> {
        let Some(source) = env::var_os("EGPT_RUN_C") else {
            eprintln!("skipped: run.c: set EGPT_RUN_C to the path of llama2.c's run.c");
            return Ok(None);
        };
        let program = directory.join("run_c");
        let mut cc = Command::new("cc");
        cc.args(["-O3", "-march=native", "-ffast-math", "-o"]).arg(&program).arg(&source).arg("-lm");
        ensure!(
            cc.status().context("cannot start cc")?.success(),
            "cc cannot compile {}",
            Path::new(&source).display()
        );
        Ok(Some(Self { program, model: files.model.clone(), tokenizer: files.tokenizer.clone() }))
    }

    /// CPU seconds of a whole run of `n` tokens, and how many it made: it ends early at an end of text.
    fn run(&self, n: usize) -> Result<f64> {
        let start = children_seconds()?;
        let mut run = Command::new(&self.program);
        run.arg(&self.model).arg("-z").arg(&self.tokenizer).args(["-t", "0", "-n", &n.to_string()]);
        let status = run.stdout(Stdio::null()).stderr(Stdio::null()).status().context("cannot start run.c")?;
        ensure!(status.success(), "run.c ended with {status}");
        Ok(children_seconds()? - start)
    }
}

impl Run for RunC {
    /// Several runs, less what it takes to load the model.
    fn seconds(&mut self, n: usize) -> Result<f64> {
        const REPEATS: usize = 8;
        let mut total = 0.0;
        for _ in 0..REPEATS {
            total += self.run(n + 1)? - self.run(1)?;
        }
        Ok(total / REPEATS as f64)
    }
}
