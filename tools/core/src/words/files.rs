//! Word statistics in a checkpoint directory, so that an export needs no corpus: `words.txt` and `ngrams.txt`.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::{Ngram, WordCounts, WordStatistics};
use crate::replace_file::replace_file;

const WORDS: &str = "words.txt";
const NGRAMS: &str = "ngrams.txt";
/// Words seen less often are not kept, nor listed in blobs.
const MIN_COUNT: u32 = 2;
/// More than fill a table of half a megabyte.
const MAX_NGRAMS: usize = 200_000;

impl WordStatistics {
    /// Writes both files into a directory.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn save(&self, dir: &Path) -> Result<()> {
        let WordCounts { words, total } = &self.counts;
        let mut list =
            format!("# {total} words counted: how often each stands in the text, with the space before it\n");
        for (word, count) in words.iter().filter(|(_, count)| *count >= MIN_COUNT) {
            writeln!(list, "{count}\t{word}")?;
        }
        let mut table =
            "# how often words stand in a row, how probable the last is then; <s>: the line's start\n".to_owned();
        for Ngram { words, count, prob } in self.ngrams.iter().take(MAX_NGRAMS) {
            writeln!(table, "{count}\t{prob}\t{}", words.join(" "))?;
        }
        for (name, content) in [(NGRAMS, table), (WORDS, list)] {
            let path = dir.join(name);
            replace_file(&path, content.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }

    /// Reads what [`save`](Self::save) wrote; `None` if there is no list of words. Without a table there are no
    /// n-grams.
    ///
    /// # Errors
    /// If a file cannot be read, or holds something else.
    pub fn load(dir: &Path) -> Result<Option<Self>> {
        let Some(list) = read(&dir.join(WORDS))? else { return Ok(None) };
        let counts = counts_of(&list)
            .with_context(|| format!("{} is not a list of counted words", dir.join(WORDS).display()))?;
        let table = read(&dir.join(NGRAMS))?.unwrap_or_default();
        let ngrams = table.lines().filter(|line| !line.starts_with('#')).map(ngram_of).collect::<Option<_>>();
        let ngrams = ngrams.with_context(|| format!("{} is not a table of n-grams", dir.join(NGRAMS).display()))?;
        Ok(Some(Self { counts, ngrams }))
    }
}

fn read(path: &Path) -> Result<Option<String>> {
    if !path.exists() {
        return Ok(None);
    }
    fs::read_to_string(path).map(Some).with_context(|| format!("cannot read {}", path.display()))
}

fn counts_of(list: &str) -> Option<WordCounts> {
    let (head, rest) = list.split_once('\n')?;
    let total = head.strip_prefix("# ")?.split(' ').next()?.parse().ok()?;
    let word = |line: &str| {
        let (count, word) = line.split_once('\t')?;
        Some((word.to_owned(), count.parse().ok()?))
    };
    Some(WordCounts { words: rest.lines().map(word).collect::<Option<_>>()?, total })
}

fn ngram_of(line: &str) -> Option<Ngram> {
    let mut fields = line.splitn(3, '\t');
    let (count, prob) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    let words: Vec<_> = fields.next()?.split(' ').map(str::to_owned).collect();
    (2..=3).contains(&words.len()).then_some(Ngram { words, count, prob })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "How are you?\nhow are you, Tom\nwho are you\nhow is caf\u{e9}\nhow are you";

    #[test]
    fn statistics_come_back_from_their_files() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(WordStatistics::load(dir.path()).unwrap(), None);
        let mut statistics = WordStatistics::of(&[TEXT]);
        assert_eq!(statistics.ngrams.len(), 3, "{:?}", statistics.ngrams);
        statistics.save(dir.path()).unwrap();
        let loaded = WordStatistics::load(dir.path()).unwrap().unwrap();
        statistics.counts.words.retain(|(_, count)| *count > 1);
        assert_eq!(loaded, statistics);
        fs::remove_file(dir.path().join(NGRAMS)).unwrap();
        assert_eq!(WordStatistics::load(dir.path()).unwrap().unwrap().ngrams, []);
    }

    #[test]
    fn other_files_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let refused = |name: &str, content: &str| {
            WordStatistics::of(&[TEXT]).save(dir.path()).unwrap();
            fs::write(dir.path().join(name), content).unwrap();
            WordStatistics::load(dir.path()).unwrap_err().to_string()
        };
        for content in ["", "hello\nworld\n", "# 12 words\nhello\n", "# x\n"] {
            assert!(refused(WORDS, content).contains("words.txt is not"), "{content:?}");
        }
        for content in ["1\t2\n", "1\t0.5\tyou\n", "1\tx\thow are\n"] {
            assert!(refused(NGRAMS, content).contains("ngrams.txt is not"), "{content:?}");
        }
    }
}
