//! Small talk and trivia that no model here was trained on (PyPI `chatterbot-corpus`, BSD): how much is left
//! of what a model or a table saves when people write about other things than it has read.
//!
//! A document is a question with an answer. The English files are taken, without the long written answers about
//! programming and technical support.

use anyhow::{Context, Result};
use serde::Deserialize;

use super::wheel::{self, Wheel};
use super::{Corpus, Split};

/// The name that stands for this text.
pub const NAME: &str = "chatterbot";

const WHEEL: Wheel = Wheel {
    corpus: NAME,
    licence: "BSD",
    variable: "EGPT_CHATTERBOT_WHEEL",
    requirement: "chatterbot-corpus==1.3.3",
    file: "chatterbot_corpus-1.3.3-py2.py3-none-any.whl",
    sha256: "86de5300afb9a80826386339d3bec79c0a72eb0358abb8327e2ecef5ae0ce154",
    megabytes: 0.3,
};
const FOLDER: &str = "chatterbot_corpus/data/english/";
const LEFT_OUT: [&str; 2] = ["coding.yml", "tech_support.yml"];

#[derive(Deserialize)]
struct Topic {
    conversations: Vec<Conversation>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Conversation {
    Turns(Vec<String>),
    /// A question and its answer in one line, as some of the trivia are.
    Line(String),
}

/// Loads the text: from the wheel that `EGPT_CHATTERBOT_WHEEL` names, else from the cache, else fetched with pip.
///
/// # Errors
/// If the wheel cannot be fetched or is not the one expected; the message says what to do.
pub fn load() -> Result<Corpus> {
    let mut archive = wheel::open(&WHEEL.obtain()?)?;
    let is_wanted = |name: &String| {
        let file = name.strip_prefix(FOLDER);
        file.is_some_and(|file| file.ends_with(".yml") && !LEFT_OUT.contains(&file))
    };
    let mut names = Vec::new();
    for name in archive.file_names() {
        names.push(name.context("a name in the wheel")?.into_owned());
    }
    names.retain(is_wanted);
    names.sort_unstable();
    let mut corpus = Corpus { name: NAME.into(), licence: Some(WHEEL.licence.into()), ..Corpus::default() };
    for name in names {
        let documents =
            documents(&wheel::read(&mut archive, &name)?).with_context(|| format!("{name} in the wheel"))?;
        corpus.documents_mut(Split::Test).extend(documents);
    }
    Ok(corpus)
}

/// The conversations of a topic, a line per turn.
fn documents(yaml: &str) -> Result<Vec<String>> {
    let topic: Topic = serde_yaml_ng::from_str(yaml).context("the text is not as expected")?;
    let one_line = |turn: &String| turn.split_whitespace().collect::<Vec<_>>().join(" ");
    let document = |conversation: &Conversation| match conversation {
        Conversation::Turns(turns) => turns.iter().map(one_line).collect::<Vec<_>>().join("\n"),
        Conversation::Line(line) => one_line(line),
    };
    Ok(topic.conversations.iter().map(document).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_has_a_line_per_turn() {
        let yaml = "categories:\n- AI\nconversations:\n- - What is it?\n  - 'It''s a\n    machine.'\n- - Hi\n  - Hello\n- Two? - '2'\n";
        assert_eq!(documents(yaml).unwrap(), ["What is it?\nIt's a machine.", "Hi\nHello", "Two? - '2'"]);
    }

    #[test]
    fn says_that_the_text_is_not_as_expected() {
        let error = documents("conversations: 1").unwrap_err();
        assert!(error.to_string().contains("not as expected"), "{error}");
    }

    #[test]
    fn agrees_with_what_the_figures_were_measured_on() {
        if WHEEL.present().unwrap().is_none() {
            println!("skipped: the wheel is not in the cache and {} is not set", WHEEL.variable);
            return;
        }
        let corpus = load().unwrap();
        assert!(corpus.train.is_empty() && corpus.valid.is_empty());
        assert_eq!((corpus.test.len(), super::super::text_len(&corpus.test)), (792, 67_524));
    }
}
