//! What tables know, what they take, and the figures of the program that defines the comparison.

use std::path::PathBuf;
use std::process::Command;

use super::counts::START;
use super::*;
use crate::eval::ksr;
use crate::eval::typed_text::TypedText;

const TEXT: &str = "how are you? how are you doing\nhow is it going\nhow are they\n\nare you there? it is me\n";

fn table(n_bytes: usize) -> Table {
    Table::new(&Counts::of([TEXT.repeat(4).as_str()]), n_bytes)
}

#[test]
fn offers_what_followed_most_often() {
    let table = table(4096);
    let mut predictor = Predictor::new(&table);
    assert_eq!(predictor.suggest("", "", 1), ["how"]);
    assert_eq!(predictor.suggest("it is fine. How ", "", 2), ["are", "is"]);
    assert_eq!(predictor.suggest("how are ", "", 2), ["you", "they"]);
    assert_eq!(predictor.suggest("how are ", "TH", 5), ["they", "there"]);
    assert_eq!(predictor.suggest("xyz how is ", "", 1), ["it"], "a line's start does not matter");
    assert!(predictor.suggest("how are ", "q", 3).is_empty());
}

#[test]
fn a_new_line_begins_a_sentence() {
    let table = table(4096);
    let mut predictor = Predictor::new(&table);
    assert_eq!(predictor.suggest("how are\n", "", 1), predictor.suggest("", "", 1));
}

#[test]
fn words_of_every_script_are_whole() {
    let text = "Как у тебя дела? Как у вас дела…\nEs ist groß, die Größe.\nयह हिन्दी है\n".repeat(4);
    let table = Table::new(&Counts::of([text.as_str()]), 4096);
    let mut predictor = Predictor::new(&table);
    assert_eq!(predictor.suggest("как у ", "В", 1), ["вас"]);
    assert_eq!(predictor.suggest("die ", "GR", 2), ["größe", "groß"]);
    assert_eq!(predictor.suggest("die ", "gro\u{308}", 2), ["größe"]);
    assert_eq!(predictor.suggest("यह ", "हि", 1), ["हिन्दी"]);
    assert_eq!(predictor.suggest("как дела… ", "", 1), predictor.suggest("", "", 1), "a sentence ends");
}

#[test]
fn a_smaller_table_keeps_less() {
    let lens = [150, 200, 4096].map(|n_bytes| {
        let table = table(n_bytes);
        assert!(table.n_bytes() <= n_bytes, "{} of {n_bytes} bytes", table.n_bytes());
        table.lens()
    });
    assert!(lens.is_sorted() && lens[0] != lens[1] && lens[1] != lens[2], "{lens:?}");
}

#[test]
fn probabilities_after_a_history_add_up_to_one() {
    let table = table(4096);
    let ids = |words: [&str; 2]| words.map(|word| table.ids[word]);
    for history in [ids(["how", "are"]), ids(["you", "there"]), [START, table.ids["how"]]] {
        let sum: f64 = (0..table.words.len() as u32).map(|word| table.prob(history, word)).sum();
        // Each is rounded to 2^(1/21) at worst.
        assert!((sum - 1.0).abs() < 0.04, "{history:?}: {sum}");
    }
}

const PYTHON: &str = r#"
import json, sys
sys.path.insert(0, sys.argv[1])
from ksr import evaluate
from ngram import Counts, NGram, context_words
# The reference keeps equals in the order of a set, which Python's hash seed decides: here they have our order.
class Table(NGram):
    def __call__(s, ctx, prefix, k):
        everything = NGram.__call__(s, ctx, prefix, 1 << 30)
        x, a = ([None] + context_words(ctx))[-2:]
        return sorted(everything, key=lambda w: (-s.prob(x, a, w), -s.p1[w], w))[:k]
def read(name): return open(sys.argv[1] + "/chitchat." + name + "-sample.txt", encoding="utf-8").read()
vocab = {8: 313, 64: 2500}
for kib in vocab:
    table = Table(Counts(read("valid") * 2), kib * 1024, vocab[kib], min2=2, min3=2)
    result = evaluate(table, read("test"), limit_words=2000)
    result.update(bytes=table.bytes_used, lens=[table.V, table.n2, table.n3])
    print(json.dumps(result))
"#;

/// The tables of the reference program on the same text, to the last digit.
#[test]
fn agrees_with_the_reference_table() {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/evaluation");
    let folder = std::env::var_os("EGPT_EVALUATION_DIR").map_or(beside, PathBuf::from);
    let read = |name: &str| std::fs::read_to_string(folder.join(format!("chitchat.{name}-sample.txt")));
    let (Ok(train), Ok(test)) = (read("valid"), read("test")) else {
        return println!("skipped: no {}; EGPT_EVALUATION_DIR names another place", folder.display());
    };
    let Ok(output) = Command::new("python3").args(["-B", "-c", PYTHON]).arg(&folder).output() else {
        return println!("skipped: there is no python3");
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let counts = Counts::of([train.repeat(2).as_str()]);
    let typed = TypedText::new(&test, Some(2000));
    let lines = String::from_utf8(output.stdout).unwrap();
    assert_eq!(lines.lines().count(), 2);
    for (line, kib) in lines.lines().zip([8, 64]) {
        let expected: serde_json::Value = serde_json::from_str(line).unwrap();
        let table = Table::new(&counts, kib * 1024);
        let mut predictor = Predictor::new(&table);
        let (_, rates) = ksr::evaluate(&typed, |context, prefix, k| Ok(predictor.suggest(context, prefix, k))).unwrap();
        let same = |name: &str, actual: f64, expected: &serde_json::Value| {
            let expected = expected.as_f64().expect(name);
            assert!((actual - expected).abs() < 1e-9, "{kib} KiB, {name}: {actual} instead of {expected}");
        };
        same("bytes", table.n_bytes() as f64, &expected["bytes"].as_f64().unwrap().ceil().into());
        for (i, len) in table.lens().into_iter().enumerate() {
            same("lens", len as f64, &expected["lens"][i]);
        }
        for (i, k) in ksr::SLOTS.into_iter().enumerate() {
            for (name, rates) in [("KSR", rates.ksr), ("KSRns", rates.ksr_without_space)] {
                same(name, rates[i], &expected[format!("{name}@{k}")]);
            }
            for (name, rates) in [("nextword", rates.next_word), ("nextword_inline", rates.next_word_inline)] {
                same(name, rates[i], &expected[format!("{name}_top{k}")]);
            }
        }
    }
}
