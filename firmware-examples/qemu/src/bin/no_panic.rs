//! Uses the whole runtime, and links only if none of it can panic: the panic handler calls a function that there is
//! not. `cargo xtask test "no panic"` builds it for every core. What it reads is hidden from the compiler, so that
//! nothing is decided before it runs.
#![no_std]
#![no_main]

#[path = "../bare.rs"]
mod bare;

use core::fmt::{self, Write};
use core::hint::black_box;
use core::panic::PanicInfo;

use bare::{end, entry};
use embedded_gpt::config::{Role, Shape};
use embedded_gpt::format::{blob, ngrams, tensor::Format};
use embedded_gpt::lexicon::{Ngrams, WordList, last_words, split_last_word};
use embedded_gpt::text::{Utf8Stream, chunks, ends_sentence, is_letter, is_word_char};
use embedded_gpt::{
    Aligned, Buffers, Classifier, Config, Error, Generator, GeneratorOptions, Keyboard, Keys, Letters, Logits, Model,
    NextLetter, NextLetters, Phrase, PhraseOptions, Progress, Sampler, Session, Shell, SuggestOptions, Suggester,
    Suggestion, TokenId, Truecaser, UserDictionary, Vocab, Workspace, include_model,
};
use static_cell::ConstStaticCell;

static BLOB: &Aligned<[u8]> = include_model!(env!("EGPT_MODEL"));
static KV: ConstStaticCell<[u32; 1024]> = ConstStaticCell::new([0; 1024]);
static SCRATCH: ConstStaticCell<[u32; 1024]> = ConstStaticCell::new([0; 1024]);
static MEMORY: ConstStaticCell<[u8; 1536]> = ConstStaticCell::new([0; 1536]);

unsafe extern "C" {
    /// Not there: whoever calls it does not link.
    safe fn the_runtime_can_panic() -> !;
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    the_runtime_can_panic()
}

#[entry]
fn main() -> ! {
    if let Err(error) = run(black_box(&BLOB.0), black_box("see you tom")) {
        let _ = write!(Nowhere, "{error}");
    }
    end()
}

fn run(bytes: &'static [u8], text: &'static str) -> Result<(), Error> {
    let (Some(kv), Some(scratch), Some(memory)) = (KV.try_take(), SCRATCH.try_take(), MEMORY.try_take()) else {
        return Ok(());
    };
    read_format(bytes, text)?;
    let model = Model::parse(bytes)?;
    read_model(&model);
    read_vocabulary(&model.vocab(), bytes, text)?;
    read_words(&model, bytes, text);
    write_text(&model, text)?;
    let mut session = Session::new(&model, black_box(16), Buffers { kv, scratch })?;
    step(&mut session, text)?;
    let (memory, more_memory) = memory.split_at_mut_checked(black_box(512)).unwrap_or_default();
    let (more_memory, most_memory) = more_memory.split_at_mut_checked(black_box(512)).unwrap_or_default();
    let session = suggest(session, Letters, memory, text)?;
    let session = suggest(session, black_box(Keys::QWERTY), more_memory, text)?;
    let session = suggest(session, black_box(Shell::with_words(&["a", "-b"])), most_memory, text)?;
    let session = generate(session, text)?;
    let buffers = classify(session, text)?.into_buffers();
    black_box((buffers.kv, buffers.scratch));
    black_box(Workspace::<8, 8>::default().buffers());
    Ok(())
}

fn read_format(bytes: &[u8], text: &str) -> Result<(), Error> {
    let config = Config::read(bytes)?;
    black_box((config.kv_words(black_box(9)), config.scratch_words(black_box(9)), config.scratch_words_for(9, 3)));
    black_box((config.query_dim(), config.kv_dim(), config.is_valid(), config == Config::read(text.as_bytes())?));
    let shape = Shape { n_vocab: text.len(), n_ctx: 8, n_layer: 2, n_head: bytes.len(), n_embd: 64 };
    black_box((Config::gpt2(shape), Config::llama(shape).with(|config| config.n_ff = text.len())));
    for spec in config.tensors() {
        for format in [Format::I16, Format::Q8, Format::Q4] {
            black_box((spec.can_be(format), spec.byte_len(format), config.has(spec.role.bias())));
            if let Some(packing) = format.packing() {
                let place = packing.place(text.len(), bytes.len(), spec.cols);
                black_box((packing.bits(), packing.len(spec.rows, spec.cols), packing.weight(bytes, place)));
            }
        }
    }
    for (name, section) in blob::sections(bytes)? {
        black_box((name, section));
    }
    black_box((blob::checksum(bytes), blob::header(&config, black_box(3))));
    Ok(())
}

fn read_model(model: &Model<'_>) {
    black_box((
        model.config(),
        model.blob_len(),
        model.id(),
        model.metadata(),
        model.metadata_value(black_box("name")),
    ));
    black_box(model.tensor(black_box(Role::Up), black_box(7)));
    black_box(embedded_gpt::kernel_name());
}

fn read_vocabulary(vocab: &Vocab<'_>, bytes: &[u8], text: &str) -> Result<(), Error> {
    black_box(Vocab::parse(bytes, text.len()).is_ok());
    black_box((vocab.len(), vocab.bos(), vocab.eos(), vocab.pad(), vocab.start_of_text(), vocab.end_of_text()));
    black_box((vocab.has_space_prefix(), vocab.folds_case(), vocab.language(), vocab.special(text)));
    black_box(vocab.max_tokens(text.len()));
    for merge in vocab.merges() {
        black_box(merge);
    }
    let (mut ids, mut buffer) = ([0; 32], [0; Vocab::MAX_TOKEN_BYTES]);
    let mut stream = vocab.text_stream();
    for &token in vocab.encode(text, &mut ids)?.iter() {
        black_box((vocab.token_len(token), vocab.first_byte(token), vocab.is_special(token)));
        black_box((vocab.is_end_of_text(token), vocab.special_name(token)));
        stream.push(vocab.bytes(token, &mut buffer), &mut Nowhere)?;
    }
    black_box(vocab.encode_continuation(bytes, &mut ids)?);
    black_box(vocab.encode_with_special(text, &mut ids)?);
    Ok(stream.finish(&mut Nowhere)?)
}

fn read_words(model: &Model<'_>, bytes: &[u8], text: &str) {
    let (words, ngrams) = (model.words(), model.ngrams());
    black_box((WordList::parse(bytes, text.len()).is_some(), Ngrams::parse(bytes).is_some()));
    black_box((words.is_empty(), words.total(), words.has_any(black_box(300)), ngrams.is_empty()));
    for tail in words.starting_with(black_box(300)) {
        black_box((tail.tokens(), tail.code(), tail.capitals()));
    }
    black_box((ngrams::home(black_box(7), bytes.len()), ngrams::fingerprint(black_box(7))));
    black_box((ngrams.code(ngrams::key(&last_words(bytes), ngrams::word_hash(bytes))), split_last_word(bytes)));
}

fn write_text(model: &Model<'_>, text: &str) -> Result<(), Error> {
    for part in chunks(text) {
        for c in part.chars() {
            black_box((is_letter(c), is_word_char(c), ends_sentence(c)));
        }
    }
    let mut truecaser = Truecaser::after(model, text);
    truecaser.push(text.as_bytes(), &mut Nowhere)?;
    truecaser.finish(&mut Nowhere)?;
    Ok(Utf8Stream::new().push(text.as_bytes(), &mut Nowhere)?)
}

fn step(session: &mut Session<'_>, text: &str) -> Result<(), Error> {
    let mut ids = [0; 32];
    session.feed(session.model().vocab().start_of_text().as_slice())?;
    let mut sampler = Sampler::new(black_box(0.7), 1).with_top_k(black_box(40)).with_top_p(black_box(0.9));
    let mut next = Sampler::greedy().pick(session.prefill(session.model().vocab().encode(text, &mut ids)?)?);
    for _ in 0..black_box(16) {
        let logits = session.step(next)?;
        black_box((logits.values(), logits.get(next), logits.argmax(), logits.log_sum_exp()));
        next = sampler.pick(logits);
    }
    black_box(Logits::new(black_box(&[1, 2])).log_sum_exp());
    black_box((
        session.context(),
        session.n_prefill(),
        session.position(),
        session.oldest(),
        session.token(next.into()),
    ));
    Ok(session.rewind(black_box(3))?)
}

fn suggest<'b>(
    session: Session<'b>,
    keyboard: impl Keyboard,
    memory: &'b mut [u8],
    text: &'b str,
) -> Result<Session<'b>, Error> {
    let mut options = SuggestOptions { blocked: black_box(&["darn", "go away"]), ..SuggestOptions::default() };
    let mut suggester = Suggester::with_keyboard(session, options, keyboard);
    suggester.set_keyboard(keyboard);
    (options.min_percent, options.new_only, options.budget) = black_box((5, true, 9));
    suggester.set_options(options);
    let (saved, fresh) = memory.split_at_mut_checked(256).unwrap_or_default();
    if UserDictionary::restore(saved).is_err() {
        suggester.set_user_dictionary(UserDictionary::new(fresh)?);
    }
    suggester.learn(text);
    let mut slots = [Suggestion::EMPTY; 3];
    while suggester.poll(text) == Progress::Working {
        black_box(suggester.best(&mut slots));
    }
    for word in suggester.suggest(text, &mut slots) {
        black_box((word.as_str(), word.as_ref(), word.percent(), word.corrects(), word.log_prob(), word.prob()));
        write!(Nowhere, "{word}")?;
    }
    black_box((suggester.correction(), slots[0].takes_space()));
    suggester.keep(text);
    let mut phrase = Phrase::after(&slots[0], PhraseOptions { min_percent: black_box(9), ..PhraseOptions::default() });
    while phrase.poll(&mut suggester) == Progress::Working {
        black_box(phrase.as_str());
    }
    let (mut letters, mut slots) = (NextLetters::new(black_box(6)), [NextLetter::EMPTY; 5]);
    while letters.poll(&mut suggester) == Progress::Working {}
    letters.best(&mut slots).iter().for_each(|letter| _ = black_box((letter.letter(), letter.percent())));
    black_box((slots[0].log_prob(), letters.log_prob(black_box(Some('e')))));
    if let Some(dictionary) = suggester.user_dictionary() {
        dictionary.learn(text, |word| word.len() > black_box(3));
        dictionary.words().for_each(|word| _ = black_box(word));
        dictionary.entries().for_each(|entry| _ = black_box(entry));
        black_box((dictionary.add(text), dictionary.forget_word(text)));
        black_box(dictionary.save());
        dictionary.forget();
    }
    black_box((
        Suggester::word_start(text),
        suggester.decode_steps(),
        suggester.options(),
        suggester.session().oldest(),
    ));
    suggester.context_tokens().for_each(|token: TokenId| _ = black_box(token));
    Ok(suggester.into_session())
}

fn generate<'b>(session: Session<'b>, text: &str) -> Result<Session<'b>, Error> {
    let options = GeneratorOptions { max_tokens: black_box(9), truecasing: black_box(true), ..Default::default() };
    let mut generator = Generator::new(session, options);
    while generator.poll(text, &mut Nowhere)? == Progress::Working {
        black_box((generator.n_written(), generator.logits().argmax(), generator.session().position()));
    }
    generator.finish(&mut Nowhere)?;
    generator.restart();
    Ok(generator.into_session())
}

fn classify<'b>(session: Session<'b>, text: &str) -> Result<Session<'b>, Error> {
    let mut classifier = Classifier::new(session)?;
    classifier.labels().for_each(|label| _ = black_box(label));
    let class = classifier.classify(text);
    black_box((class.name, class.index, class.log_prob(), classifier.scores().argmax()));
    Ok(classifier.into_session())
}

/// Takes text, and keeps nothing.
struct Nowhere;

impl Write for Nowhere {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        black_box(text);
        black_box(Ok(()))
    }
}
