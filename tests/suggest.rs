//! What a suggester promises, with models that know nothing: the letters, the limits, and independence of history.

mod fixture;

use embedded_gpt::text::MAX_WORD_BYTES;
use embedded_gpt::{
    Aligned, Config, Model, Progress, Session, SuggestOptions, Suggester, Suggestion, Vocab, Workspace, include_model,
};
use fixture::{Memory, demo_in_small_letters, model, variants};

fn with_budget(budget: u16) -> SuggestOptions<'static> {
    SuggestOptions { budget, ..SuggestOptions::DEFAULT }
}

static DEMO: &Aligned<[u8]> = include_model!("../models/demo.egpt");
const CONFIG: Config = Config::of(&DEMO.0);

/// All suggestions for each text in turn, from one suggester.
fn suggest_all(config: embedded_gpt::Config, seed: u64, budget: u16, texts: &[&str]) -> Vec<Vec<String>> {
    let (_, blob) = model(config, seed);
    let parsed = blob.model().unwrap();
    let mut memory = Memory::exact(&config, 16);
    let mut suggester = Suggester::new(memory.session(&parsed, 16), with_budget(budget));
    let mut slots = [Suggestion::EMPTY; 3];
    let mut all = Vec::new();
    for text in texts {
        let found = suggester.suggest(text, &mut slots);
        all.push(found.iter().map(|s| s.as_str().to_owned()).collect());
    }
    all
}

const TEXTS: [&str; 14] = [
    "",
    "h",
    "he",
    "say hello w",
    "say ",
    "say hello\n",
    "one two three four five six seven eight nine te",
    "don't wor",
    "über gr",
    "  two  sp",
    "(quote",
    "日本語 の",
    "sehr Ü",
    "привет Р",
];

#[test]
fn suggestions_are_distinct_words_that_start_with_the_typed_letters() {
    for (name, config) in variants() {
        let mut n_found = 0;
        for (text, found) in TEXTS.iter().zip(suggest_all(config, 1, 200, &TEXTS)) {
            let letters = text.rsplit(|c: char| !c.is_alphanumeric() && c != '\'').next().unwrap();
            for (i, word) in found.iter().enumerate() {
                let is_completion = word.to_lowercase().starts_with(&letters.to_lowercase());
                assert!(is_completion, "{name}: {word:?} for {text:?}");
                let is_word = word.chars().all(|c| c.is_alphanumeric() || c == '\'' || c == '-');
                assert!(is_word, "{name}: {word:?} for {text:?}");
                assert!(!found[..i].contains(word), "{name}: {word:?} twice for {text:?}");
            }
            n_found += found.len();
        }
        assert!(n_found > 6, "{name}: {n_found} words for all texts");
    }
}

/// Another context in between makes a suggester forget how a word was typed.
#[test]
fn words_typed_before_do_not_change_what_is_suggested() {
    let (_, config) = variants().remove(3);
    let texts = ["he", "hello ", "hel", "hello w", "hello", "hello ", "hello wo th", "hel"];
    let in_one_go = suggest_all(config, 2, 20, &texts);
    for (text, with_history) in texts.iter().zip(in_one_go) {
        assert_eq!(with_history, suggest_all(config, 2, 20, &[text])[0], "{text:?}");
    }
}

#[test]
fn further_letters_and_backspace_leave_what_fits() {
    for (name, config) in variants() {
        let texts = ["h", "he", "hel", "he", "h", "", "w", "wo", "w", "h", "he"];
        for (text, found) in texts.iter().zip(suggest_all(config, 2, 8, &texts)) {
            // A letter may have an accent that was not typed.
            let plain = |word: &str| word.to_lowercase().replace(['ħ', 'ĥ'], "h").replace('ŵ', "w");
            let starts = |word: &String| plain(word).starts_with(text) && word != text;
            assert!(found.iter().all(starts), "{name}: {found:?} for {text:?}");
        }
    }
}

/// Polling does the same work as one call, in slices of at most two tokens: one to start a text, one to go on.
#[test]
fn polling_is_suggesting_in_slices() {
    let (_, config) = variants().remove(3);
    let (_, blob) = model(config, 9);
    let parsed = blob.model().unwrap();
    let (mut memory, mut other) = (Memory::exact(&config, 16), Memory::exact(&config, 16));
    let mut whole = Suggester::new(memory.session(&parsed, 16), with_budget(9));
    let mut sliced = Suggester::new(other.session(&parsed, 16), with_budget(9));
    let (mut slots, mut sliced_slots) = ([Suggestion::EMPTY; 3], [Suggestion::EMPTY; 3]);
    for text in TEXTS.iter().chain(&["say hello t", "say hello to", "say hello"]) {
        let mut before = sliced.decode_steps();
        while sliced.poll(text) == Progress::Working {
            assert!(sliced.decode_steps() - before <= 1, "{text:?}");
            before = sliced.decode_steps();
            sliced.best(&mut sliced_slots);
        }
        assert_eq!(whole.suggest(text, &mut slots), sliced.best(&mut sliced_slots), "{text:?}");
    }
    assert_eq!(whole.decode_steps(), sliced.decode_steps());
}

/// Words blocked, passed over or too improbable are not offered; others take their places.
#[test]
fn options_hold_words_back() {
    let (_, config) = variants().remove(3);
    let (_, blob) = model(config, 5);
    let parsed = blob.model().unwrap();
    let all = |suggester: &mut Suggester<'_>, text: &str| -> Vec<String> {
        let mut slots = [Suggestion::EMPTY; 3];
        suggester.suggest(text, &mut slots).iter().map(|s| s.as_str().to_owned()).collect()
    };
    let mut memory = Memory::exact(&config, 16);
    let first = all(&mut Suggester::new(memory.session(&parsed, 16), with_budget(60)), "he")[0].clone();
    let blocked = [first.as_str()];
    let mut suggester =
        Suggester::new(memory.session(&parsed, 16), SuggestOptions { blocked: &blocked, ..with_budget(60) });
    assert!(!all(&mut suggester, "he").contains(&first));
    let mut suggester =
        Suggester::new(memory.session(&parsed, 16), SuggestOptions { new_only: true, ..with_budget(60) });
    let shown = all(&mut suggester, "h");
    assert!(!shown.is_empty() && all(&mut suggester, "he").iter().all(|word| !shown.contains(word)));
    assert!(shown.iter().any(|word| {
        all(&mut suggester, "say hello\n");
        all(&mut suggester, "h").contains(word)
    }));
    suggester.set_options(SuggestOptions { min_percent: 101, ..with_budget(60) });
    assert!(all(&mut suggester, "he").is_empty());
}

#[test]
fn nothing_to_spend_or_to_fill_means_no_suggestions() {
    let (_, config) = variants().remove(3);
    assert!(suggest_all(config, 3, 0, &TEXTS).iter().all(Vec::is_empty));
    let (_, blob) = model(config, 3);
    let parsed = blob.model().unwrap();
    let mut memory = Memory::exact(&config, 16);
    let mut suggester = Suggester::new(memory.session(&parsed, 16), SuggestOptions::DEFAULT);
    assert!(suggester.suggest("he", &mut []).is_empty());
}

#[test]
fn very_long_texts_and_words_are_taken() {
    for (_, config) in variants() {
        let word = "a".repeat(5_000);
        let text = "many words in a row ".repeat(500);
        let texts = [word.as_str(), &text, &text[..9_000], &word];
        let found = suggest_all(config, 4, 4, &texts);
        assert!(found[0].is_empty() && found[3].is_empty());
    }
}

#[test]
fn better_suggestions_come_first() {
    let (_, config) = variants().remove(3);
    let (_, blob) = model(config, 5);
    let parsed = blob.model().unwrap();
    let mut memory = Memory::exact(&config, 16);
    let mut suggester = Suggester::new(memory.session(&parsed, 16), with_budget(300));
    let mut slots = [Suggestion::EMPTY; 8];
    let found = suggester.suggest("he", &mut slots);
    assert!(found.len() > 1);
    assert!(found.windows(2).all(|pair| pair[0].log_prob() >= pair[1].log_prob()));
    assert!(found.iter().all(|s| s.log_prob() < 0));
}

/// Whatever was typed before, a suggester says what a fresh one would: after a long text was cleared, replaced or
/// deleted backwards, and after a paste.
#[test]
fn long_texts_leave_no_trace() {
    let long = "some words that go on and on until the context has slid away ".repeat(8);
    let deleted: Vec<String> = (0..long.len()).rev().step_by(9).map(|n| long[..n].to_owned()).collect();
    let pasted = format!("hello there t {long}");
    let spaceless = "one,two,three,".repeat(40);
    for (name, config) in variants() {
        let mut texts = vec![long.as_str(), "i will see you tom", "hello there t", &pasted, &spaceless, "hello w"];
        texts.extend(deleted.iter().rev().take(3).rev().map(String::as_str));
        let after_each_other = suggest_all(config, 6, 12, &texts);
        for (text, found) in texts.iter().zip(after_each_other) {
            assert_eq!(found, suggest_all(config, 6, 12, &[text])[0], "{name}: {text:?}");
        }
    }
}

/// A search may not push out the context that it began with, however short that is.
#[test]
fn the_shortest_contexts_work() {
    for (name, config) in variants() {
        let (_, blob) = model(config, 7);
        let parsed = blob.model().unwrap();
        for context in [1, 2, 3, 4, 7, 12, 16] {
            let mut memory = Memory::exact(&config, context);
            let mut suggester = Suggester::new(memory.session(&parsed, context), SuggestOptions::DEFAULT);
            let mut slots = [Suggestion::EMPTY; 3];
            for n in 0..60 {
                let text = &"hello hello world we all hold hollow wells here and there now"[..n];
                let found = suggester.suggest(text, &mut slots);
                assert!(found.iter().all(|word| !word.as_str().is_empty()), "{name}, context {context}: {text:?}");
            }
            let context_tokens = suggester.context_tokens().count();
            assert!(context_tokens >= context / 2, "{name}, context {context}: {context_tokens} tokens left");
        }
    }
}

/// A word of so many letters that has few tokens, made of the longest ones.
fn long_word(model: &Model<'_>, len: usize) -> String {
    let vocab = model.vocab();
    let tokens = (0..model.config().n_vocab).filter_map(|token| {
        let mut bytes = [0; Vocab::MAX_TOKEN_BYTES];
        String::from_utf8(vocab.bytes(token as u16, &mut bytes).to_vec()).ok()
    });
    let mut tokens: Vec<_> =
        tokens.filter(|token| token.trim_start().bytes().all(|b| b.is_ascii_lowercase())).collect();
    tokens.sort_by_key(|token| std::cmp::Reverse(token.len()));
    let (starts, parts): (Vec<_>, Vec<_>) = tokens.iter().partition(|token| token.starts_with(' '));
    let mut word = starts[0].trim_start().to_owned();
    let mut parts = parts.into_iter();
    while word.len() < len {
        let left = len - word.len();
        word += parts.by_ref().find(|part| part.len() <= left).unwrap();
    }
    word
}

#[test]
fn the_longest_words_are_offered_whole_or_not_at_all() {
    let demo = Model::parse(&DEMO.0).unwrap();
    let [longest, too_long] = [MAX_WORD_BYTES, MAX_WORD_BYTES + 1].map(|len| long_word(&demo, len));
    let file = demo_in_small_letters(&format!("say {longest} or {too_long}\n"));
    let model = file.model().unwrap();
    let mut memory = Memory::exact(model.config(), 64);
    let mut suggester = Suggester::new(memory.session(&model, 64), with_budget(400));
    let mut slots = [Suggestion::EMPTY; 16];
    for (word, is_offered) in [(&longest, true), (&too_long, false)] {
        for n in [word.len() / 2, word.len() - 2, word.len() - 1] {
            let found = suggester.suggest(&format!("say {}", &word[..n]), &mut slots);
            let is_found = found.iter().any(|offered| offered.as_str() == word);
            assert_eq!(is_found, is_offered, "{n} letters of {word:?}: {found:?}");
            assert!(found.iter().all(|offered| offered.as_str().starts_with(&word[..n])), "{found:?}");
        }
    }
}

/// Most listed words were counted behind a space, which they do not have at the start of a line or behind a quote.
#[test]
fn a_line_may_start_with_any_listed_word() {
    let model = Model::parse(&DEMO.0).unwrap();
    let mut ram = Box::new(Workspace::<{ CONFIG.kv_words(64) }, { CONFIG.scratch_words(64) }>::new());
    let mut suggester = Suggester::new(Session::new(&model, 64, ram.buffers()).unwrap(), SuggestOptions::DEFAULT);
    let mut slots = [Suggestion::EMPTY; 3];
    for (text, word) in [("tomo", "Tomorrow"), ("see you\nshopp", "Shopping"), ("he said \"tomo", "tomorrow")] {
        let found = suggester.suggest(text, &mut slots);
        assert!(found.iter().any(|offered| offered.as_str() == word), "{text:?}: {found:?}");
    }
}

#[test]
fn capitals_come_from_the_word_list_where_the_model_has_none() {
    let file =
        demo_in_small_letters("we went to Utah with people of BYU, and i was, I think I'm fine; to utah\nUnder\n");
    let model = file.model().unwrap();
    let mut memory = Memory::exact(model.config(), 64);
    let mut suggester = Suggester::new(memory.session(&model, 64), SuggestOptions::DEFAULT);
    let mut slots = [Suggestion::EMPTY; 3];
    for (text, word) in [
        ("we went to u", "Utah"),
        ("we went to UT", "UTAH"),
        ("WE WENT TO ut", "Utah"),
        ("people of b", "BYU"),
        ("people of By", "By"),
        ("so i'", "I'm"),
        ("so ", "I"),
        ("here und", "under"),
        ("Und", "Under"),
        ("we wen", "went"),
        ("Fine. wen", "Went"),
    ] {
        let found = suggester.suggest(text, &mut slots);
        assert!(found.iter().any(|offered| offered.as_str().starts_with(word)), "{text:?}: {found:?}");
    }
}

#[test]
fn a_model_of_small_letters_reads_capitals_as_those() {
    let file = demo_in_small_letters("I see you tomorrow or tomato. Über\n");
    let model = file.model().unwrap();
    let mut memory = Memory::exact(model.config(), 64);
    let mut suggester = Suggester::new(memory.session(&model, 64), SuggestOptions::DEFAULT);
    let text = "When I was in the US Über DAS, I thought that We COULD see YOU tom";
    let suggest = |suggester: &mut Suggester<'_>, text: &str| {
        let mut slots = [Suggestion::EMPTY; 3];
        let before = suggester.decode_steps();
        let found: Vec<_> =
            suggester.suggest(text, &mut slots).iter().map(|word| (word.to_string(), word.log_prob())).collect();
        (found, suggester.decode_steps() - before)
    };
    let (small, _) = suggest(&mut suggester, &text.to_lowercase());
    assert!(!small.is_empty());
    let (_, n_steps) = suggest(&mut suggester, text);
    assert!(n_steps <= 6, "{n_steps} steps: the same text was read again");
    suggest(&mut suggester, "");
    let (found, _) = suggest(&mut suggester, text);
    assert_eq!(found, small, "in whatever case");
    let (_, n_steps) = suggest(&mut suggester, &format!("{text}o"));
    assert!(n_steps <= 6, "{n_steps} steps for a letter");
}

/// The words shown save more keystrokes than the likeliest ones would: a word that the next letter brings anyway can
/// wait. And the first word is the one that would be shown alone.
#[test]
fn words_that_save_more_come_first() {
    let model = Model::parse(&DEMO.0).unwrap();
    let mut ram = Box::new(Workspace::<{ CONFIG.kv_words(64) }, { CONFIG.scratch_words(64) }>::new());
    let mut suggester = Suggester::new(Session::new(&model, 64, ram.buffers()).unwrap(), SuggestOptions::DEFAULT);
    let (mut saved_by_shown, mut saved_by_likeliest) = (0.0, 0.0);
    for letters in ["w", "t", "i", "th", "wh", "yo", "ho", "wa", "the", "hav", "you", "som", "any", "wher", "goin"] {
        let text = format!("i think {letters}");
        let (mut slots, mut all, mut alone) = ([Suggestion::EMPTY; 3], [Suggestion::EMPTY; 16], [Suggestion::EMPTY; 1]);
        let all = suggester.suggest(&text, &mut all).to_vec();
        let shown = suggester.best(&mut slots).to_vec();
        assert_eq!(suggester.best(&mut alone), &shown[..1], "{text:?}");
        let mut likeliest = all.clone();
        likeliest.sort_by_key(|word| std::cmp::Reverse(word.log_prob()));
        likeliest.truncate(shown.len());
        for word in &all {
            let Some(left) = word.as_str().get(letters.len()..).filter(|left| !left.is_empty()) else { continue };
            let next = suggester.suggest(&format!("{text}{}", &left[..1]), &mut slots);
            let is_next = next.iter().any(|other| other.as_str() == word.as_str());
            let saved = |list: &[Suggestion]| {
                let n_saved = if list.contains(word) { left.len() } else { usize::from(is_next) * (left.len() - 1) };
                (word.log_prob() as f32 / 65_536.0).exp() * n_saved as f32
            };
            saved_by_shown += saved(&shown);
            saved_by_likeliest += saved(&likeliest);
        }
    }
    assert!(saved_by_shown > saved_by_likeliest, "{saved_by_shown} and {saved_by_likeliest}");
}
