//! `egpt eval --known-words`: what is shown while a text is typed that is in no list of right words.

use std::io::{self, Write};

use anyhow::{Result, ensure};
use egpt_core::eval::shown_words::{self, Kind, ShownWords};
use egpt_core::eval::typed_text::TypedText;
use egpt_core::words::dictionary::Dictionary;
use embedded_gpt::SuggestOptions;
use serde_json::{Value, json};

use super::{EvalArgs, measure};
use crate::cmd::keys::KeysArg;

/// Words printed of each kind: for people, who read the commonest, and for machines.
const N_PRINTED: usize = 20;
const N_JSON: usize = 500;
/// Names of the kinds, for people and for machines.
const KINDS: [(Kind, &str, &str); 3] = [
    (Kind::Listed, "listed in small letters", "listed"),
    (Kind::Invented, "not listed", "invented"),
    (Kind::Name, "listed with a capital", "names"),
];

/// Measures each model.
pub(super) fn run(args: &EvalArgs, typed: &TypedText) -> Result<()> {
    ensure!(!args.models.is_empty(), "name a model to type with");
    ensure!(typed.n_words() > 0, "there are no words to type");
    let dictionary = Dictionary::read(&args.known_words)?;
    let keys = args.keys.unwrap_or(KeysArg::Letters).keys();
    let options = SuggestOptions { budget: args.budget, new_only: args.new_only, ..SuggestOptions::DEFAULT };
    let mut out = io::stdout().lock();
    for path in &args.models {
        let (_, file) = measure::read(path)?;
        let shown = shown_words::type_text(&file.model()?, typed, args.context, (options, keys), &dictionary)?;
        let name = path.display().to_string();
        if args.json {
            writeln!(out, "{}", as_json(&name, typed, &shown))?;
        } else {
            write_table(&mut out, &name, typed, &shown)?;
        }
    }
    Ok(())
}

/// Shares of the words shown first and among three, in percent.
fn shares(shown: &ShownWords, kind: Kind) -> [f64; 2] {
    let of_kind = shown.of_kind(kind);
    std::array::from_fn(|i| 100.0 * of_kind[i] as f64 / shown.all[i].max(1) as f64)
}

fn write_table(out: &mut impl Write, name: &str, typed: &TypedText, shown: &ShownWords) -> Result<()> {
    let [first, three] = shown.all;
    writeln!(out, "{name}: {} words typed; shown first {first}, among three {three}", typed.n_words())?;
    writeln!(out, "in none of the lists of right words:   first  of three")?;
    for (kind, title, _) in KINDS {
        let [first, three] = shares(shown, kind);
        writeln!(out, "  {title:<32} {first:7.2} % {three:7.2} %")?;
    }
    for (kind, title, _) in KINDS {
        let words = shown.commonest(kind);
        let some: Vec<_> = words.iter().take(N_PRINTED).map(|(word, n)| format!("{word} {n}")).collect();
        let more = if words.len() > N_PRINTED { ", \u{2026}" } else { "" };
        writeln!(out, "{title}, {} words: {}{more}", words.len(), some.join(", "))?;
    }
    Ok(())
}

fn as_json(name: &str, typed: &TypedText, shown: &ShownWords) -> Value {
    let mut result = json!({
        "model": name,
        "words": typed.n_words(),
        "shown_first": shown.all[0],
        "shown_of_three": shown.all[1],
    });
    for (kind, _, key) in KINDS {
        let [first, three] = shares(shown, kind);
        let commonest: Vec<_> = shown.commonest(kind).into_iter().take(N_JSON).collect();
        result[key] = json!({ "first": first, "of_three": three, "commonest": commonest });
    }
    result
}
