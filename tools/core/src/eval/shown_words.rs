//! Which words are shown to a person who types, and which of them are in no dictionary: misspelt ones that the training
//! text had, names, and inventions of the model.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::{AddAssign, Range};

use anyhow::{Context as _, Result};
use embedded_gpt::format::words::Capitals;
use embedded_gpt::lexicon::split_last_word;
use embedded_gpt::{Keys, Model, SuggestOptions, Suggester, Suggestion, TokenId, Vocab};

use super::suggestions::StableStart;
use super::typed_text::{TypedText, Word};
use super::typing::{self, N_PARTS};
use crate::progress::Progress;
use crate::session_memory::SessionMemory;
use crate::words::dictionary::{Dictionary, plain};

/// Words shown.
const N_SHOWN: usize = 3;

/// What a word is that is not in the dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The blob lists it with a capital.
    Name,
    /// The blob lists it in small letters: the training text spelled it so.
    Listed,
    /// The blob does not list it, nor did the typist write it before: the model has put it together.
    Invented,
}

/// Words shown, and those of them that are not in the dictionary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShownWords {
    /// All words shown: the first ones, and those among three.
    pub all: [usize; 2],
    unknown: BTreeMap<(Kind, String), [usize; 2]>,
}

impl ShownWords {
    /// How many of the words shown are of a kind: first ones, and those among three.
    pub fn of_kind(&self, kind: Kind) -> [usize; 2] {
        let of_kind = self.unknown.iter().filter(|((other, _), _)| *other == kind);
        of_kind.fold([0; 2], |[first, all], (_, n)| [first + n[0], all + n[1]])
    }

    /// The words of a kind, and how often each was among three; the commonest first.
    pub fn commonest(&self, kind: Kind) -> Vec<(&str, usize)> {
        let of_kind = self.unknown.iter().filter(|((other, _), _)| *other == kind);
        let mut words: Vec<_> = of_kind.map(|((_, word), n)| (word.as_str(), n[1])).collect();
        words.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        words
    }

    fn add(&mut self, place: usize, word: &str, kind: Option<Kind>) {
        let n = [usize::from(place == 0), 1];
        add(&mut self.all, n);
        if let Some(kind) = kind {
            add(self.unknown.entry((kind, plain(word))).or_default(), n);
        }
    }
}

impl AddAssign for ShownWords {
    fn add_assign(&mut self, other: Self) {
        add(&mut self.all, other.all);
        for (word, n) in other.unknown {
            add(self.unknown.entry(word).or_default(), n);
        }
    }
}

fn add(counts: &mut [usize; 2], other: [usize; 2]) {
    counts.iter_mut().zip(other).for_each(|(count, other)| *count += other);
}

/// Types a text, each word to its end, and looks at the words that are shown before each letter.
///
/// # Errors
/// If a session with this context cannot be had.
pub fn type_text(
    model: &Model<'_>,
    text: &TypedText,
    context: Option<usize>,
    (options, keys): (SuggestOptions<'static>, Keys<'static>),
    dictionary: &Dictionary,
) -> Result<ShownWords> {
    let listed = listed_words(model);
    let kind = |word: &str| kind_of(word, &listed, dictionary);
    let parts = typing::parts(text, N_PARTS, |words, progress| {
        let mut memory = SessionMemory::new(model.config(), context);
        let session = memory.session(model).context("no session of this context")?;
        let mut suggester = Suggester::with_keyboard(session, options, keys);
        Ok(type_part(&mut suggester, text, words, &kind, progress))
    })?;
    Ok(parts.into_iter().fold(ShownWords::default(), |mut all, part| {
        all += part;
        all
    }))
}

fn type_part(
    suggester: &mut Suggester<'_, Keys<'static>>,
    text: &TypedText,
    words: Range<usize>,
    kind: &impl Fn(&str) -> Option<Kind>,
    progress: &Progress,
) -> ShownWords {
    let mut start = StableStart::default();
    let mut shown = ShownWords::default();
    for word in text.words(words) {
        let context = start.cut(word.context).to_owned();
        type_word(suggester, &context, word, kind, &mut shown);
        progress.advance(1);
    }
    shown
}

fn type_word(
    suggester: &mut Suggester<'_, Keys<'static>>,
    context: &str,
    word: Word<'_>,
    kind: &impl Fn(&str) -> Option<Kind>,
    shown: &mut ShownWords,
) {
    let written = words_of(context);
    let kind = |word: &str| kind(word).filter(|kind| *kind != Kind::Invented || !written.contains(&plain(word)));
    for n in 0..word.core.len() {
        let mut slots = [Suggestion::EMPTY; N_SHOWN];
        let offered = suggester.suggest(&format!("{context}{}", &word.core[..n]), &mut slots);
        for (place, suggestion) in offered.iter().enumerate() {
            shown.add(place, suggestion.as_str(), kind(suggestion.as_str()));
        }
    }
}

/// The words of a text: the typist's own, which a suggester offers again.
fn words_of(mut text: &str) -> HashSet<String> {
    let mut words = HashSet::new();
    while let (before, word @ [_, ..]) = split_last_word(text.as_bytes()) {
        words.insert(plain(&String::from_utf8_lossy(word)));
        text = &text[..before.len()];
    }
    words
}

/// `None` for a word that the dictionary has.
fn kind_of(word: &str, listed: &HashMap<String, bool>, dictionary: &Dictionary) -> Option<Kind> {
    if dictionary.has(word) {
        return None;
    }
    Some(match listed.get(&plain(word)) {
        Some(true) => Kind::Name,
        Some(false) => Kind::Listed,
        None => Kind::Invented,
    })
}

/// The words that a blob lists, and whether each is always due a capital.
fn listed_words(model: &Model<'_>) -> HashMap<String, bool> {
    let (vocab, list) = (model.vocab(), model.words());
    let mut words = HashMap::new();
    for first in 0..vocab.len() as TokenId {
        for tail in list.starting_with(first) {
            let tokens = std::iter::once(first).chain(tail.tokens().iter().copied());
            let bytes: Vec<u8> =
                tokens.flat_map(|token| vocab.bytes(token, &mut [0; Vocab::MAX_TOKEN_BYTES]).to_vec()).collect();
            let text = String::from_utf8_lossy(&bytes);
            let has_capital = tail.capitals() != Capitals::None || text.contains(char::is_uppercase);
            *words.entry(plain(&text)).or_insert(true) &= has_capital;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob_file::BlobFile;

    fn with_model<T>(test: impl FnOnce(&Model<'_>) -> T) -> T {
        let file = BlobFile::new(include_bytes!("../../../../models/keyboard.egpt"));
        test(&file.model().unwrap())
    }

    #[test]
    fn words_are_names_listed_or_invented() {
        let dictionary = Dictionary::of("the\nhow\n");
        let kinds = with_model(|model| {
            let listed = listed_words(model);
            ["The", "Utah", "tomorrow", "tomorrowing"].map(|word| kind_of(word, &listed, &dictionary))
        });
        assert_eq!(kinds, [None, Some(Kind::Name), Some(Kind::Listed), Some(Kind::Invented)]);
    }

    #[test]
    fn what_is_shown_before_each_letter_is_counted() {
        let shown = |text: &str, dictionary: &str| {
            let settings = (SuggestOptions::DEFAULT, Keys::LETTERS);
            with_model(|model| {
                type_text(model, &TypedText::new(text, None), None, settings, &Dictionary::of(dictionary)).unwrap()
            })
        };
        let nothing_known = shown("how are you\n", "-");
        let [first, all] = nothing_known.all;
        assert!(first == "howareyou".len() && all > 2 * first, "{nothing_known:?}");
        let listed = nothing_known.commonest(Kind::Listed);
        assert!(listed.iter().any(|&(word, n)| word == "you" && n >= 1), "{listed:?}");
        assert_eq!(listed.iter().map(|(_, n)| n).sum::<usize>(), nothing_known.of_kind(Kind::Listed)[1]);
        let some_known = shown("how are you\n", "you\nhow\nare");
        assert_eq!(some_known.all, nothing_known.all);
        assert!(some_known.of_kind(Kind::Listed)[1] < nothing_known.of_kind(Kind::Listed)[1]);
    }
}
