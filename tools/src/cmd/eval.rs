//! `egpt eval`: bits per byte, perplexity, and what the suggestions save a typist; beside a lookup table's.

mod keypad;
mod letters;
mod measure;
mod noisy;
mod pieces;
mod plot;
mod print;
mod shown_words;
mod typos;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use clap::{Args, ValueEnum};
use egpt_core::baseline::Counts;
use egpt_core::blob_file::BlobFile;
use egpt_core::corpus::{Corpus, chatterbot, chitchat, text_of};
use egpt_core::eval::paired::{Comparison, compare};
use egpt_core::eval::typed_text::TypedText;
use egpt_core::text_file;
use embedded_gpt::SuggestOptions;

use self::measure::{Measured, Policies};
use super::keys::KeysArg;
use super::{ensure_writable, ranges};

const EXAMPLES: &str = "\
The text has one message per line and a blank line between conversations.

Bits per byte are those of the whole text, and a checkpoint's are computed in f32. Next words and
keystroke savings are those of the blob's suggestions, or of the q8 blob that would be exported;
both are rates in percent, 0 to 100, in JSON too. Words are those of the device, in every script: letters,
digits, their marks, apostrophes and hyphens. A keystroke is a character. For the case-exact rate, a word in another
case than the text's saves nothing; a table has none, as it knows small letters only.

A baseline is trained on the corpus's training text. Both are then typed with, once with words that may be
shown again, once without. The difference comes with a 95 % interval: paired bootstrap over conversations, or
lines where the text has fewer than 30 conversations.

A noisy typist looks at three words before each letter and takes the right one as soon as it is there. Of 100
slips 45 are a neighbouring key, 25 a letter left out, 15 two letters swapped, 15 a letter doubled or a neighbour
pressed as well. Before a space, the space bar corrects; if that is not what was meant, backspace and the space are
pressed, and what was typed stays. Wrong words are in the text that the next ones are suggested for. Corrected, false
and wrong words are in percent of all words. The same slips are typed once more with a space bar that corrects
nothing, and once by somebody who takes none of the words shown. With `--keys letters` slips are not looked for; they are those of qwerty.

Examples:
  egpt eval m.egpt --text chat.txt
  egpt eval m.egpt --text chat.txt --limit-words 1000 --budget 5 --json
  egpt eval runs/small --text chat.txt
  egpt eval m.egpt --baseline trigram --bytes 512KiB
  egpt eval m.egpt --corpus letters/ --baseline trigram   # models before --corpus
  egpt eval m.egpt --text chatterbot --baseline trigram
  egpt eval m.egpt --typos slips.tsv                      # context, typed word, intended word, with tabs
  egpt eval m.egpt --text chat.txt --keypad 9
  egpt eval m.egpt --text chat.txt --letters              # picked one by one, as with a knob
  egpt eval m.egpt --text chat.txt --typist noisy --error-rate 0.05
  egpt eval m.egpt --text chat.txt --keys qwerty          # slips are looked for
  egpt eval m.egpt --text chat.txt --known-words /usr/share/dict/words   # what is shown that is no word
  egpt eval a.egpt b.egpt --baseline trigram --bytes 128KiB,256KiB,512KiB,1MiB --plot ksr.svg";

/// Measure models on a text: bits per byte, perplexity, next words, keystroke savings; beside a lookup table.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct EvalArgs {
    /// Blobs, or checkpoint directories.
    models: Vec<PathBuf>,
    /// The text, in UTF-8, or `chatterbot` (fetched): small talk and trivia unlike the default corpus. A sample of the
    /// corpus's test text unless given.
    #[arg(long, value_name = "FILE")]
    text: Option<PathBuf>,
    /// Where the baseline learns, and the text is taken from: `chitchat`, files, directories.
    #[arg(long, num_args = 1.., default_value = chitchat::NAME)]
    corpus: Vec<String>,
    /// Train a lookup table and measure it, too.
    #[arg(long, value_enum)]
    baseline: Option<Baseline>,
    /// Sizes of the lookup table, with commas; those of the models unless given.
    #[arg(long, value_delimiter = ',', value_parser = ranges::bytes, requires = "baseline")]
    bytes: Vec<usize>,
    /// Draw keystrokes saved against bytes.
    #[arg(long, value_name = "SVG")]
    plot: Option<PathBuf>,
    /// Type no more lines after this many words, or characters where words are pieces; 0 types none.
    #[arg(long)]
    limit_words: Option<usize>,
    /// Decode steps that the search after a keystroke may take, beside those that read the text.
    #[arg(long, default_value_t = SuggestOptions::DEFAULT.budget)]
    budget: u16,
    /// Context in tokens; what the model was trained for unless given.
    #[arg(long)]
    context: Option<usize>,
    /// Do not offer a word again that was shown and not taken.
    #[arg(long)]
    new_only: bool,
    /// Learn the typist's words line by line, in a user dictionary of so many bytes; 0 learns nothing.
    #[arg(long, value_name = "BYTES", default_value_t = 0, alias = "personal")]
    user_dictionary: usize,
    /// Type once more with a phrase beside the three words, which is at least so probable.
    #[arg(long, value_name = "PERCENT", num_args = 0..=1, default_missing_value = "20", conflicts_with = "new_only",
        value_parser = clap::value_parser!(u8).range(0..=100))]
    phrase: Option<u8>,
    /// Who types. `noisy` makes slips and corrects none but by the space bar; the text below says how.
    #[arg(long, value_enum, default_value_t = Typist::Exact)]
    typist: Typist,
    /// The share of the letters of words that a noisy typist gets wrong, 0 to 1; 0.03 unless given.
    #[arg(long, value_name = "SHARE", value_parser = ranges::probability)]
    error_rate: Option<f64>,
    /// The keyboard, whose keys may be missed; every key is its letter unless given, but `qwerty` for a noisy typist.
    #[arg(long, value_enum)]
    keys: Option<KeysArg>,
    /// Type words with slips instead, and count those that are offered and corrected: lines of context, typed and
    /// intended word, with tabs between them. On `qwerty` unless `--keys` says otherwise.
    #[arg(long, value_name = "PAIRS", conflicts_with_all = ["text", "baseline", "plot", "phrase", "new_only"])]
    typos: Option<PathBuf>,
    /// Type on a telephone's keys instead, of which each stands for three or four letters.
    #[arg(long, value_name = "KEYS", conflicts_with_all = ["typos", "keys", "baseline", "plot", "phrase", "new_only"],
        value_parser = clap::value_parser!(u8).range(9..=9))]
    keypad: Option<u8>,
    /// Count what is shown while the text is typed instead, and which of these words are in no list of right words:
    /// files with one word per line, such as /usr/share/dict/words.
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["typos", "keypad", "baseline", "plot",
        "phrase", "user_dictionary"])]
    known_words: Vec<PathBuf>,
    /// Pick letter by letter instead, and count how well the next one is known. The budget is that of each letter.
    #[arg(long, conflicts_with_all = ["typos", "keypad", "keys", "baseline", "plot", "phrase", "new_only"])]
    letters: bool,
    /// How sure a correction has to be, in percent, for `--typos` and a noisy typist; 90 unless given.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    min_correction: Option<u8>,
    /// Print the result as JSON, an object per line.
    #[arg(long)]
    json: bool,
}

impl EvalArgs {
    fn error_rate(&self) -> f64 {
        self.error_rate.unwrap_or(0.03)
    }

    fn min_correction(&self) -> u8 {
        self.min_correction.unwrap_or(SuggestOptions::DEFAULT.min_correction_percent)
    }

    /// Refuses options without a typist, or another way of typing, that they are for.
    fn check_typist(&self) -> Result<()> {
        if self.typist == Typist::Noisy {
            return noisy::check(self);
        }
        ensure!(self.error_rate.is_none(), "--error-rate needs --typist noisy: this typist makes no slips");
        let corrects = self.typos.is_some();
        ensure!(self.min_correction.is_none() || corrects, "--min-correction needs --typos or --typist noisy");
        Ok(())
    }
}

/// Who types the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Typist {
    /// Makes no slips.
    Exact,
    /// Misses keys, leaves letters out, swaps and doubles them.
    Noisy,
}

/// What keyboards use today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Baseline {
    /// Words, pairs and triples with back-off, pruned to the size.
    Trigram,
}

/// A model and the table that it is compared with.
struct Pair<'m> {
    model: &'m Measured,
    table: &'m Measured,
    with_repeats: Option<Comparison>,
    new_only: Option<Comparison>,
}

/// Measures and reports.
///
/// # Errors
/// If models, text or corpus cannot be read, the text is too short, or the plot not be written.
pub fn run(args: &EvalArgs) -> Result<()> {
    args.check_typist()?;
    if let Some(pairs) = &args.typos {
        return typos::run(args, pairs);
    }
    let types = args.limit_words != Some(0);
    ensure!(types || (args.baseline.is_none() && args.plot.is_none()), "--limit-words 0 leaves nothing to compare");
    if args.models.is_empty() {
        let is_blob = |name: &&String| BlobFile::read(Path::new(name)).is_ok_and(|file| file.model().is_ok());
        if let Some(blob) = args.corpus.iter().find(is_blob) {
            bail!("{blob} is a model, but stands behind --corpus, which takes text: name models before --corpus");
        }
        ensure!(!args.bytes.is_empty(), "give models, or --baseline trigram with --bytes for the table's sizes");
    }
    args.plot.as_deref().map_or(Ok(()), ensure_writable)?;
    let mut text = args.text.as_deref().map(read_text).transpose()?;
    let corpus = match (&text, args.baseline) {
        (Some(_), None) => None,
        _ => Some(Corpus::load(&args.corpus)?),
    };
    if let (None, Some(corpus)) = (&text, &corpus) {
        let sample = text_of(&corpus.test_sample());
        ensure!(!sample.is_empty(), "{} has no test text: name a text with --text", corpus.name);
        text = Some(sample);
    }
    let text = text.unwrap_or_default();
    let typed = TypedText::new(&text, args.limit_words);
    if pieces::are_for(&args.models)? {
        return pieces::run(args, &text);
    }
    if args.keypad.is_some() {
        return keypad::run(args, &typed);
    }
    if args.letters {
        return letters::run(args, &typed);
    }
    if args.typist == Typist::Noisy {
        return noisy::run(args, &typed);
    }
    if !args.known_words.is_empty() {
        return shown_words::run(args, &typed);
    }
    let policies = Policies {
        with_repeats: types && !args.new_only,
        new_only: types && (args.new_only || args.baseline.is_some()),
    };

    let mut all = Vec::new();
    for model in &args.models {
        all.push(measure::model(args, model, &text, &typed, policies)?);
    }
    if let (Some(Baseline::Trigram), Some(corpus)) = (args.baseline, &corpus) {
        let counts = Counts::of(corpus.train.iter().map(String::as_str));
        for n_bytes in table_sizes(args, &all) {
            all.push(measure::table(&counts, n_bytes, &typed, policies)?);
        }
    }
    let pairs = pairs(&all, &typed);
    print::report(args, &all, &pairs, &typed)?;
    args.plot.as_ref().map_or(Ok(()), |path| plot::write(path, &all, &typed))
}

fn table_sizes(args: &EvalArgs, models: &[Measured]) -> Vec<usize> {
    let mut sizes =
        if args.bytes.is_empty() { models.iter().map(|model| model.n_bytes).collect() } else { args.bytes.clone() };
    sizes.sort_unstable();
    sizes.dedup();
    sizes
}

/// Each model with the smallest table that has at least as many bytes to use, or else the largest.
fn pairs<'m>(all: &'m [Measured], typed: &TypedText) -> Vec<Pair<'m>> {
    let tables = || all.iter().filter(|measured| measured.table_budget.is_some());
    let pair = |model: &'m Measured| {
        let table = tables().find(|table| table.table_budget >= Some(model.n_bytes)).or(tables().next_back())?;
        let compared = |of: fn(&Measured) -> Option<&_>| Some(compare(typed, of(model)?, of(table)?));
        let with_repeats = compared(|measured| measured.with_repeats.as_ref());
        Some(Pair { model, table, with_repeats, new_only: compared(|measured| measured.new_only.as_ref()) })
    };
    all.iter().filter(|measured| measured.table_budget.is_none()).filter_map(pair).collect()
}

/// A text to measure models on: a file, or `chatterbot`.
pub(super) fn read_text(path: &Path) -> Result<String> {
    if path.as_os_str() == chatterbot::NAME && !path.exists() {
        return Ok(text_of(&chatterbot::load()?.test));
    }
    let text = text_file::read(path)?;
    ensure!(!text.trim().is_empty(), "{} has no text in it", path.display());
    Ok(text.replace("\r\n", "\n"))
}
