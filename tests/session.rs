//! What a session promises: prefill equals steps, backspace forgets, the context slides, errors change nothing.

mod fixture;

use egpt_core::weights::Weights;
use embedded_gpt::error::{CapacityError, SessionError, StepError};
use embedded_gpt::format::tensor::Format;
use embedded_gpt::{Buffers, Session};
use fixture::{Memory, N_VOCAB, model, tokens, variants};

fn bits(logits: embedded_gpt::Logits<'_>) -> Vec<i32> {
    logits.values().to_vec()
}

#[test]
fn prefill_equals_steps() {
    for (name, config) in variants() {
        let (_, blob) = model(config, 1);
        let parsed = blob.model().unwrap();
        let (mut a, mut b) = (Memory::exact(&config, 12), Memory::exact(&config, 12));
        let (mut a, mut b) = (a.session(&parsed, 12), b.session(&parsed, 12));
        let at_once = bits(a.prefill(&tokens(10)).unwrap());
        let stepwise = tokens(10).into_iter().map(|t| bits(b.step(t).unwrap())).last().unwrap();
        assert_eq!(at_once, stepwise, "{name}");
        assert_eq!((a.position(), a.token(3)), (10, Some(tokens(10)[3])));
    }
}

/// However many tokens go through the weights together, and however a text is cut: the same bits, also when the context
/// slides, and after going back.
#[test]
fn any_number_of_tokens_per_pass_gives_the_same_bits() {
    for (name, config) in variants() {
        for format in [Format::Q8, Format::Q4] {
            let blob = fixture::blob(&Weights::random(config, 10), format);
            let parsed = blob.model().unwrap();
            let text = tokens(40);
            let mut memory = Memory::exact(&config, 12);
            let mut stepwise = memory.session(&parsed, 12);
            let expected: Vec<_> = text.iter().map(|&token| bits(stepwise.step(token).unwrap())).collect();
            for n_prefill in 1..=9 {
                let mut memory = Memory::for_prefill(&config, 12, n_prefill);
                let mut session = memory.session(&parsed, 12);
                assert_eq!(session.n_prefill(), n_prefill);
                let mut random = n_prefill;
                let mut at = 0;
                while at < text.len() {
                    random = (random * 25_173 + 13_849) % 65_536;
                    let end = text.len().min(at + 1 + random / 256 % 17);
                    let logits = bits(session.prefill(&text[at..end]).unwrap());
                    assert_eq!(logits, expected[end - 1], "{name} {format:?}: {at}..{end}, {n_prefill} at a time");
                    at = end;
                    // Nothing is forgotten that was not pushed out: go back, and read again.
                    if end < 12 && end > 1 {
                        session.rewind(end / 2).unwrap();
                        at = end / 2;
                        session.feed(&text[at..end]).unwrap();
                        at = end;
                    }
                }
                assert_eq!((session.position(), session.oldest()), (40, stepwise.oldest()), "{name}");
                let back = session.oldest() + 2;
                session.rewind(back).unwrap();
                let again = bits(session.prefill(&text[back..39]).unwrap());
                let mut memory = Memory::exact(&config, 12);
                let mut one = memory.session(&parsed, 12);
                text.iter().for_each(|&token| one.feed(&[token]).unwrap());
                one.rewind(back).unwrap();
                assert_eq!(again, bits(one.prefill(&text[back..39]).unwrap()), "{name} {format:?} {n_prefill}");
            }
        }
    }
}

#[test]
fn no_more_tokens_per_pass_than_the_context_has() {
    let (_, config) = variants().remove(3);
    let (_, blob) = model(config, 11);
    let parsed = blob.model().unwrap();
    let mut memory = Memory::for_prefill(&config, 3, 9);
    let mut session = memory.session(&parsed, 3);
    assert_eq!(session.n_prefill(), 3);
    let many = bits(session.prefill(&tokens(20)).unwrap());
    let mut memory = Memory::exact(&config, 3);
    assert_eq!(many, bits(memory.session(&parsed, 3).prefill(&tokens(20)).unwrap()));
    assert_eq!(config.scratch_words_for(8, 0), config.scratch_words(8));
    assert_eq!(config.scratch_words_for(8, usize::MAX), usize::MAX);
}

#[test]
fn backspace_leaves_no_trace() {
    for (name, config) in variants() {
        let (_, blob) = model(config, 2);
        let parsed = blob.model().unwrap();
        let mut memory = Memory::exact(&config, 12);
        let mut session = memory.session(&parsed, 12);
        let expected = bits(session.prefill(&tokens(6)).unwrap());
        session.prefill(&[1, 2, 3]).unwrap();
        session.rewind(5).unwrap();
        assert_eq!(bits(session.step(tokens(6)[5]).unwrap()), expected, "{name}");
        session.rewind(0).unwrap();
        assert_eq!(bits(session.prefill(&tokens(6)).unwrap()), expected, "{name}");
    }
}

#[test]
fn context_slides_for_ever_and_forgets_what_left_it() {
    for (name, config) in variants() {
        let (_, blob) = model(config, 3);
        let parsed = blob.model().unwrap();
        let mut memory = Memory::exact(&config, 8);
        let mut session = memory.session(&parsed, 8);
        for (i, token) in tokens(100).into_iter().enumerate() {
            let sane = session.step(token).unwrap().values().iter().all(|v| v.unsigned_abs() < 1000 << 16);
            assert!(sane, "{name} at {i}");
            assert!(session.position() - session.oldest() <= 8, "{name} at {i}");
        }
        assert_eq!(session.position(), 100);
        let oldest = session.oldest();
        assert!(oldest >= 92, "{name}: {oldest}");
        assert_eq!(session.rewind(oldest - 1), Err(StepError::Rewind { oldest, position: 100 }));
        assert_eq!(session.token(oldest - 1), None);
        session.rewind(oldest + 2).unwrap();
        session.step(5).unwrap();
    }
}

/// A window of a sliding context must give what the same window gives from the start: with rotary positions
/// in the first layer exactly, because only differences of positions count there.
#[test]
fn one_layer_rotary_model_sees_only_its_window() {
    let (_, config) = variants().into_iter().find(|(name, _)| name.starts_with("llama, g")).unwrap();
    let config = config.with(|c| c.n_layer = 1);
    let (_, blob) = model(config, 4);
    let parsed = blob.model().unwrap();
    let (mut a, mut b) = (Memory::exact(&config, 8), Memory::exact(&config, 8));
    let (mut long, mut fresh) = (a.session(&parsed, 8), b.session(&parsed, 8));
    let text = tokens(40);
    let slid = long.prefill(&text).unwrap().values().to_vec();
    let window = fresh.prefill(&text[32..]).unwrap().values().to_vec();
    let largest = |values: &mut dyn Iterator<Item = i32>| values.fold(0, |max, v| v.unsigned_abs().max(max));
    let difference = largest(&mut slid.iter().zip(&window).map(|(a, b)| a - b));
    // Keys that were turned further are rounded otherwise.
    assert!(difference < largest(&mut slid.iter().copied()) / 33, "{difference}");
}

#[test]
fn learned_positions_restart_with_the_newer_half() {
    let (_, config) = variants().remove(0);
    let (_, blob) = model(config, 5);
    let parsed = blob.model().unwrap();
    let (mut a, mut b) = (Memory::exact(&config, 8), Memory::exact(&config, 8));
    let (mut long, mut fresh) = (a.session(&parsed, 8), b.session(&parsed, 8));
    let slid = bits(long.prefill(&tokens(9)).unwrap());
    assert_eq!(slid, bits(fresh.prefill(&tokens(9)[4..]).unwrap()));
}

#[test]
fn errors_say_what_is_needed_and_change_nothing() {
    let (_, config) = variants().remove(0);
    let (_, blob) = model(config, 6);
    let parsed = blob.model().unwrap();
    let mut memory = Memory::exact(&config, 8);
    let mut session = memory.session(&parsed, 8);
    assert_eq!(session.prefill(&[]).unwrap_err(), StepError::EmptyPrompt);
    let bad = StepError::TokenOutOfRange { token: N_VOCAB as u16, n_vocab: N_VOCAB };
    assert_eq!(session.prefill(&[1, 2, N_VOCAB as u16]).unwrap_err(), bad);
    assert_eq!(session.position(), 0);
    assert_eq!(session.rewind(1).unwrap_err(), StepError::Rewind { oldest: 0, position: 0 });

    for context in [0, config.n_ctx + 1] {
        let error = Session::new(&parsed, context, Memory::exact(&config, 8).buffers()).unwrap_err();
        assert_eq!(error, SessionError::Context { n_ctx: config.n_ctx });
    }
    let needed = config.kv_words(8);
    let (mut kv, mut scratch) = (vec![0; needed - 1], vec![0; config.scratch_words(8)]);
    let error = Session::new(&parsed, 8, Buffers { kv: &mut kv, scratch: &mut scratch }).unwrap_err();
    assert_eq!(error, SessionError::Kv(CapacityError { needed, given: needed - 1 }));
    let (mut kv, mut scratch) = (vec![0; needed], vec![]);
    let error = Session::new(&parsed, 8, Buffers { kv: &mut kv, scratch: &mut scratch }).unwrap_err();
    assert_eq!(error, SessionError::Scratch(CapacityError { needed: config.scratch_words(8), given: 0 }));
}

#[test]
fn contents_of_the_buffers_do_not_matter() {
    for (name, config) in variants() {
        let (_, blob) = model(config, 7);
        let parsed = blob.model().unwrap();
        let mut dirty = Memory::exact(&config, 8);
        let (mut kv, mut scratch) = (vec![0; config.kv_words(8)], vec![0; config.scratch_words(8)]);
        let mut a = Session::new(&parsed, 8, dirty.buffers()).unwrap();
        let buffers = Buffers { kv: &mut kv, scratch: &mut scratch };
        let mut b = Session::new(&parsed, 8, buffers).unwrap();
        assert_eq!(bits(a.prefill(&tokens(20)).unwrap()), bits(b.prefill(&tokens(20)).unwrap()), "{name}");
    }
}

#[test]
fn sizes_too_large_for_the_target_saturate() {
    let (_, config) = variants().remove(3);
    assert_eq!(config.kv_words(usize::MAX), usize::MAX);
    assert_eq!(config.scratch_words(usize::MAX), usize::MAX);
}

#[test]
fn tensors_that_are_not_there_have_no_bytes() {
    use embedded_gpt::format::tensor::Role;
    let (_, config) = variants().remove(3);
    let (_, blob) = model(config, 9);
    let parsed = blob.model().unwrap();
    assert!(!parsed.tensor(Role::Query, config.n_layer - 1).bytes.is_empty());
    for (role, layer) in
        [(Role::Query, config.n_layer), (Role::Query, usize::MAX), (Role::TokenEmbedding, 1), (Role::QueryBias, 0)]
    {
        assert!(parsed.tensor(role, layer).bytes.is_empty(), "{role:?} {layer}");
    }
}
