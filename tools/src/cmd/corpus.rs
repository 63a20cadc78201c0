//! `egpt corpus`: the splits of a corpus as text files.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use egpt_core::corpus::{Corpus, text_len};
use egpt_core::output_dir::OutputDir;
use serde_json::{Map, Value, json};

const EXAMPLES: &str = "\
Examples:
  egpt corpus chitchat --out corpora/chitchat
  egpt corpus notes/ mail.txt --out corpora/own --json
  cat *.log | egpt corpus - --out corpora/logs";

/// Write the train, valid and test text of a corpus.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct CorpusArgs {
    /// `chitchat` (the default corpus, fetched with pip), files and directories, `-` for standard input.
    #[arg(required = true, value_name = "chitchat|FILE")]
    corpus: Vec<String>,
    /// The directory for train.txt, valid.txt, test.txt, and test-sample.txt, a part of the latter.
    #[arg(long)]
    out: PathBuf,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Loads a corpus, writes its splits and says how large they are.
///
/// # Errors
/// If the corpus cannot be loaded or its text not be written.
pub fn run(args: &CorpusArgs) -> Result<()> {
    let corpus = Corpus::load(&args.corpus)?;
    let out = OutputDir::lock(&args.out)?;
    corpus.write_text(&out.staging())?;
    out.commit()?;
    for (name, _) in corpus.splits().iter().filter(|(_, documents)| documents.is_empty()) {
        eprintln!("warning: {name}.txt is empty; more text, in more documents, would fill it");
    }
    let mut stdout = io::stdout().lock();
    if args.json {
        writeln!(stdout, "{}", as_json(&corpus, &args.out))?;
    } else {
        let licence = corpus.licence.as_deref().unwrap_or("not stated");
        writeln!(stdout, "{}: corpus {}, licence {licence}", args.out.display(), corpus.name)?;
        for (name, documents) in corpus.splits() {
            writeln!(stdout, "{name}.txt: {} documents, {} bytes", documents.len(), text_len(documents))?;
        }
    }
    Ok(())
}

fn as_json(corpus: &Corpus, out: &Path) -> Value {
    let size = |documents: &[String]| json!({"documents": documents.len(), "bytes": text_len(documents)});
    let splits: Map<_, _> =
        corpus.splits().map(|(name, documents)| (name.into(), size(documents))).into_iter().collect();
    json!({"out": out, "name": corpus.name, "licence": corpus.licence, "splits": splits})
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn writes_what_it_reports() {
        let dir = tempfile::tempdir().unwrap();
        let source = dir.path().join("source.txt");
        fs::write(&source, (0..1000).map(|i| format!("message {i}\nanswer {i}\n\n")).collect::<String>()).unwrap();
        let out = dir.path().join("new/corpus");
        let args = CorpusArgs { corpus: vec![source.display().to_string()], out: out.clone(), json: true };
        run(&args).unwrap();
        let report = as_json(&Corpus::load(&args.corpus).unwrap(), &out);
        for split in ["train", "valid", "test"] {
            let text = fs::read_to_string(out.join(format!("{split}.txt"))).unwrap();
            assert_eq!(report["splits"][split]["bytes"], text.len());
            assert_eq!(report["splits"][split]["documents"], text.matches("message").count());
            assert!(text.starts_with("message") && text.ends_with('\n') && !text.ends_with("\n\n"), "{split}");
        }
    }
}
