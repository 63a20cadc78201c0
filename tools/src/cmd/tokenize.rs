//! `egpt tokenize`: the tokens that a blob's vocabulary makes of a text.

use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use egpt_core::blob_file::BlobFile;
use embedded_gpt::{TokenId, Vocab};
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  egpt tokenize m.egpt --text \"see you tomorrow\"
  egpt tokenize m.egpt --text \"hello<|endoftext|>\" --special
  egpt tokenize m.egpt --json < mail.txt";

/// Show how a text is split into tokens, by the encoder that runs on the device.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct TokenizeArgs {
    /// The blob.
    blob: PathBuf,
    /// The text; standard input unless given.
    #[arg(long, allow_hyphen_values = true)]
    text: Option<String>,
    /// Take the names of special tokens in the text for these tokens.
    #[arg(long)]
    special: bool,
    /// Print {"ids": […]}.
    #[arg(long)]
    json: bool,
}

/// Prints the tokens of a text.
///
/// # Errors
/// If the blob cannot be read or is not sound, or the text cannot be read.
pub fn run(args: &TokenizeArgs) -> Result<()> {
    let file = BlobFile::read(&args.blob)?;
    let vocab = file.model()?.vocab();
    let text = args.text.as_ref().map_or_else(read_standard_input, |text| Ok(text.clone().into_bytes()))?;
    let mut room = vec![0; vocab.max_tokens(text.len())];
    let ids = match args.special {
        true => vocab.encode_with_special(&text, &mut room)?,
        false => vocab.encode(&text, &mut room)?,
    };
    let mut stdout = io::stdout().lock();
    if args.json {
        writeln!(stdout, "{}", json!({ "ids": ids }))?;
    } else {
        for &token in ids.iter() {
            writeln!(stdout, "{token:>5}  {}", visible(&vocab, token))?;
        }
        writeln!(stdout, "{} tokens, {} bytes", ids.len(), text.len())?;
    }
    Ok(())
}

fn read_standard_input() -> Result<Vec<u8>> {
    let mut text = Vec::new();
    io::stdin().lock().read_to_end(&mut text).context("cannot read standard input")?;
    Ok(text)
}

/// A token in quotes, bytes that are no text as `\xNN`; the bare name of a special token.
fn visible(vocab: &Vocab<'_>, token: TokenId) -> String {
    if vocab.is_special(token) {
        return vocab.special_name(token).unwrap_or("(no text)").to_owned();
    }
    let mut shown = String::from("\"");
    for chunk in vocab.bytes(token, &mut [0; Vocab::MAX_TOKEN_BYTES]).utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\'' => shown.push(c), // needs no escape between double quotes
                _ => shown.extend(c.escape_debug()),
            }
        }
        for byte in chunk.invalid() {
            write!(shown, "\\x{byte:02X}").expect("a String takes everything");
        }
    }
    shown + "\""
}

#[cfg(test)]
mod tests {
    use super::*;
    use egpt_core::checkpoint::SpecialTokens;
    use egpt_core::tokenizer::{Base, PreTokenizer, Vocabulary};

    #[test]
    fn tokens_are_shown_so_that_nothing_is_invisible() {
        let vocabulary = Vocabulary {
            base: Base::Bytes,
            pre_tokenizer: PreTokenizer::Gpt2,
            space_prefix: None,
            folds_case: false,
            language: embedded_gpt::text::Language::Any,
            first_byte: 0,
            byte_of: (0..=255).collect(),
            first_merge: 256,
            merges: vec![[0x20, 0xE9], [0xC3, 0xA9]],
            first_char: 0,
            chars: vec![],
            special: SpecialTokens::default(),
            named: vec![(258, "<|endoftext|>".to_owned())],
        };
        let file = BlobFile::new(&vocabulary.section(260).unwrap());
        let vocab = Vocab::parse(file.bytes(), 260).unwrap();
        let shown: Vec<String> = [10, 34, 39, 256, 257, 258, 259].iter().map(|&token| visible(&vocab, token)).collect();
        assert_eq!(shown, ["\"\\n\"", "\"\\\"\"", "\"'\"", "\" \\xE9\"", "\"é\"", "<|endoftext|>", "(no text)"]);
    }
}
