//! Texts with labels.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, ensure};

use super::lines;
use crate::text_file;

/// Labels at most: each has a name in the blob's vocabulary, which holds 255.
const MAX_LABELS: usize = 200;
/// Bytes of a label at most.
const MAX_LABEL_BYTES: usize = 200;

/// A text and the number of its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled {
    pub text: String,
    pub label: usize,
}

/// Texts, and the labels that occur, in alphabetical order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    pub names: Vec<String>,
    pub texts: Vec<Labelled>,
}

impl Labels {
    /// Reads a file of `{"text": …, "label": …}`, one per line.
    ///
    /// # Errors
    /// If it cannot be read; a line that is not as it should be is named. If there are fewer than two labels, or too
    /// many or too long ones.
    pub fn load(path: &Path) -> Result<Self> {
        Self::parse(&text_file::read(path)?, path)
    }

    fn parse(text: &str, path: &Path) -> Result<Self> {
        let objects = lines::objects(text, path, ["text", "label"])?;
        let names: BTreeSet<&str> = objects.iter().map(|[_, label]| label.as_str()).collect();
        let path = path.display();
        ensure!(names.len() > 1, "{path} has one label only: a class is chosen among two at least");
        ensure!(names.len() <= MAX_LABELS, "{path} has {} labels; at most {MAX_LABELS} have room", names.len());
        let long = names.iter().find(|name| name.len() > MAX_LABEL_BYTES);
        ensure!(long.is_none(), "{path}: the label {:?} has more than {MAX_LABEL_BYTES} bytes", long.unwrap_or(&""));
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let number = |label: &String| names.binary_search(label).expect("one of the names");
        let texts = objects.iter().map(|[text, label]| Labelled { text: text.clone(), label: number(label) }).collect();
        Ok(Self { names, texts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_numbered_by_name() {
        let parse = |text: &str| Labels::parse(text, Path::new("l.jsonl"));
        let labels = parse("{\"text\":\"x\",\"label\":\"spam\"}\n{\"text\":\"y\",\"label\":\"ham\"}").unwrap();
        assert_eq!(labels.names, ["ham", "spam"]);
        assert_eq!(labels.texts.iter().map(|labelled| labelled.label).collect::<Vec<_>>(), [1, 0]);
        let error = parse("{\"text\":\"x\",\"label\":\"spam\"}").unwrap_err().to_string();
        assert!(error.contains("one label only"), "{error}");
        let many: String = (0..201).map(|i| format!("{{\"text\":\"x\",\"label\":\"{i}\"}}\n")).collect();
        assert!(parse(&many).unwrap_err().to_string().contains("at most 200"));
    }
}
