//! Capitals in generated text.

mod fixture;

use egpt_core::blob_file::BlobFile;
use embedded_gpt::Truecaser;
use embedded_gpt::text::MAX_WORD_BYTES;
use fixture::demo_in_small_letters;

/// Words with capitals and without.
const WORDS: &str = "we went to Utah with people of BYU, I think I'm fine; Über alles\n";

/// What a stream writes after a text, given some bytes at a time.
fn written(file: &BlobFile, before: &str, bytes: &[u8], step: usize) -> String {
    let model = file.model().unwrap();
    let (mut stream, mut text) = (Truecaser::after(&model, before), String::new());
    for part in bytes.chunks(step) {
        stream.push(part, &mut text).unwrap();
    }
    stream.finish(&mut text).unwrap();
    text
}

#[test]
fn capitals_are_those_of_the_list_and_of_sentences() {
    let file = demo_in_small_letters(WORDS);
    for (before, generated, expected) in [
        ("", "so i'm in utah. why? byu!\nfine", "So I'm in Utah. Why? BYU!\nFine"),
        ("Hello", " there, i think", " there, I think"),
        ("Hello.", " there", " There"),
        ("Hello. ", "there", "There"),
        ("Hello.", "there", "there"),
        ("Hello\n", "there", "There"),
        ("we went to ut", "ah and utah", "ah and Utah"),
        ("we went to Ut", "ah. and", "ah. And"),
        ("he said", ": \"fine.\" and (well) 'i' -utah-", ": \"fine.\" And (well) 'I' -Utah-"),
        ("a", " 3.5 x e.g. this... ok", " 3.5 x e.g. This... Ok"),
        ("", "über alles. éa", "Über alles. Éa"),
        ("", "...well", "...well"),
    ] {
        for step in [1, 2, 100] {
            assert_eq!(written(&file, before, generated.as_bytes(), step), expected, "{before:?}, {step} at a time");
        }
    }
}

#[test]
fn no_letter_is_lost() {
    let file = demo_in_small_letters(WORDS);
    let long = "x".repeat(3 * MAX_WORD_BYTES);
    let texts = [format!("{long} utah"), format!("é{long}é"), "-'- ' -".into(), "日本 語。ok".into(), String::new()];
    for text in texts {
        for before in ["", "so ", "lon"] {
            assert_eq!(written(&file, before, text.as_bytes(), 1).to_lowercase(), text);
        }
    }
    assert_eq!(written(&file, "a ", b"caf\xC3\xA9 \xFFut\xC3", 1), "café \u{FFFD}ut\u{FFFD}");
}

#[test]
fn text_of_models_with_capitals_stays() {
    let file = BlobFile::new(include_bytes!("../models/demo.egpt"));
    let text = "i'm in utah. why";
    assert_eq!(written(&file, "", text.as_bytes(), 3), text);
}
