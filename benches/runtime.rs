//! Speed of the runtime on the host: one token, a prompt, a text, a keystroke.
//!
//! `cargo bench`. What it costs on a microcontroller is counted in instructions by the firmware examples.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use embedded_gpt::{Aligned, Config, Model, Session, SuggestOptions, Suggester, Suggestion, Workspace, include_model};

static BLOB: &Aligned<[u8]> = include_model!("../models/demo.egpt");
const CONFIG: Config = Config::of(&BLOB.0);
const CONTEXT: usize = 64;
type Ram = Workspace<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>;

const TEXT: &str = "i was wondering if you would like to come over for dinner tomorrow ";

fn load(c: &mut Criterion) {
    let mut group = c.benchmark_group("load");
    group.throughput(Throughput::Bytes(BLOB.0.len() as u64));
    group.bench_function("parse", |b| b.iter(|| Model::parse(black_box(&BLOB.0)).unwrap()));
}

fn token(c: &mut Criterion) {
    let model = Model::parse(&BLOB.0).unwrap();
    let mut ram = Ram::new();
    let mut session = Session::new(&model, CONTEXT, ram.buffers()).unwrap();
    let mut ids = [0; 2 * CONTEXT];
    let prompt = model.vocab().encode(TEXT, &mut ids).unwrap();

    let mut group = c.benchmark_group("token");
    group.throughput(Throughput::Elements(1));
    group.bench_function("at the start", |b| {
        b.iter(|| {
            session.rewind(0).unwrap();
            session.step(black_box(prompt[0])).unwrap().argmax()
        })
    });
    session.prefill(prompt).unwrap();
    let position = session.position();
    group.bench_function("after a sentence", |b| {
        b.iter(|| {
            session.rewind(position).unwrap();
            session.step(black_box(prompt[0])).unwrap().argmax()
        })
    });
    group.throughput(Throughput::Elements(prompt.len() as u64));
    let mut prefill = |name: &str, session: &mut Session<'_>| {
        group.bench_function(name, |b| {
            b.iter(|| {
                session.rewind(0).unwrap();
                session.prefill(black_box(prompt)).unwrap().argmax()
            })
        });
    };
    prefill("prefill", &mut session);
    let mut ram = Workspace::<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words_for(CONTEXT, 8) }>::new();
    let mut session = Session::new(&model, CONTEXT, ram.buffers()).unwrap();
    prefill("prefill, 8 tokens per pass", &mut session);
}

fn encode(c: &mut Criterion) {
    let vocab = Model::parse(&BLOB.0).unwrap().vocab();
    let mut ids = [0; 128];
    let mut group = c.benchmark_group("vocab");
    group.throughput(Throughput::Bytes(TEXT.len() as u64));
    group.bench_function("encode", |b| b.iter(|| vocab.encode(black_box(TEXT), &mut ids).unwrap().len()));
}

/// Typing a sentence letter by letter, with three suggestions after each.
fn keystroke(c: &mut Criterion) {
    let model = Model::parse(&BLOB.0).unwrap();
    let mut ram = Ram::new();
    let mut suggester = Suggester::new(Session::new(&model, CONTEXT, ram.buffers()).unwrap(), SuggestOptions::DEFAULT);
    let mut slots = [Suggestion::EMPTY; 3];
    let mut group = c.benchmark_group("suggest");
    group.throughput(Throughput::Elements(TEXT.len() as u64));
    group.sample_size(20);
    group.bench_function("a sentence, per keystroke", |b| {
        b.iter(|| (1..=TEXT.len()).map(|n| suggester.suggest(&TEXT[..n], &mut slots).len()).sum::<usize>())
    });
}

criterion_group!(benches, load, token, encode, keystroke);
criterion_main!(benches);
