//! An imported model compared with what it was made from: its tokens, and its logits.

use std::fmt;

use anyhow::{Result, anyhow, ensure};
use embedded_gpt::{TokenId, Vocab};
use tokenizers::Tokenizer;

use crate::reference::Reference;
use crate::weights::Weights;

/// Spaces, digits, accents, scripts, emoji and signs. Each is also taken in capitals and in small letters.
const SAMPLE: &[&str] = &[
    "",
    " ",
    "   ",
    "Hello, world! It's what we've said; they'll see I'd won't I'm you're HE'S",
    " a text that begins with a space",
    "  and one with two, which  goes   on    with more     ",
    "tab\tand\t\ttabs, a line\nand\n\nmore \n \r\n  lines\r\n",
    "at 10:30 on 2026-11-22, room 4711, 3.14159 or 1e-9, 100000000000 +49(0)30/1234567",
    "x1y22z333 12a 3 4  5   6 2nd",
    "\u{b2}\u{bd} \u{661}\u{662}\u{663} \u{967}\u{968} \u{ff11}\u{ff12}",
    "naïve Ærøskøbing Łódź Ştefan Việt Nam façade Straße",
    "e\u{301}tude na\u{308}ive Z\u{351}\u{36b}alg\u{358}o",
    "Съешь же ещё этих мягких французских булок",
    "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία",
    "نص حكيم له سر قاطع وذو شأن عظيم",
    "דג סקרן שט בים מאוכזב",
    "ऋषियों को सताने वाले दुष्ट राक्षसों के राजा",
    "เป็นมนุษย์สุดประเสริฐเลิศคุณค่า",
    "天地玄黄，宇宙洪荒。日月盈昃 いろはにほへと カタカナ 키스의 고유조건은",
    "family 👨‍👩‍👧‍👦 flag 🏳️‍🌈 thumbs 👍🏽!! ☺ ♥ ∀x∈ℝ → €5",
    "fn main() { println!(\"{:?}\", x[0] << 3); } // https://example.org/a?b=c&d=%20#e",
    "==========----------____....!!!!!????",
    "\u{a0}nbsp\u{2003}em\u{3000}wide\u{200b}zero\u{feff}bom\0\u{1}\u{1b}[31m\u{7f}",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa hahahaha",
    "antidisestablishmentarianism unhappiness rereading",
];

/// Tokens that the logits are compared after: few, because the slow forward pass makes them.
const N_LOGIT_TOKENS: usize = 8;

/// Characters of a line of the user's that are compared at once.
const LINE_CHARS: usize = 1000;

/// How many tokens have been compared, and what differed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    pub n_texts: usize,
    pub n_ids: usize,
    pub difference: Option<Difference>,
}

impl Checked {
    /// Texts whose tokens differ.
    pub fn n_different(&self) -> usize {
        self.difference.as_ref().map_or(0, |difference| difference.n_texts)
    }
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { n_texts, n_ids, difference } = self;
        match difference {
            None => write!(f, "the {n_ids} tokens of {n_texts} texts are those of tokenizers, and all logits as read"),
            Some(difference) => write!(f, "of {n_texts} texts, {difference}"),
        }
    }
}

/// Texts that are other tokens on a device than in `tokenizers`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub n_texts: usize,
    /// The shortest of these texts.
    pub text: String,
    pub ids: Vec<u32>,
    pub ids_on_device: Vec<u32>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { n_texts, text, ids, ids_on_device } = self;
        write!(
            f,
            "{n_texts} texts would be other tokens on a device than in tokenizers, such as {text:?}: {ids:?} in \
             tokenizers, {ids_on_device:?} on a device"
        )
    }
}

/// Compares the tokens of a sample, of the special tokens and of the lines of a text.
///
/// # Errors
/// If `tokenizers` cannot read the file or cannot encode a text.
pub(super) fn tokens(tokenizer: &[u8], vocab: &Vocab<'_>, lines: &str) -> Result<Checked> {
    let mut reference =
        Tokenizer::from_bytes(tokenizer).map_err(|error| anyhow!("tokenizers cannot read it: {error}"))?;
    reference.with_truncation(None).map_err(|error| anyhow!(error))?.with_padding(None);
    let mut checked = Checked { n_texts: 0, n_ids: 0, difference: None };
    for text in texts(vocab, lines) {
        let ids = reference.encode_fast(text.as_str(), false).map_err(|error| anyhow!(error))?.get_ids().to_vec();
        let ids_on_device: Vec<u32> = encode(vocab, &text)?.into_iter().map(u32::from).collect();
        checked.n_texts += 1;
        checked.n_ids += ids.len();
        if ids != ids_on_device {
            let before = checked.difference.take();
            let n_texts = 1 + before.as_ref().map_or(0, |before| before.n_texts);
            let shortest = before.filter(|before| before.text.len() <= text.len());
            let new = || Difference { n_texts, text, ids, ids_on_device };
            checked.difference = Some(shortest.map_or_else(new, |before| Difference { n_texts, ..before }));
        }
    }
    Ok(checked)
}

fn texts(vocab: &Vocab<'_>, lines: &str) -> Vec<String> {
    let sample = SAMPLE.iter().flat_map(|text| [(*text).to_owned(), text.to_uppercase(), text.to_lowercase()]);
    let names = (0..vocab.len()).filter_map(|id| vocab.special_name(id as TokenId));
    let special = names.flat_map(|name| {
        let within = ["", " ", "a", " a ", "1", "\n"].map(|around| format!("{around}{name}{around}"));
        within.into_iter().chain([format!("{name}{name} {name}"), name.to_uppercase(), name.to_lowercase()])
    });
    let lines = lines.lines().flat_map(|line| {
        let chars: Vec<char> = line.chars().collect();
        chars.chunks(LINE_CHARS).map(|part| part.iter().collect()).collect::<Vec<String>>()
    });
    sample.chain(special).chain(lines).collect()
}

fn encode(vocab: &Vocab<'_>, text: &str) -> Result<Vec<TokenId>> {
    let mut room = vec![0; vocab.max_tokens(text.len())];
    Ok(vocab.encode_with_special(text, &mut room)?.to_vec())
}

/// The logits of a model after the first tokens of a text, and the tokens.
pub(super) fn logits(weights: &Weights, vocab: &Vocab<'_>) -> Result<Vec<Vec<f32>>> {
    let mut tokens = encode(vocab, SAMPLE[3])?;
    tokens.truncate(N_LOGIT_TOKENS.min(weights.config.n_ctx));
    Ok(Reference::new(weights).logits(&tokens))
}

/// Checks that what was written gives the logits of what was read, for the tokens that are left.
///
/// # Errors
/// If it does not.
pub(super) fn is_same(before: &[Vec<f32>], after: &[Vec<f32>]) -> Result<()> {
    let differ = |(before, after): (&Vec<f32>, &Vec<f32>)| !before.starts_with(after);
    let same = before.len() == after.len() && !before.iter().zip(after).any(differ);
    ensure!(same, "what was written gives other logits than what was read: is the disk in order?");
    Ok(())
}
