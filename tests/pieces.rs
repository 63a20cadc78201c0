//! Pieces for scripts without spaces: what they are, and that they lengthen nothing but the text.

use embedded_gpt::{Aligned, Model, Pieces, Session, SuggestOptions, Suggester, Suggestion, Workspace, include_model};

static DEMO: &Aligned<[u8]> = include_model!("../models/demo.egpt");
const CONTEXT: usize = 64;
const CONFIG: embedded_gpt::Config = embedded_gpt::Config::of(&DEMO.0);
type Ram = Workspace<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>;

fn with_suggester<T>(check: impl FnOnce(&mut Suggester<'_, Pieces>) -> T) -> T {
    let mut ram = Box::new(Ram::new());
    let model = Model::parse(&DEMO.0).unwrap();
    let session = Session::new(&model, CONTEXT, ram.buffers()).unwrap();
    check(&mut Suggester::with_keyboard(session, SuggestOptions::DEFAULT, Pieces))
}

fn offered(suggester: &mut Suggester<'_, Pieces>, text: &str) -> Vec<String> {
    let mut slots = [Suggestion::EMPTY; 8];
    suggester.suggest(text, &mut slots).iter().map(ToString::to_string).collect()
}

#[test]
fn pieces_go_on_with_the_text_by_two_letters_or_more() {
    with_suggester(|suggester| {
        let mut n = 0;
        for text in ["", "t", "to", "tomor", "see you tomor", "how are y", "今日は", "x、", "(", "ก", "a\n"] {
            let pieces = offered(suggester, text);
            n += pieces.len();
            for piece in &pieces {
                assert!(piece.chars().count() > 1 && piece.len() <= 31, "{text:?} {piece:?}");
                assert!(piece.chars().all(embedded_gpt::text::is_letter), "{text:?} {piece:?}");
            }
            let mut different = pieces.clone();
            different.sort();
            different.dedup();
            assert_eq!(different.len(), pieces.len(), "{text:?} {pieces:?}");
        }
        assert!(n > 20, "{n}");
    });
}

#[test]
fn a_word_that_was_begun_is_ended() {
    // What was typed is no part of a piece.
    with_suggester(|suggester| {
        assert!(offered(suggester, "see you tomor").contains(&"row".to_owned()));
        let pieces = offered(suggester, "thank yo");
        assert!(!pieces.is_empty());
        assert!(pieces.iter().all(|piece| !piece.starts_with("yo")), "{pieces:?}");
    });
}

#[test]
fn what_was_typed_before_leaves_no_trace_in_what_is_read() {
    let texts = ["see you tomor", "今日は良い天気です", "see you tod", "今日は良い天", "", "今日は良い天気でした"];
    with_suggester(|suggester| {
        for text in texts {
            let found = offered(suggester, text);
            let tokens = suggester.context_tokens().count();
            let anew = with_suggester(|other| (offered(other, text), other.context_tokens().count()));
            assert_eq!((found, tokens), anew, "{text:?}");
        }
    });
}
