//! Labels for texts, with the small model that sorts orders for a house.

use embedded_gpt::{Aligned, Classifier, Config, Error, Model, Sampler, Session, Workspace, include_model};

static BLOB: &Aligned<[u8]> = include_model!("../models/orders.egpt");
static WITHOUT_LABELS: &Aligned<[u8]> = include_model!("../models/demo.egpt");
const CONFIG: Config = Config::of(&BLOB.0);
const CONTEXT: usize = 48;
type Ram = Workspace<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>;

fn with_classifier<T>(context: usize, test: impl FnOnce(&mut Classifier<'_>) -> T) -> T {
    let model = Model::parse(&BLOB.0).unwrap();
    let mut ram = Ram::new();
    test(&mut Classifier::new(Session::new(&model, context, ram.buffers()).unwrap()).unwrap())
}

#[test]
fn orders_are_sorted_by_what_they_are_about() {
    with_classifier(CONTEXT, |classifier| {
        assert_eq!(classifier.labels().collect::<Vec<_>>(), ["alarm", "heating", "light", "music"]);
        for (text, label) in [
            ("turn off the light in the hall", "light"),
            ("could you wake me in 5 minutes please", "alarm"),
            ("it is too cold in the office", "heating"),
            ("put a song on in the garage", "music"),
        ] {
            let class = classifier.classify(text);
            assert_eq!((class.name, classifier.labels().nth(class.index)), (label, Some(label)), "{text}");
            assert!((-0.7..=0.0).contains(&class.log_prob()), "{text}: {}", class.log_prob());
            assert_eq!(usize::from(classifier.scores().argmax()), class.index);
            assert_eq!(classifier.scores().values().len(), 4);
        }
    });
}

#[test]
fn any_text_has_a_label_and_the_same_one_every_time() {
    let long = "turn off the light ".repeat(100);
    for context in [1, 2, 3, 4, 7, CONTEXT] {
        with_classifier(context, |classifier| {
            for text in ["", " ", "a", &long, "\u{0}\u{10ffff}\n\n", &"ü".repeat(999)] {
                let first = classifier.classify(text);
                classifier.classify("stop the music in the hall");
                assert_eq!(classifier.classify(text), first, "{text:?}");
            }
        });
    }
    let name = |text: &str| with_classifier(CONTEXT, |classifier| classifier.classify(text).index);
    // What does not fit into the context is not read.
    assert_eq!(name(&long), name(&format!("{long} stop the music")));
}

#[test]
fn a_model_without_labels_has_no_classifier() {
    const CONFIG: Config = Config::of(&WITHOUT_LABELS.0);
    let model = Model::parse(&WITHOUT_LABELS.0).unwrap();
    let mut ram = Workspace::<{ CONFIG.kv_words(16) }, { CONFIG.scratch_words(16) }>::new();
    assert!(
        Classifier::new(Session::new(&model, 16, ram.buffers()).unwrap()).is_err_and(|error| error == Error::NoLabels)
    );
}

#[test]
fn the_same_blob_still_writes_text() {
    let model = Model::parse(&BLOB.0).unwrap();
    let vocab = model.vocab();
    let mut ram = Ram::new();
    let mut classifier = Classifier::new(Session::new(&model, CONTEXT, ram.buffers()).unwrap()).unwrap();
    classifier.classify("turn on the light");
    let mut session = classifier.into_session();
    session.rewind(0).unwrap();
    let mut next = Sampler::greedy().pick(session.prefill(vocab.start_of_text().as_slice()).unwrap());
    for _ in 0..20 {
        assert!(!vocab.is_special(next) || vocab.is_end_of_text(next), "{:?}", vocab.special_name(next));
        next = session.step(next).unwrap().argmax();
    }
}
