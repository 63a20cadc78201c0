//! Words that are not offered before they are typed out (section `BLCK`): lists of English, or files of the user's own.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use embedded_gpt::format::blob::{ALIGN, BLOCKED, SECTION_ENTRY_LEN};
use embedded_gpt::format::ngrams::{LINE_START, phrase_hash, word_hash};
use embedded_gpt::lexicon::last_words;

use crate::export::{with_section, without_section};
use crate::text_file;

const MILD: &str = include_str!("blocked/mild.txt");
/// What the strict list has beside the mild one.
const STRICT: &str = include_str!("blocked/strict.txt");
/// Words of a phrase at most: the last one, and those before it that the runtime looks at.
const MAX_WORDS: usize = 3;

/// Words and phrases, of which the last word is not offered after the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockedWords {
    by_hash: BTreeMap<u32, String>,
}

impl BlockedWords {
    /// Slurs, strong insults, explicit sexual terms, and harm to oneself or others.
    ///
    /// # Errors
    /// If the list is broken.
    pub fn mild() -> Result<Self> {
        Self::of(MILD).context("the mild list")
    }

    /// The mild list, and mild profanity, insults, drugs and violence.
    ///
    /// # Errors
    /// If the list is broken.
    pub fn strict() -> Result<Self> {
        let mut all = Self::mild()?;
        all.extend(Self::of(STRICT).context("the strict list")?);
        Ok(all)
    }

    /// One word or phrase per line, in whatever letter case. What follows a `#` is a comment.
    ///
    /// # Errors
    /// If a phrase has more words than the runtime looks at.
    pub fn of(lines: &str) -> Result<Self> {
        let mut all = Self::default();
        for (at, line) in lines.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default();
            let words: Vec<_> = line.split_whitespace().collect();
            let Some((last, others)) = words.split_last() else { continue };
            ensure!(
                words.len() <= MAX_WORDS,
                "line {}: `{}` has {} words; the last word can be blocked after one or two others",
                at + 1,
                line.trim(),
                words.len()
            );
            // As the runtime reads what stands before a word.
            let history = last_words(others.join(" ").as_bytes());
            let history: Vec<_> = history.into_iter().take_while(|&hash| hash != LINE_START).collect();
            ensure!(
                history.len() == others.len(),
                "line {}: in `{}` something stands before the last word that is not one word of letters",
                at + 1,
                line.trim()
            );
            all.by_hash.insert(phrase_hash(&history, word_hash(last.as_bytes())), words.join(" ").to_lowercase());
        }
        Ok(all)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// If it cannot be read, or as [`of`](Self::of) says, or no words are in it.
    pub fn read(path: &Path) -> Result<Self> {
        let name = path.display();
        let some = Self::of(&text_file::read(path)?).with_context(|| format!("{name} is not a list of words"))?;
        ensure!(!some.is_empty(), "{name} has no words in it, one word or phrase per line");
        Ok(some)
    }

    /// Adds those of another list.
    pub fn extend(&mut self, other: Self) {
        self.by_hash.extend(other.by_hash);
    }

    /// Number of words and phrases.
    pub fn len(&self) -> usize {
        self.by_hash.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_hash.is_empty()
    }

    /// Words and phrases, in no particular order.
    pub fn entries(&self) -> impl Iterator<Item = &str> {
        self.by_hash.values().map(String::as_str)
    }

    /// Bytes that the list takes in a blob.
    pub fn n_bytes(&self) -> usize {
        if self.is_empty() { 0 } else { SECTION_ENTRY_LEN + (4 * self.len()).next_multiple_of(ALIGN) }
    }

    /// Puts the list into a blob, in the place of the one that it has; an empty list takes that one away.
    ///
    /// # Errors
    /// If `blob` is not a blob.
    pub fn put_into(&self, blob: &[u8]) -> Result<Vec<u8>> {
        if self.is_empty() {
            return without_section(blob, BLOCKED);
        }
        with_section(blob, BLOCKED, self.by_hash.keys().flat_map(|hash| hash.to_le_bytes()).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;
    use crate::blob_file::BlobFile;

    const BLOB: &[u8] = include_bytes!("../../../../models/demo.egpt");

    fn lines(list: &str) -> Vec<&str> {
        list.lines().filter(|line| !line.starts_with('#')).collect()
    }

    #[test]
    fn the_lists_are_sorted_small_letters_and_have_nothing_twice() {
        for list in [MILD, STRICT] {
            assert!(list.starts_with("# Words that are not offered"));
            let lines = lines(list);
            assert!(lines.is_sorted_by(|a, b| a < b));
            for line in lines {
                assert!(line == line.to_lowercase() && line == line.trim() && line.is_ascii(), "{line:?}");
                assert!(!line.is_empty() && !line.contains("  "), "{line:?}");
            }
        }
        let of = |list| lines(list).into_iter().collect::<BTreeSet<_>>();
        assert!(of(MILD).is_disjoint(&of(STRICT)));
    }

    #[test]
    fn strict_has_all_that_is_mild_and_more() {
        let [mild, strict] = [BlockedWords::mild(), BlockedWords::strict()].map(Result::unwrap);
        assert_eq!([mild.len(), strict.len()], [lines(MILD).len(), lines(MILD).len() + lines(STRICT).len()]);
        let strict: BTreeSet<_> = strict.entries().collect();
        assert!(mild.entries().all(|entry| strict.contains(entry)));
        assert!((150..=250).contains(&mild.len()) && (350..=500).contains(&strict.len()));
    }

    /// None of the words that the lists hold back only after others is held back alone, nor are innocent ones.
    #[test]
    fn innocent_words_are_not_in_the_lists() {
        let strict = BlockedWords::strict().unwrap();
        let strict: BTreeSet<_> = strict.entries().collect();
        for word in "kill die myself yourself you him her want to people dead bomb high shut cocktail scunthorpe \
                     therapist analysis assess class gay lesbian queer black white jew muslim woman breast period \
                     blood knife gun fight drunk beer medicine drug drugs hot love kiss bed dirty balls nuts"
            .split(' ')
        {
            assert!(!strict.contains(word), "{word}");
        }
        for word in ["fucking", "bitches", "kill myself", "want to die", "stupid", "idiots"] {
            assert!(strict.contains(word), "{word}");
        }
    }

    #[test]
    fn a_blob_has_the_list_that_was_put_into_it_last() {
        let blocked = BlockedWords::of("# mine\nDarn # mild\n\r\nkill  myself\nwant to die\ndarn\n").unwrap();
        assert_eq!(blocked.entries().collect::<BTreeSet<_>>(), BTreeSet::from(["darn", "kill myself", "want to die"]));
        let blob = blocked.put_into(BLOB).unwrap();
        let bare = without_section(BLOB, BLOCKED).unwrap();
        assert_eq!(blob.len(), bare.len() + blocked.n_bytes());
        let file = BlobFile::new(&blob);
        let list = file.model().unwrap().blocked();
        assert_eq!(list.len(), 3);
        let hash = |word: &str| word_hash(word.as_bytes());
        assert!(list.has(hash("DARN"), &[0, 0]) && list.has(hash("Die"), &[hash("to"), hash("want")]));
        assert!(!list.has(hash("die"), &[hash("to"), hash("not")]) && !list.has(hash("myself"), &[0, hash("kill")]));
        let other = BlockedWords::of("drat").unwrap().put_into(&blob).unwrap();
        assert_eq!(BlobFile::new(&other).model().unwrap().blocked().len(), 1);
        assert_eq!(BlockedWords::default().put_into(&other).unwrap(), bare);
    }

    #[test]
    fn lists_that_cannot_be_used_are_refused() {
        let error = |lines: &str| BlockedWords::of(lines).unwrap_err().to_string();
        assert!(error("ok\ni want to die\n").contains("line 2: `i want to die` has 4 words"));
        assert!(error("f**k you\n").contains("line 1: in `f**k you` something"));
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("mine.txt");
        assert!(BlockedWords::read(&path).unwrap_err().to_string().contains("mine.txt"));
        fs::write(&path, "# nothing\n\n").unwrap();
        assert!(BlockedWords::read(&path).unwrap_err().to_string().contains("no words"));
    }
}
