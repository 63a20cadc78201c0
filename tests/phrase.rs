//! What a phrase promises: words that follow an offered one, and no trace in the suggester.

mod fixture;

use embedded_gpt::{
    Aligned, Config, Model, Phrase, PhraseOptions, Progress, Session, SuggestOptions, Suggester, Suggestion, Workspace,
    include_model,
};
use fixture::{Memory, model, variants};

const TEXTS: [&str; 6] = ["", "h", "say ", "say hello w", "one two three four five six seven eight nine te", "(quote"];

/// The phrase after the best word for a text, if there is one.
fn phrase_for(suggester: &mut Suggester<'_>, text: &str, percent: u8, most: u8) -> Option<(String, String)> {
    let mut slots = [Suggestion::EMPTY; 3];
    let first = *suggester.suggest(text, &mut slots).first()?;
    let mut phrase = Phrase::after(&first, PhraseOptions { min_percent: percent, max_words: most });
    while phrase.poll(suggester) == Progress::Working {}
    assert_eq!(phrase.poll(suggester), Progress::Done);
    Some((first.as_str().to_owned(), phrase.as_str().to_owned()))
}

static DEMO: &Aligned<[u8]> = include_model!("../models/demo.egpt");
const CONFIG: Config = Config::of(&DEMO.0);
type Ram = Workspace<{ CONFIG.kv_words(64) }, { CONFIG.scratch_words(64) }>;

/// Texts that a model of English knows how to go on with.
const ENGLISH: [&str; 6] = ["", "how a", "i don't ", "what are you d", "see you to", "nice to meet you, how are "];

#[test]
fn phrases_begin_with_the_offered_word_and_hold_words_only() {
    let model = Model::parse(&DEMO.0).unwrap();
    let mut ram = Box::new(Ram::new());
    let mut suggester = Suggester::new(Session::new(&model, 64, ram.buffers()).unwrap(), SuggestOptions::DEFAULT);
    let mut longest = 0;
    for text in ENGLISH {
        let (first, phrase) = phrase_for(&mut suggester, text, 10, 3).unwrap();
        let words: Vec<_> = phrase.split(' ').filter(|word| !word.is_empty()).collect();
        assert!(words.len() != 1 && words.len() <= 3, "{text:?}: {phrase:?}");
        assert!(words.first().is_none_or(|word| *word == first), "{text:?}: {first:?}, {phrase:?}");
        let is_word = |word: &&str| word.chars().all(|c| c.is_alphanumeric() || c == '\'' || c == '-');
        assert!(words.iter().all(is_word) && words.join(" ") == phrase, "{text:?}: {phrase:?}");
        longest = longest.max(words.len());
    }
    assert_eq!(longest, 3, "some phrase is as long as it may be");
}

#[test]
fn a_surer_phrase_is_the_start_of_a_longer_one() {
    let model = Model::parse(&DEMO.0).unwrap();
    let mut ram = Box::new(Ram::new());
    let mut suggester = Suggester::new(Session::new(&model, 64, ram.buffers()).unwrap(), SuggestOptions::DEFAULT);
    let mut lens = [0; 4];
    for text in ENGLISH {
        let mut longer = None::<String>;
        for (len, percent) in lens.iter_mut().zip([1, 20, 50, 90]) {
            let (_, phrase) = phrase_for(&mut suggester, text, percent, 4).unwrap();
            assert!(longer.is_none_or(|longer| longer.starts_with(&phrase)), "{text:?}, {percent}: {phrase:?}");
            *len += phrase.len();
            longer = Some(phrase);
        }
    }
    assert!(lens[0] > lens[1] && lens[1] > lens[3], "{lens:?}");
}

#[test]
fn an_unsure_model_has_no_phrases() {
    let (_, config) = variants().remove(3);
    let (_, blob) = model(config, 1);
    let parsed = blob.model().unwrap();
    let mut memory = Memory::exact(&config, 16);
    let mut suggester = Suggester::new(memory.session(&parsed, 16), SuggestOptions::DEFAULT);
    for text in TEXTS {
        let phrase = phrase_for(&mut suggester, text, 100, 4);
        assert!(phrase.is_none_or(|(_, phrase)| phrase.is_empty()), "{text:?}");
    }
}

#[test]
fn suggestions_are_the_same_with_phrases_in_between() {
    let texts = ["", "s", "sa", "say", "say ", "say h", "say he", "say h", "sa", "sam", "sam ", "sam a"];
    for (name, config) in variants() {
        let (_, blob) = model(config, 1);
        let parsed = blob.model().unwrap();
        let (mut memory, mut other) = (Memory::exact(&config, 16), Memory::exact(&config, 16));
        let mut with = Suggester::new(memory.session(&parsed, 16), SuggestOptions::DEFAULT);
        let mut without = Suggester::new(other.session(&parsed, 16), SuggestOptions::DEFAULT);
        let (mut slots, mut others) = ([Suggestion::EMPTY; 3], [Suggestion::EMPTY; 3]);
        for (i, text) in texts.into_iter().enumerate() {
            let found = with.suggest(text, &mut slots);
            assert_eq!(found, without.suggest(text, &mut others), "{name}: {text:?}");
            let Some(first) = found.first() else { continue };
            let mut phrase = Phrase::after(first, PhraseOptions { min_percent: 0, ..PhraseOptions::DEFAULT });
            // Some are left half way.
            for _ in 0..i % 4 {
                phrase.poll(&mut with);
            }
            let again = with.suggest(text, &mut others);
            assert_eq!(again, slots.get(..again.len()).unwrap(), "{name}: {text:?} once more");
        }
    }
}

#[test]
fn another_text_ends_a_phrase() {
    let model = Model::parse(&DEMO.0).unwrap();
    let mut ram = Box::new(Ram::new());
    let mut suggester = Suggester::new(Session::new(&model, 64, ram.buffers()).unwrap(), SuggestOptions::DEFAULT);
    let mut slots = [Suggestion::EMPTY; 1];
    let first = suggester.suggest("how a", &mut slots)[0];
    let mut phrase = Phrase::after(&first, PhraseOptions { min_percent: 1, ..PhraseOptions::DEFAULT });
    assert_eq!(phrase.poll(&mut suggester), Progress::Working);
    let wanted = suggester.suggest("how ab", &mut slots).to_vec();
    assert_eq!(phrase.poll(&mut suggester), Progress::Done);
    assert_eq!(suggester.suggest("how ab", &mut slots), wanted);
}

#[test]
fn a_phrase_takes_one_step_per_slice_and_few_of_them() {
    let model = Model::parse(&DEMO.0).unwrap();
    let mut ram = Box::new(Ram::new());
    let mut suggester = Suggester::new(Session::new(&model, 64, ram.buffers()).unwrap(), SuggestOptions::DEFAULT);
    for text in ENGLISH {
        let mut slots = [Suggestion::EMPTY; 1];
        let first = suggester.suggest(text, &mut slots)[0];
        let start = suggester.decode_steps();
        let mut phrase = Phrase::after(&first, PhraseOptions { min_percent: 0, max_words: u8::MAX });
        let mut before = start;
        while phrase.poll(&mut suggester) == Progress::Working {
            assert_eq!(suggester.decode_steps() - before, 1, "{text:?}");
            before = suggester.decode_steps();
        }
        assert!((1..=8).contains(&(suggester.decode_steps() - start)), "{text:?}");
    }
}

#[test]
fn a_phrase_ends_before_a_blocked_word() {
    let model = Model::parse(&DEMO.0).unwrap();
    let mut ram = Box::new(Ram::new());
    let mut suggester = Suggester::new(Session::new(&model, 64, ram.buffers()).unwrap(), SuggestOptions::DEFAULT);
    let (_, phrase) = phrase_for(&mut suggester, "how a", 10, 4).unwrap();
    let words: Vec<_> = phrase.split(' ').collect();
    assert!(words.len() > 2 && !words[..2].contains(&words[2]), "{phrase:?}");
    let blocked = words[2].to_uppercase();
    let blocked = [blocked.as_str()];
    let mut ram = Box::new(Ram::new());
    let mut suggester = Suggester::new(
        Session::new(&model, 64, ram.buffers()).unwrap(),
        SuggestOptions { blocked: &blocked, ..SuggestOptions::DEFAULT },
    );
    let (_, shorter) = phrase_for(&mut suggester, "how a", 10, 4).unwrap();
    assert_eq!(shorter, words[..2].join(" "));
}
