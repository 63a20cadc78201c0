//! Blobs that are damaged on purpose, with a right checksum: refused, or used without a panic and in time.

use arbitrary::{Result, Unstructured};
use egpt_core::blob_file::BlobFile;
use egpt_core::export::{seal, with_section};
use embedded_gpt::format::blob::{HEADER_LEN, WORDS, sections};
use embedded_gpt::{
    Classifier, Config, Generator, GeneratorOptions, Model, NextLetter, NextLetters, Phrase, PhraseOptions, Progress,
    Sampler, SuggestOptions, Suggester, Suggestion, Truecaser, Vocab,
};

use crate::limit::within;
use crate::models::{self, Memory, text};
use crate::suggester::assert_can_be_offered;

/// Most words of memory that a session is tried with.
const MAX_WORDS: usize = 1 << 20;
const CONTEXT: usize = 12;

/// Damages a blob and uses everything that reads it.
pub fn check(input: &mut Unstructured<'_>) -> Result<()> {
    let mut blob = models::any(input)?.bytes().to_vec();
    if input.ratio(1, 4)? {
        let words = words_section(input)?;
        blob = with_section(&blob, WORDS, words).expect("a sound blob");
    }
    for _ in 0..input.int_in_range(0..=6)? {
        damage(&mut blob, input)?;
    }
    seal(&mut blob);
    let file = BlobFile::new(&blob);
    let Ok(model) = within("parse", || Model::parse(file.bytes())) else { return Ok(()) };
    use_it(&model, input)
}

/// Writes some bytes into a header, a section or a tensor; or cuts the end off.
fn damage(blob: &mut Vec<u8>, input: &mut Unstructured<'_>) -> Result<()> {
    let places: Vec<(usize, usize)> = sections(blob)
        .into_iter()
        .flatten()
        .map(|(_, bytes)| (bytes.as_ptr().addr() - blob.as_ptr().addr(), bytes.len()))
        .chain([(0, HEADER_LEN), (0, HEADER_LEN * 3), (0, blob.len())])
        .collect();
    let &(start, len) = input.choose(&places)?;
    if len == 0 {
        return Ok(());
    }
    let at = start + input.choose_index(len)?;
    match input.int_in_range(0..=9u8)? {
        0 => blob.truncate(at),
        1 => put(blob, at & !3, &input.arbitrary::<u32>()?.to_le_bytes()),
        2 => put(blob, at & !1, &[0xFF; 2]),
        3 => put(blob, at & !3, &[0xFF, 0xFF, 0xFF, 0x7F]),
        4 => {
            let byte = input.arbitrary()?;
            let len = input.int_in_range(1..=64)?;
            blob.iter_mut().skip(at).take(len).for_each(|place| *place = byte);
        }
        _ => put(blob, at, &[input.arbitrary()?]),
    }
    Ok(())
}

fn put(blob: &mut [u8], at: usize, bytes: &[u8]) {
    for (place, byte) in blob.iter_mut().skip(at).zip(bytes) {
        *place = *byte;
    }
}

/// Words of no sense: any bits for the tree, long ones included.
fn words_section(input: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let len = input.int_in_range(0..=4_000)?;
    let period = input.bytes(input.len().min(24))?;
    Ok((0..len).map(|i| period.get(i % period.len().max(1)).copied().unwrap_or(i as u8)).collect())
}

fn use_it(model: &Model<'_>, input: &mut Unstructured<'_>) -> Result<()> {
    let config: Config = *model.config();
    let context = config.n_ctx.min(CONTEXT);
    if config.kv_words(context).saturating_add(config.scratch_words_for(context, 4)) > MAX_WORDS {
        return Ok(());
    }
    let typed = text(input, 12)?;
    let mut memory = Memory::new(&config, context, 4);
    encode(&model.vocab(), &typed);
    let mut out = String::new();
    let mut caser = Truecaser::after(model, &typed);
    within("truecasing", || caser.push(typed.as_bytes(), &mut out).and_then(|()| caser.finish(&mut out)).is_ok());

    let options = SuggestOptions { budget: 4, ..SuggestOptions::DEFAULT };
    let mut suggester = Suggester::new(memory.session(model, context), options);
    let mut slots = [Suggestion::EMPTY; 4];
    for end in typed.char_indices().map(|(at, _)| at).chain([typed.len()]).rev().take(4) {
        let text = &typed[..end];
        while within("poll", || suggester.poll(text)) == Progress::Working {}
        let found = within("best", || suggester.best(&mut slots).len());
        slots[..found].iter().for_each(assert_can_be_offered);
        let mut phrase = Phrase::after(&slots[0], PhraseOptions { min_percent: 0, ..PhraseOptions::DEFAULT });
        while found > 0 && within("phrase", || phrase.poll(&mut suggester)) == Progress::Working {}
        let mut letters = NextLetters::new(4);
        while within("letters", || letters.poll(&mut suggester)) == Progress::Working {}
        letters.best(&mut [NextLetter::EMPTY; 9]).iter().for_each(|letter| assert!(letter.log_prob() <= 0));
    }
    let options = GeneratorOptions { sampler: Sampler::new(0.9, 1).with_top_k(9), max_tokens: 8, truecasing: true };
    let mut generator = Generator::new(suggester.into_session(), options);
    while matches!(within("generate", || generator.poll(&typed, &mut out)), Ok(Progress::Working)) {}
    let session = memory.session(model, context);
    if let Ok(mut classifier) = Classifier::new(session) {
        within("classify", || classifier.classify(&typed));
    }
    Ok(())
}

fn encode(vocab: &Vocab<'_>, text: &str) {
    let mut ids = vec![0; vocab.max_tokens(text.len())];
    let ids = within("encode", || vocab.encode(text, &mut ids).map(|ids| ids.to_vec()));
    let mut buffer = [0; Vocab::MAX_TOKEN_BYTES];
    for id in ids.expect("as much room as the vocabulary says") {
        vocab.bytes(id, &mut buffer);
    }
    let _ = vocab.encode_with_special(text, &mut vec![0; vocab.max_tokens(text.len())]);
}
