//! The converted tokenizer against the encoder that the file was made for.

use std::path::{Path, PathBuf};

use embedded_gpt::TokenId;
use tokenizers::Tokenizer;

use super::*;
use crate::checkpoint::Checkpoint;
use crate::import::llama2c::import;
use crate::reference::Reference;

/// The file's own tokens and scores, and its encoder written out plainly.
struct Original {
    tokens: Vec<(f32, Vec<u8>)>,
}

impl Original {
    fn id(&self, bytes: &[u8]) -> Option<usize> {
        self.tokens.iter().position(|(_, token)| token == bytes)
    }

    fn encode(&self, text: &str) -> Vec<u32> {
        let mut ids = vec![1];
        if !text.is_empty() {
            ids.push(self.id(b" ").unwrap());
        }
        for c in text.chars() {
            match self.id(c.to_string().as_bytes()) {
                Some(id) => ids.push(id),
                None => ids.extend(c.to_string().bytes().map(|byte| usize::from(byte) + 3)),
            }
        }
        while let Some((at, id)) = self.best_pair(&ids) {
            ids.splice(at..at + 2, [id]);
        }
        ids.iter().map(|&id| id as u32).collect()
    }

    /// Place and id of the pair with the best score, the first of equals.
    fn best_pair(&self, ids: &[usize]) -> Option<(usize, usize)> {
        let mut best: Option<(usize, usize)> = None;
        for at in 0..ids.len() - 1 {
            let text = [&self.tokens[ids[at]].1[..], &self.tokens[ids[at + 1]].1].concat();
            let Some(id) = self.id(&text) else { continue };
            if best.is_none_or(|(_, best)| self.tokens[id].0 > self.tokens[best].0) {
                best = Some((at, id));
            }
        }
        best
    }

    /// Reads the bytes of a file.
    fn read(mut rest: &[u8]) -> Self {
        let mut tokens = Vec::new();
        take::<4>(&mut rest).unwrap();
        while !rest.is_empty() {
            let score = f32::from_le_bytes(take(&mut rest).unwrap());
            let len = i32::from_le_bytes(take(&mut rest).unwrap()) as usize;
            tokens.push((score, rest[..len].to_vec()));
            rest = &rest[len..];
        }
        Self { tokens }
    }

    fn file(&self) -> Vec<u8> {
        let mut file = 16i32.to_le_bytes().to_vec();
        for (score, token) in &self.tokens {
            file.extend(score.to_le_bytes());
            file.extend((token.len() as i32).to_le_bytes());
            file.extend(token);
        }
        file
    }
}

/// Pieces that can be made in several ways, beside special tokens and bytes.
fn small() -> Original {
    let mut tokens = vec![(0.0, b"<unk>".to_vec()), (0.0, b"\n<s>\n".to_vec()), (0.0, b"\n</s>\n".to_vec())];
    tokens.extend((0..256).map(|byte| (0.0, format!("<0x{byte:02X}>").into_bytes())));
    let pieces = " t|he| the|th|e |ca|at|cat| cat|the| |é|t|h|e|c|a|s|sa|ts|<|>";
    tokens.extend(pieces.split('|').enumerate().map(|(i, piece)| (-(i as f32), piece.as_bytes().to_vec())));
    Original { tokens }
}

fn converted(original: &Original) -> Tokenizer {
    let json = tokenizer_json(&original.file(), original.tokens.len()).unwrap();
    Tokenizer::from_bytes(json.to_string()).unwrap()
}

#[test]
fn gives_the_ids_of_the_original_encoder_and_decodes_to_the_text() {
    let original = small();
    let tokenizer = converted(&original);
    let texts =
        ["", "the cat", " the  cats", "that cat sat at the hat", "été\n☕", "a<s", "héhé the\tcat ", "hethethe", "x"];
    for text in texts {
        let encoding = tokenizer.encode(text, true).unwrap();
        assert_eq!(encoding.get_ids(), original.encode(text), "{text:?}");
        assert_eq!(tokenizer.decode(encoding.get_ids(), true).unwrap(), text);
    }
}

#[test]
fn merges_are_all_splits_in_order_of_score() {
    let json = tokenizer_json(&small().file(), small().tokens.len()).unwrap();
    let merges = json["model"]["merges"].as_array().unwrap();
    assert_eq!(merges[0], json!(["▁", "t"]));
    let the: Vec<&Value> = merges.iter().filter(|pair| pair[0] == "▁t" || pair[1] == "the").collect();
    assert_eq!(the, [&json!(["▁", "the"]), &json!(["▁t", "he"])]);
}

#[test]
fn malformed_files_are_refused() {
    let original = small();
    let n = original.tokens.len();
    let message = |bytes: &[u8], n| format!("{:#}", tokenizer_json(bytes, n).unwrap_err());
    let good = original.file();
    assert!(message(&good, n - 1).contains("does not belong to this checkpoint"));
    assert!(message(&good, n + 1).contains("token 281 of 282: the file ends too early"));
    assert!(message(&good[..good.len() - 1], n).contains("the file ends inside it"));
    assert!(message(&good, 200).contains("too few"));
    assert!(message(&[], n).contains("the file is empty"));

    let mut twice = small();
    twice.tokens[n - 1].1 = b"the".to_vec();
    assert!(message(&twice.file(), n).contains("are both \"the\""));
    let mut bytes_elsewhere = small();
    bytes_elsewhere.tokens[3].1 = b"a".to_vec();
    assert!(message(&bytes_elsewhere.file(), n).contains("not <0x00>"));
}

/// A file of the model that the ports of llama2.c are measured with, if it is here.
fn yardstick(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/models");
    let path = std::env::var_os("EGPT_YARDSTICK_DIR").map_or(beside, PathBuf::from).join(name);
    if !path.exists() {
        println!("skipped: {} is not there; set EGPT_YARDSTICK_DIR to its directory", path.display());
        return None;
    }
    Some(path)
}

#[test]
fn the_yardstick_tokenizer_gives_the_same_ids() {
    let Some(path) = yardstick("tok512.bin") else { return };
    let original = Original::read(&std::fs::read(path).unwrap());
    let tokenizer = converted(&original);
    let words = original.tokens[FIRST_PIECE..].iter().map(|(_, token)| std::str::from_utf8(token).unwrap());
    let forwards: String = words.clone().collect();
    let backwards: String = words.rev().collect();
    let story = "Once upon a time, there was a girl named Lily. “Café?” she said;\n  it was 5 o'clock 🦊.";
    for text in [story, &forwards, &backwards] {
        let encoding = tokenizer.encode(text, true).unwrap();
        assert_eq!(encoding.get_ids(), original.encode(text), "{text:?}");
        assert_eq!(tokenizer.decode(encoding.get_ids(), true).unwrap(), text);
    }
}

/// What llama2.c itself prints after "Once upon a time" at temperature 0.
const STORY: &str = "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. \
    One day, she saw a big, red ball. She wanted to play with it, but it was too high.";

#[test]
fn the_yardstick_model_tells_the_known_story() {
    let (Some(checkpoint), Some(tokenizer)) = (yardstick("stories260K.bin"), yardstick("tok512.bin")) else { return };
    let out = tempfile::tempdir().unwrap();
    let imported = import(&checkpoint, &tokenizer, out.path()).unwrap();
    let loaded = Checkpoint::load(out.path()).unwrap();
    assert_eq!(loaded, imported);

    let tokenizer = Tokenizer::from_file(loaded.tokenizer.unwrap()).unwrap();
    let prompt = tokenizer.encode("Once upon a time", true).unwrap();
    let prompt: Vec<TokenId> = prompt.get_ids().iter().map(|&id| id as TokenId).collect();
    let generated = Reference::new(&loaded.weights).generate_greedy(&prompt, 60);
    let ids: Vec<u32> = prompt.iter().chain(&generated).map(|&id| u32::from(id)).collect();
    let text = tokenizer.decode(&ids, true).unwrap();
    assert!(text.starts_with(STORY), "{text}");
}
