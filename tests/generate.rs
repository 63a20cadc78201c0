//! Text written on by the shipped models, as the session and the sampler alone would write it.

use core::fmt::{self, Write};

use egpt_core::export::seal;
use embedded_gpt::error::StepError;
use embedded_gpt::format::blob::{VOCABULARY, sections};
use embedded_gpt::{
    Aligned, Buffers, Error, Generator, GeneratorOptions, Model, Progress, Sampler, Session, Truecaser, Vocab,
    include_model,
};

static DEMO: &Aligned<[u8]> = include_model!("../models/demo.egpt");
static KEYBOARD: &Aligned<[u8]> = include_model!("../models/keyboard.egpt");
const CONTEXT: usize = 40;

/// Gives a session with memory for some tokens per pass.
fn with_session<T>(blob: &[u8], n_prefill: usize, test: impl FnOnce(Session<'_>) -> T) -> T {
    let model = Model::parse(blob).unwrap();
    let config = model.config();
    let (mut kv, mut scratch) =
        (vec![0; config.kv_words(CONTEXT)], vec![0; config.scratch_words_for(CONTEXT, n_prefill)]);
    test(Session::new(&model, CONTEXT, Buffers { kv: &mut kv, scratch: &mut scratch }).unwrap())
}

fn options(sampler: Sampler, max_tokens: usize) -> GeneratorOptions {
    GeneratorOptions { sampler, max_tokens, ..Default::default() }
}

/// What the model writes until the text is over.
fn written(generator: &mut Generator<'_>, prompt: &str) -> String {
    let mut text = String::new();
    while generator.poll(prompt, &mut text).unwrap() == Progress::Working {}
    text
}

/// The text of so many tokens, each step by hand; ends with the model's text.
fn by_hand(mut session: Session<'_>, prompt: &str, mut sampler: Sampler, n: usize) -> String {
    let model = *session.model();
    let vocab = model.vocab();
    let mut ids = vec![0; prompt.len() + 1];
    session.feed(vocab.start_of_text().as_slice()).unwrap();
    let mut next = sampler.pick(session.prefill(vocab.encode(prompt, &mut ids).unwrap()).unwrap());
    let (mut stream, mut text) = (Truecaser::after(&model, prompt), String::new());
    for _ in 0..n {
        if vocab.is_end_of_text(next) {
            break;
        }
        stream.push(vocab.bytes(next, &mut [0; Vocab::MAX_TOKEN_BYTES]), &mut text).unwrap();
        next = sampler.pick(session.step(next).unwrap());
    }
    stream.finish(&mut text).unwrap();
    text
}

#[test]
fn text_is_that_of_session_and_sampler() {
    let long = "i was at the station this morning. then I went to the park to see my friends, ".repeat(4);
    let samplers = [Sampler::greedy(), Sampler::new(0.8, 3).with_top_k(40), Sampler::new(1.0, 9).with_top_p(0.9)];
    for blob in [&DEMO.0, &KEYBOARD.0] {
        for prompt in ["how are you", "h", "see you tomorrow at ", "Hello.\n", &long] {
            for (i, sampler) in samplers.iter().enumerate() {
                // More tokens than the context holds.
                let n = if i == 0 { 60 } else { 12 };
                let expected = with_session(blob, 1, |session| by_hand(session, prompt, sampler.clone(), n));
                let text = with_session(blob, 1 + 3 * i, |session| {
                    written(&mut Generator::new(session, options(sampler.clone(), n)), prompt)
                });
                assert_eq!(text, expected, "after {prompt:?}");
            }
        }
    }
}

#[test]
fn a_call_takes_one_token_of_the_prompt_or_writes_one() {
    with_session(&DEMO.0, 1, |session| {
        let mut generator = Generator::new(session, options(Sampler::greedy(), 5));
        let (mut position, mut text, mut n_read) = (0, String::new(), 0);
        while generator.n_written() < 5 {
            let n_written = generator.n_written();
            let progress = generator.poll("how are you", &mut text).unwrap();
            assert!(generator.session().position() <= position + 1, "at most one decode step");
            n_read += usize::from(generator.n_written() == n_written);
            assert_eq!(progress == Progress::Done, generator.n_written() == 5, "{text:?}");
            position = generator.session().position();
        }
        let vocab = generator.session().model().vocab();
        let n_prompt = vocab.start_of_text().iter().count() + vocab.encode("how are you", &mut [0; 12]).unwrap().len();
        assert_eq!((n_read, position), (n_prompt, n_prompt + 4));
        assert_eq!(generator.poll("how are you", &mut text), Ok(Progress::Done), "no more than that");
        assert_eq!(generator.into_session().position(), position);
    });
}

#[test]
fn after_the_end_of_a_text_comes_another_one() {
    with_session(&KEYBOARD.0, 8, |session| {
        let mut generator = Generator::new(session, options(Sampler::new(1.6, 5), 1500));
        let mut texts = Vec::new();
        while generator.n_written() < 1500 {
            texts.push(written(&mut generator, "hello"));
        }
        assert!(texts.len() > 1, "{texts:?}");
        let is_sentence = |text: &&String| text.chars().find(|c| c.is_alphabetic()).is_none_or(|c| !c.is_lowercase());
        assert_eq!(texts[1..].iter().filter(is_sentence).count(), texts.len() - 1, "{texts:?}");
        generator.restart();
        assert_eq!((generator.n_written(), generator.session().position()), (0, 0));
    });
}

#[test]
fn letters_can_be_left_as_learned() {
    for truecasing in [true, false] {
        with_session(&KEYBOARD.0, 8, |session| {
            let options = GeneratorOptions { truecasing, ..options(Sampler::greedy(), 40) };
            let text = written(&mut Generator::new(session, options), "how are you?");
            assert_eq!(text.contains(char::is_uppercase), truecasing, "{text:?}");
        });
    }
}

#[test]
fn a_restart_repeats_and_no_tokens_are_no_text() {
    with_session(&DEMO.0, 1, |session| {
        let mut generator = Generator::new(session, options(Sampler::greedy(), 10));
        let first = written(&mut generator, "see you");
        generator.restart();
        assert!(!first.is_empty() && written(&mut generator, "thank you") != first);
        generator.restart();
        assert_eq!(written(&mut generator, "see you"), first);
        let mut generator = Generator::new(generator.into_session(), options(Sampler::greedy(), 0));
        assert_eq!(written(&mut generator, "see you"), "");
    });
}

/// Fails the first time.
struct Loose(String, bool);

impl Write for Loose {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if !core::mem::replace(&mut self.1, true) {
            return Err(fmt::Error);
        }
        self.0.write_str(text)
    }
}

#[test]
fn output_that_fails_is_told_and_text_goes_on() {
    with_session(&DEMO.0, 8, |session| {
        let mut generator = Generator::new(session, options(Sampler::greedy(), 10));
        let whole = written(&mut generator, "see you");
        generator.restart();
        let (mut out, mut errors) = (Loose(String::new(), false), Vec::new());
        loop {
            match generator.poll("see you", &mut out) {
                Ok(Progress::Done) => break,
                Ok(Progress::Working) => {}
                Err(error) => errors.push(error),
            }
        }
        assert_eq!(errors, [Error::Write]);
        assert!(whole.ends_with(&out.0) && out.0.len() < whole.len() && !out.0.is_empty(), "{:?} of {whole:?}", out.0);
    });
}

/// The demo's blob without the tokens that start and end texts.
fn without_start() -> Vec<u8> {
    let mut blob = DEMO.0.to_vec();
    let (_, section) = sections(&DEMO.0).unwrap().find(|(name, _)| *name == VOCABULARY).unwrap();
    let start = section.as_ptr().addr() - DEMO.0.as_ptr().addr();
    // Four bytes of kinds and flags and six numbers come before BOS, EOS, padding and the end of the text.
    blob[start + 16..start + 24].fill(0xFF);
    seal(&mut blob);
    blob
}

#[test]
fn nothing_to_begin_with_is_an_error() {
    let bytes = without_start();
    let mut words = vec![0_u128; bytes.len() / 16];
    bytemuck::cast_slice_mut(&mut words).copy_from_slice(&bytes);
    with_session(bytemuck::cast_slice(&words), 1, |session| {
        assert_eq!(session.model().vocab().start_of_text(), None);
        let mut generator = Generator::new(session, options(Sampler::greedy(), 3));
        let mut text = String::new();
        for _ in 0..2 {
            assert_eq!(generator.poll("", &mut text), Err(Error::Step(StepError::EmptyPrompt)));
        }
        assert!(!written(&mut generator, "see you").is_empty());
    });
    with_session(&DEMO.0, 1, |session| {
        assert!(!written(&mut Generator::new(session, options(Sampler::greedy(), 3)), "").is_empty());
    });
}
