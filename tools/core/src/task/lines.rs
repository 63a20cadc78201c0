//! Files of one JSON object per line, read strictly: a bad line is named, with what to do about it.

use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::Value;

/// Two texts of each line's object, by their keys; empty lines are passed over, other keys too.
///
/// # Errors
/// Names the file, the first bad line and the form that it should have.
pub fn objects(text: &str, path: &Path, keys: [&str; 2]) -> Result<Vec<[String; 2]>> {
    let form = format!("{{\"{}\": \"…\", \"{}\": \"…\"}}", keys[0], keys[1]);
    let mut objects = Vec::new();
    for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let object = object(line, keys);
        let place = || format!("{}, line {}: write one object {form} per line", path.display(), i + 1);
        objects.push(object.with_context(place)?);
    }
    ensure!(!objects.is_empty(), "{} has no lines: write objects {form}, one per line", path.display());
    Ok(objects)
}

fn object(line: &str, keys: [&str; 2]) -> Result<[String; 2]> {
    let json: Value = serde_json::from_str(line).map_err(|error| anyhow!("this is no JSON ({error})"))?;
    let object = json.as_object().context("this is JSON, but not an object")?;
    let text = |key: &str| -> Result<String> {
        let value = object.get(key).with_context(|| format!("\"{key}\" is missing"))?;
        let text = value.as_str().with_context(|| format!("\"{key}\" is not a text but {value}"))?.trim();
        ensure!(!text.is_empty(), "\"{key}\" is empty");
        Ok(text.to_owned())
    };
    Ok([text(keys[0])?, text(keys[1])?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_lines_are_read_and_bad_ones_named() {
        let path = Path::new("a.jsonl");
        let good = "{\"a\":\" x \",\"b\":\"y\",\"c\":1}\n\n{\"b\":\"\\\"q\\\"\",\"a\":\"p\"}\r\n";
        assert_eq!(objects(good, path, ["a", "b"]).unwrap(), [["x", "y"], ["p", "\"q\""]].map(|o| o.map(String::from)));
        for (bad, reason) in [
            ("x", "this is no JSON"),
            ("[1]", "not an object"),
            ("{\"a\":\"x\"}", "\"b\" is missing"),
            ("{\"a\":\"x\",\"b\":7}", "\"b\" is not a text but 7"),
            ("{\"a\":\"x\",\"b\":\"  \"}", "\"b\" is empty"),
        ] {
            let error = format!("{:#}", objects(&format!("{good}{bad}"), path, ["a", "b"]).unwrap_err());
            assert!(error.starts_with("a.jsonl, line 4: write one object {\"a\": \"…\", \"b\": \"…\"} per line: "));
            assert!(error.contains(reason), "{error}");
        }
        assert!(objects("\n", path, ["a", "b"]).unwrap_err().to_string().contains("has no lines"));
    }
}
