//! The capitals that a device folds, as a tokenizer.json says it.

use std::collections::HashMap;
use std::sync::LazyLock;

use embedded_gpt::Vocab;
use embedded_gpt::text::Language;
use serde_json::Value;
use tokenizers::NormalizerWrapper;
use tokenizers::normalizers::{Replace, Sequence};

use super::vocabulary::{Base, PreTokenizer, Vocabulary};
use crate::blob_file::BlobFile;
use crate::checkpoint::SpecialTokens;

/// Capitals with their small letters, for each language.
static SMALL_LETTERS: LazyLock<[HashMap<char, char>; Language::ALL.len()]> =
    LazyLock::new(|| Language::ALL.map(small_letters));

/// Capitals with their small letters, found by encoding with a vocabulary of bytes that folds case.
fn small_letters(language: Language) -> HashMap<char, char> {
    let bytes = Vocabulary {
        base: Base::Bytes,
        pre_tokenizer: PreTokenizer::None,
        space_prefix: None,
        folds_case: true,
        language,
        first_byte: 0,
        byte_of: (0..=255).collect(),
        first_merge: 0,
        merges: Vec::new(),
        first_char: 0,
        chars: Vec::new(),
        special: SpecialTokens::default(),
        named: Vec::new(),
    };
    let section = BlobFile::new(&bytes.section(256).expect("a vocabulary of all bytes"));
    let vocab = Vocab::parse(section.bytes(), 256).expect("a section that was checked");
    let small = |c: char| {
        let mut ids = [0; 4];
        let ids = vocab.encode(c.encode_utf8(&mut [0; 4]), &mut ids).ok()?;
        let bytes: Vec<u8> = ids.iter().map(|&id| id as u8).collect();
        str::from_utf8(&bytes).ok()?.chars().next().filter(|&small| small != c)
    };
    let is_capital = |c: &char| !c.to_lowercase().eq([*c]);
    ('\0'..=char::MAX).filter(is_capital).filter_map(|c| Some((c, small(c)?))).collect()
}

fn letters_of(language: Language) -> &'static HashMap<char, char> {
    let known = Language::ALL.into_iter().zip(&*SMALL_LETTERS).find(|&(known, _)| known == language);
    known.map(|(_, letters)| letters).expect("one of all languages")
}

/// A text as a device folds it.
pub(super) fn fold(text: &str, language: Language) -> String {
    let letters = letters_of(language);
    text.chars().map(|c| letters.get(&c).copied().unwrap_or(c)).collect()
}

/// A normalizer that folds what a device does, and nothing else: a replacement for each capital. `Lowercase` would
/// fold more alphabets, and some capitals to several characters.
pub(super) fn normalizer(language: Language) -> tokenizers::Result<NormalizerWrapper> {
    let mut letters: Vec<(&char, &char)> = letters_of(language).iter().collect();
    letters.sort_unstable();
    let replace = |(capital, small): (&char, &char)| Ok(Replace::new(capital.to_string(), small.to_string())?.into());
    Ok(Sequence::new(letters.into_iter().map(replace).collect::<tokenizers::Result<_>>()?).into())
}

/// The language for which the steps of a normalizer are those of [`normalizer`], in any order. Languages that fold
/// alike are one, the first of them.
pub(super) fn written_for(steps: &[&Value]) -> Option<Language> {
    let letter = |text: &Value| {
        let mut chars = text.as_str()?.chars();
        chars.next().filter(|_| chars.next().is_none())
    };
    let replaced = |step: &&Value| {
        let pair = (letter(&step["pattern"]["String"])?, letter(&step["content"])?);
        (step["type"] == "Replace").then_some(pair)
    };
    let found = steps.iter().map(replaced).collect::<Option<HashMap<_, _>>>()?;
    Language::ALL.into_iter().zip(&*SMALL_LETTERS).find(|&(_, letters)| found == *letters).map(|(language, _)| language)
}
