//! What the next letters promise: the model's own probabilities over all ways to part a text into tokens.

use std::collections::BTreeMap;

use embedded_gpt::{
    Aligned, Config, Logits, Model, NextLetter, NextLetters, Phrase, PhraseOptions, Progress, Session, SuggestOptions,
    Suggester, Suggestion, TokenId, Vocab, Workspace, include_model,
};

static DEMO: &Aligned<[u8]> = include_model!("../models/demo.egpt");
const CONFIG: Config = Config::of(&DEMO.0);
type Ram = Workspace<{ CONFIG.kv_words(64) }, { CONFIG.scratch_words(64) }>;

fn letters_of(letters: &mut NextLetters, suggester: &mut Suggester<'_>, text: &str) {
    while suggester.poll(text) == Progress::Working {}
    let before = suggester.decode_steps();
    let mut last = before;
    while letters.poll(suggester) == Progress::Working {
        assert!(suggester.decode_steps() - last <= 1, "{text:?}: a slice is a step");
        last = suggester.decode_steps();
    }
}

fn probs_of(logits: Logits<'_>) -> Vec<f64> {
    let total = f64::from(logits.log_sum_exp());
    logits.values().iter().map(|&x| ((f64::from(x) - total) / 65_536.0).exp()).collect()
}

/// Sums over all paths of tokens that agree with what was typed, by following each of them.
struct Oracle<'m> {
    model: &'m Model<'m>,
    session: Session<'m>,
    sums: BTreeMap<Option<char>, f64>,
    total: f64,
}

impl Oracle<'_> {
    fn follow(&mut self, probs: Vec<f64>, prob: f64, rest: &[u8]) {
        let position = self.session.position();
        for (token, p) in probs.into_iter().enumerate() {
            let bytes = self.model.vocab().bytes(token as TokenId, &mut [0; Vocab::MAX_TOKEN_BYTES]).to_vec();
            let agrees = bytes.iter().zip(rest).all(|(a, b)| a.eq_ignore_ascii_case(b));
            if !agrees || bytes.is_empty() && !rest.is_empty() {
                continue;
            }
            if !bytes.is_empty() && bytes.len() <= rest.len() {
                if prob * p > 1e-9 {
                    let next = probs_of(self.session.step(token as TokenId).unwrap());
                    self.follow(next, prob * p, &rest[bytes.len()..]);
                    self.session.rewind(position).unwrap();
                }
                continue;
            }
            self.total += prob * p;
            let start = &bytes[rest.len().min(bytes.len())..];
            let text = String::from_utf8_lossy(&start[..start.len().min(4)]).into_owned();
            let c = text.chars().next().filter(|&c| c != '\u{FFFD}');
            if c.is_some() || bytes.is_empty() {
                let is_word = |c: &char| c.is_alphanumeric() || matches!(c, '\'' | '-');
                *self.sums.entry(c.filter(is_word).map(|c| c.to_ascii_lowercase())).or_default() += prob * p;
            }
        }
    }
}

/// Context, what was typed of the word with its space, and their oracle.
fn oracle(model: &Model<'_>, context: &str, typed: &str) -> BTreeMap<Option<char>, f64> {
    let mut ram = Box::new(Ram::new());
    let mut session = Session::new(model, 64, ram.buffers()).unwrap();
    let mut room = [0; 64];
    let vocab = model.vocab();
    let mut tokens: Vec<TokenId> = vocab.start_of_text().into_iter().collect();
    tokens.extend_from_slice(vocab.encode(context, &mut room).unwrap());
    let probs = probs_of(session.prefill(&tokens).unwrap());
    let mut oracle = Oracle { model, session, sums: BTreeMap::new(), total: 0.0 };
    oracle.follow(probs, 1.0, typed.as_bytes());
    let total = oracle.total;
    oracle.sums.into_iter().map(|(letter, sum)| (letter, sum / total)).collect()
}

#[test]
fn letters_have_the_probabilities_of_all_paths() {
    let model = Model::parse(&DEMO.0).unwrap();
    let mut ram = Box::new(Ram::new());
    let mut suggester = Suggester::new(Session::new(&model, 64, ram.buffers()).unwrap(), SuggestOptions::DEFAULT);
    let mut letters = NextLetters::new(200);
    for (context, typed) in [
        ("how", " "),
        ("how are", " y"),
        ("how are", " yo"),
        ("see you", " tomo"),
        ("", "wha"),
        ("i am", " 2"),
        ("(", "a"),
    ] {
        letters_of(&mut letters, &mut suggester, &format!("{context}{typed}"));
        let expected = oracle(&model, context, typed);
        for (&letter, &wanted) in expected.iter().filter(|(_, wanted)| **wanted > 1e-3) {
            let got = (f64::from(letters.log_prob(letter)) / 65_536.0).exp();
            assert!((got - wanted).abs() < 0.02 * wanted + 3e-3, "{context:?} {typed:?} {letter:?}: {got}, {wanted}");
        }
    }
}

#[test]
fn the_best_letters_come_first_and_sum_to_no_more_than_all() {
    let model = Model::parse(&DEMO.0).unwrap();
    let mut ram = Box::new(Ram::new());
    let mut suggester = Suggester::new(Session::new(&model, 64, ram.buffers()).unwrap(), SuggestOptions::DEFAULT);
    let mut letters = NextLetters::new(6);
    for text in ["", "h", "how ", "how are you", "THANK YO", "I don", "x", "qqqqq", "\u{E9}t"] {
        letters_of(&mut letters, &mut suggester, text);
        let mut slots = [NextLetter::EMPTY; 40];
        let all = letters.best(&mut slots);
        assert!(text == "qqqqq" || !all.is_empty(), "{text:?}");
        assert!(all.is_sorted_by_key(|letter| -letter.log_prob()), "{text:?}");
        let sum: f64 = all.iter().map(|letter| (f64::from(letter.log_prob()) / 65_536.0).exp()).sum();
        assert!(sum < 1.001 && all.iter().all(|letter| letter.log_prob() < 0), "{text:?}: {sum}");
        assert!(all.iter().all(|a| all.iter().filter(|b| a.letter() == b.letter()).count() == 1), "{text:?}");
        assert!(all.iter().all(|letter| letters.log_prob(letter.letter()) == letter.log_prob()));
        let mut few = [NextLetter::EMPTY; 3];
        assert_eq!(letters.best(&mut few), &all[..3.min(all.len())]);
    }
    let unknown = (f64::from(letters.log_prob(Some('\u{4E00}'))) / 65_536.0).exp();
    assert!((unknown - 1.0 / 512.0 / 64.0).abs() < 1e-7, "{unknown}");
}

#[test]
fn a_letter_leaves_no_trace_in_the_words() {
    let model = Model::parse(&DEMO.0).unwrap();
    let (mut ram, mut other) = (Box::new(Ram::new()), Box::new(Ram::new()));
    let mut with = Suggester::new(Session::new(&model, 64, ram.buffers()).unwrap(), SuggestOptions::DEFAULT);
    let mut without = Suggester::new(Session::new(&model, 64, other.buffers()).unwrap(), SuggestOptions::DEFAULT);
    let (mut slots, mut others) = ([Suggestion::EMPTY; 3], [Suggestion::EMPTY; 3]);
    let mut letters = NextLetters::new(6);
    for (i, text) in
        ["", "s", "sa", "say", "say ", "say h", "say he", "say h", "sa", "sam", "sam ", "x,"].iter().enumerate()
    {
        let found = with.suggest(text, &mut slots);
        assert_eq!(found, without.suggest(text, &mut others), "{text:?}");
        // Some are left half way, and others take what they began.
        for _ in 0..i {
            letters.poll(&mut with);
        }
        if let Some(first) = found.first() {
            Phrase::after(first, PhraseOptions::DEFAULT).poll(&mut with);
        }
        let again = with.suggest(text, &mut others);
        assert_eq!(again, slots.get(..again.len()).unwrap(), "{text:?} once more");
    }
    assert_eq!(letters.poll(&mut with), Progress::Done, "no word can stand here");
}
