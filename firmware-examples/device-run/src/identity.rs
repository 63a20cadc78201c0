//! What a model computes and says, printed so that it can be compared: to the last bit the same on every target.

use core::fmt::{self, Write};

use embedded_gpt::{
    Classifier, Generator, GeneratorOptions, Model, Phrase, PhraseOptions, Progress, Sampler, Session, SuggestOptions,
    Suggester, Suggestion, UserDictionary,
};

use crate::{Board, LogitsHash, Meter, RunError, buffers, context};

/// Whether Miri interprets this, a thousand times slower than a processor: then only a part is run.
const IS_INTERPRETED: bool = cfg!(miri);
/// Tokens of the long run: more than the context holds, so that it slides.
const N_TOKENS: usize = if IS_INTERPRETED { 4 } else { 300 };
/// After how many of them the hash so far is printed.
const MARKS: [usize; 2] = [1, 32];

const PROMPT: &str = "how are you";
/// Tokens that are generated after it.
const N_WRITTEN: usize = 48;

/// Tokens that suggestions look back.
const SUGGEST_CONTEXT: usize = 64;
/// Suggestions a keyboard has room for.
const N_SUGGESTIONS: usize = 3;
/// Texts one after the other, as a person types, goes back and starts again.
const TYPED: [&str; 16] = [
    "",
    "see you tom",
    "see you to",
    "see you ton",
    "How are y",
    "Thank you so m",
    "i am going to ",
    "WE ARE GO",
    "Hello, my na",
    "what do you want to do? i",
    "i don't kn",
    "no, not yesterday,",
    "(he said \"tomo",
    "good morning\nthank y",
    "un caf\u{E9} cr",
    // Longer than the context.
    "this is a long message: I was at the station this morning, and then I went to the park to see my old friends, but \
     nobody was there. so I went home again, made some tea, and read a book by the window. it was a good day after all, \
     and I think that we should all meet at the lake tomor",
];
/// What a person has sent, and is typing now.
const LEARNED: &str = "Meet Zdenka at the Kirchplatz\nwe meet Zdenka at the Kirchplatz tomorrow\n";
const TYPED_AGAIN: [&str; 3] = ["meet ", "at the k", "we meet z"];
/// Texts whose first suggestion goes on as a phrase.
const BEFORE_PHRASES: [&str; 3] = ["how a", "nice to meet you, how are ", "i don't "];

/// Texts for models with labels.
const ORDERS: [&str; 4] = [
    "could you make it a bit brighter in the kitchen",
    "wake me up in 20 minutes",
    "it is too cold in the office",
    "no more songs in the garden, thanks",
];

/// Prints the hash of all logits of a greedy run and what its tokens take; then generated texts, suggestions,
/// phrases and labels.
///
/// # Errors
/// [`RunError`] of the call that failed, that of a session if the memory is too small for the model.
pub fn bit_identity(model: &Model<'_>, ram: &mut [u32], board: &mut impl Board) -> Result<(), RunError> {
    let long = context(model.config());
    let short = long.min(SUGGEST_CONTEXT);
    logits(Session::new(model, long, buffers(model, ram, long))?, board)?;
    let samplers = [("greedy", Sampler::greedy()), ("sampled", Sampler::new(0.8, 7).with_top_k(40).with_top_p(0.9))];
    for (name, sampler) in samplers.into_iter().filter(|_| !IS_INTERPRETED) {
        write!(board, "{name} text: {PROMPT}")?;
        generate(Session::new(model, short, buffers(model, ram, short))?, sampler, &mut Escaped(board))?;
        writeln!(board)?;
    }
    suggest(Suggester::new(Session::new(model, short, buffers(model, ram, short))?, SuggestOptions::DEFAULT), board)?;
    let mut memory = [0; 512];
    let dictionary = UserDictionary::new(&mut memory)?;
    let mut suggester =
        Suggester::new(Session::new(model, short, buffers(model, ram, short))?, SuggestOptions::DEFAULT);
    suggester.set_user_dictionary(dictionary);
    learn(suggester, board)?;
    if let Ok(classifier) = Classifier::new(Session::new(model, short, buffers(model, ram, short))?) {
        classify(classifier, board)?;
    }
    Ok(())
}

fn logits(mut session: Session<'_>, board: &mut impl Board) -> Result<(), RunError> {
    let mut meter = Meter::new();
    let mut token = 0;
    for n in 1..=N_TOKENS {
        token = meter.step(&mut session, token, &mut Sampler::greedy(), board)?;
        if MARKS.contains(&n) {
            writeln!(board, "first {n} tokens: logits {:#018x}", meter.hash())?;
        }
    }
    if IS_INTERPRETED { Ok(()) } else { meter.report(board) }
}

fn generate(session: Session<'_>, sampler: Sampler, out: &mut impl Write) -> Result<(), RunError> {
    let options = GeneratorOptions { sampler, max_tokens: N_WRITTEN, ..Default::default() };
    let mut generator = Generator::new(session, options);
    while generator.n_written() < N_WRITTEN {
        if generator.poll(PROMPT, out)? == Progress::Done && generator.n_written() < N_WRITTEN {
            // What comes now is another text.
            writeln!(out)?;
        }
    }
    Ok(())
}

fn suggest(mut suggester: Suggester<'_>, board: &mut impl Board) -> Result<(), RunError> {
    let typed = if IS_INTERPRETED { &TYPED[..3] } else { &TYPED[..] };
    for typed in typed {
        offer(&mut suggester, "suggestions", typed, board)?;
    }
    for typed in BEFORE_PHRASES.into_iter().filter(|_| !IS_INTERPRETED) {
        let mut slots = [Suggestion::EMPTY; N_SUGGESTIONS];
        let Some(first) = suggester.suggest(typed, &mut slots).first() else { continue };
        let mut phrase = Phrase::after(first, PhraseOptions { min_percent: 5, ..PhraseOptions::DEFAULT });
        while phrase.poll(&mut suggester) == Progress::Working {}
        writeln!(board, "phrase after {typed:?}: {}", phrase.as_str())?;
    }
    Ok(())
}

fn learn(mut suggester: Suggester<'_>, board: &mut impl Board) -> Result<(), RunError> {
    suggester.learn(LEARNED);
    for typed in TYPED_AGAIN.into_iter().take(if IS_INTERPRETED { 1 } else { TYPED_AGAIN.len() }) {
        offer(&mut suggester, "learned suggestions", typed, board)?;
    }
    Ok(())
}

/// Prints the suggestions for a text; of a long text only the end.
fn offer(suggester: &mut Suggester<'_>, title: &str, typed: &str, board: &mut impl Board) -> Result<(), RunError> {
    let mut slots = [Suggestion::EMPTY; N_SUGGESTIONS];
    let end = typed.rsplit_once(". ").map_or(typed, |(_, end)| end);
    write!(board, "{title} after {end:?}:")?;
    for (i, suggestion) in suggester.suggest(typed, &mut slots).iter().enumerate() {
        write!(board, "{} {suggestion} {} %", if i == 0 { "" } else { "," }, suggestion.percent())?;
    }
    writeln!(board)?;
    Ok(())
}

fn classify(mut classifier: Classifier<'_>, board: &mut impl Board) -> Result<(), RunError> {
    for text in ORDERS {
        let label = classifier.classify(text).name;
        let mut hash = LogitsHash::new();
        hash.add(classifier.scores());
        writeln!(board, "label of {text:?}: {label}, scores {:#018x}", hash.value())?;
    }
    Ok(())
}

/// Writes control characters and everything beyond ASCII as Rust would in a string.
struct Escaped<'o, W>(&'o mut W);

impl<W: Write> Write for Escaped<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write!(self.0, "{}", text.escape_default())
    }
}
