//! Pairs of input and output: JSON objects, one per line, or text with `Input:` and `Output:`.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::lines;
use crate::text_file;

const INPUT: &str = "Input:";
const OUTPUT: &str = "Output:";

/// What is given, and what the model is to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub input: String,
    pub output: String,
}

impl Pair {
    /// Reads a file of pairs.
    ///
    /// # Errors
    /// If it cannot be read; a line that is not as it should be is named.
    pub fn load(path: &Path) -> Result<Vec<Self>> {
        Self::parse(&text_file::read(path)?, path)
    }

    fn parse(text: &str, path: &Path) -> Result<Vec<Self>> {
        if text.trim_start().starts_with(INPUT) {
            return parse_text(text, path);
        }
        let objects = lines::objects(text, path, ["input", "output"])
            .with_context(|| format!("neither lines of JSON nor text that begins with {INPUT:?}"))?;
        Ok(objects.into_iter().map(|[input, output]| Self { input, output }).collect())
    }
}

/// Each pair begins with a line `Input: …`; `Output: …` follows on the same line or a later one.
fn parse_text(text: &str, path: &Path) -> Result<Vec<Pair>> {
    let mut records: Vec<(usize, String)> = Vec::new();
    for (i, line) in text.lines().enumerate() {
        match line.strip_prefix(INPUT) {
            Some(rest) => records.push((i + 1, rest.to_owned())),
            None => records.iter_mut().next_back().into_iter().for_each(|(_, record)| {
                record.push('\n');
                record.push_str(line);
            }),
        }
    }
    let pair = |(line, record): &(usize, String)| {
        let place = || format!("{}, line {line}: write a pair as {INPUT} … {OUTPUT} …", path.display());
        let at_line = record.find(&format!("\n{OUTPUT}")).map(|at| at + 1);
        let at = at_line.or_else(|| record.find(OUTPUT)).with_context(|| format!("no {OUTPUT} follows"));
        let at = at.with_context(place)?;
        let (input, output) = (record[..at].trim(), record[at + OUTPUT.len()..].trim());
        ensure!(!input.is_empty() && !output.is_empty(), "{}: input or output is empty", place());
        Ok(Pair { input: input.to_owned(), output: output.to_owned() })
    };
    records.iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<Pair>> {
        Pair::parse(text, Path::new("p"))
    }

    #[test]
    fn both_forms_say_the_same() {
        let json = "{\"input\":\"lamp on\",\"output\":\"ok\"}\n{\"input\":\"a\\nb\",\"output\":\"c\\nd\"}";
        let pairs = parse(json).unwrap();
        assert_eq!(pairs[0], Pair { input: "lamp on".into(), output: "ok".into() });
        assert_eq!(parse("Input: lamp on Output: ok\n\nInput: a\nb\nOutput: c\nd\n").unwrap(), pairs);
        assert_eq!(parse("Input: lamp on\r\nOutput: ok\r\nInput: a\nb\nOutput:c\nd").unwrap(), pairs);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, reason) in [
            ("Input: a\nOutput: b\n\nInput: c\nd", "p, line 4: write a pair as Input: … Output: …: no Output: follows"),
            ("Input: a Output:", "p, line 1: write a pair as Input: … Output: …: input or output is empty"),
            ("hello", "p, line 1: write one object"),
        ] {
            let error = format!("{:#}", parse(text).unwrap_err());
            assert!(error.contains(reason), "{error}");
        }
    }
}
