//! Functions for C give what those of the runtime give.
#![allow(unsafe_code)]

mod fixture;

use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;
use std::ptr;

use embedded_gpt_capi::caret::*;
use embedded_gpt_capi::correction::*;
use embedded_gpt_capi::dictionary::*;
use embedded_gpt_capi::generator::*;
use embedded_gpt_capi::inspect::*;
use embedded_gpt_capi::keys::*;
use embedded_gpt_capi::next_letters::*;
use embedded_gpt_capi::options::egpt_suggest_options_default;
use embedded_gpt_capi::pieces::*;
use embedded_gpt_capi::session::Session;
use embedded_gpt_capi::shell::*;
use embedded_gpt_capi::status::Status::{self, *};
use embedded_gpt_capi::suggester::*;
use embedded_gpt_capi::suggestion::Suggestion;
use embedded_gpt_capi::text::Text;
use fixture::{CONTEXT, DEMO, made, memory, out, parts, session, suggest, suggester, texts, word};
use runtime::{
    Buffers, GeneratorOptions as RuntimeOptions, Keyboard, Keys as RuntimeKeys, Letters, Model, Pieces, Progress,
    Sampler, Shell, SuggestOptions, UserDictionary,
};

const TYPED: [&str; 7] = ["", "see you tom", "see you tpm", "how are y", "i dont kn", "843", "un caf\u{E9} cr"];

/// A session of the runtime.
fn plain_session() -> runtime::Session<'static> {
    let model = Model::parse(&DEMO.0).unwrap();
    let words = |n| Box::leak(vec![0; n].into_boxed_slice());
    let config = model.config();
    let buffers = Buffers { kv: words(config.kv_words(CONTEXT)), scratch: words(config.scratch_words(CONTEXT)) };
    runtime::Session::new(&model, CONTEXT, buffers).unwrap()
}

fn plain<K: Keyboard>(keyboard: K, options: SuggestOptions<'static>) -> runtime::Suggester<'static, K> {
    runtime::Suggester::with_keyboard(plain_session(), options, keyboard)
}

fn plain_words<K: Keyboard>(suggester: &mut runtime::Suggester<'static, K>, text: &str) -> Vec<String> {
    let mut slots = [runtime::Suggestion::EMPTY; 3];
    suggester.suggest(text, &mut slots).iter().map(|word| word.as_str().to_owned()).collect()
}

fn keys(layout: KeyLayout, (rows, n_rows): (*const Text, usize)) -> Keys {
    Keys { layout: layout as i32, rows, n_rows }
}

fn with_keys(keys: &Keys) -> &'static mut Suggester {
    // SAFETY: all memory stays.
    made(|memory, size, out| unsafe { egpt_suggester_init_keys(memory, size, Some(&session()), None, Some(keys), out) })
}

#[test]
fn suggestions_of_every_keyboard_are_those_of_the_runtime() {
    const ROWS: &[&str] = &["azertyuiop", "qsdfghjklm", "wxcvbn"];
    const GROUPS: &[&str] = &["1abcde", "2fghij", "3klmno", "4pqrst", "5uvwxyz"];
    let none = (ptr::null(), 0);
    for (layout, rows, same) in [
        (KeyLayout::EGPT_KEYS_LETTERS, none, RuntimeKeys::LETTERS),
        (KeyLayout::EGPT_KEYS_QWERTY, none, RuntimeKeys::QWERTY),
        (KeyLayout::EGPT_KEYS_QWERTZ, none, RuntimeKeys::QWERTZ),
        (KeyLayout::EGPT_KEYS_AZERTY, none, RuntimeKeys::AZERTY),
        (KeyLayout::EGPT_KEYS_KEYPAD, none, RuntimeKeys::KEYPAD),
        (KeyLayout::EGPT_KEYS_ROWS, texts(ROWS), RuntimeKeys::with_slips(ROWS)),
        (KeyLayout::EGPT_KEYS_GROUPS, texts(GROUPS), RuntimeKeys::groups(GROUPS)),
    ] {
        let (c, mut rust) = (with_keys(&keys(layout, rows)), plain(same, SuggestOptions::DEFAULT));
        for text in TYPED {
            assert_eq!(suggest(c, text), plain_words(&mut rust, text), "{layout:?} {text:?}");
        }
    }
    let (c, mut rust) = (suggester(), plain(Letters, SuggestOptions::DEFAULT));
    for text in TYPED {
        assert_eq!(suggest(c, text), plain_words(&mut rust, text), "{text:?}");
    }
    assert_eq!(egpt_suggester_decode_steps(Some(c)), rust.decode_steps());
}

#[test]
fn pieces_are_those_of_the_runtime() {
    // SAFETY: all memory stays.
    let c = made(|memory, size, out| unsafe { egpt_suggester_init_pieces(memory, size, Some(&session()), None, out) });
    let mut rust = plain(Pieces, SuggestOptions::DEFAULT);
    let mut n_pieces = 0;
    for text in TYPED {
        let pieces = suggest(c, text);
        assert_eq!(pieces, plain_words(&mut rust, text), "{text:?}");
        n_pieces += pieces.len();
    }
    assert!(n_pieces > 0);
    assert_eq!(egpt_suggester_decode_steps(Some(c)), rust.decode_steps());
    // Neither keys nor words belong to it.
    let qwerty = keys(KeyLayout::EGPT_KEYS_QWERTY, (ptr::null(), 0));
    // SAFETY: there are no rows, and no words.
    unsafe {
        assert_eq!(egpt_suggester_set_keys(Some(c), Some(&qwerty)), EGPT_ERROR_KEYBOARD);
        assert_eq!(egpt_suggester_set_words(Some(c), ptr::null(), 0), EGPT_ERROR_KEYBOARD);
    }
}

#[test]
fn keys_can_be_changed() {
    let (c, mut rust) = (
        with_keys(&keys(KeyLayout::EGPT_KEYS_QWERTY, (ptr::null(), 0))),
        plain(RuntimeKeys::QWERTY, SuggestOptions::DEFAULT),
    );
    assert_eq!(suggest(c, "see you 86"), plain_words(&mut rust, "see you 86"));
    let keypad = keys(KeyLayout::EGPT_KEYS_KEYPAD, (ptr::null(), 0));
    // SAFETY: there are no rows.
    assert_eq!(unsafe { egpt_suggester_set_keys(Some(c), Some(&keypad)) }, EGPT_OK);
    rust.set_keyboard(RuntimeKeys::KEYPAD);
    let words = suggest(c, "see you 866");
    assert!(words.iter().any(|word| word.starts_with("tom")), "{words:?}");
    assert_eq!(words, plain_words(&mut rust, "see you 866"));
}

#[test]
fn a_shell_offers_words_of_the_device() {
    const COMMANDS: &[&str] = &["help", "reboot", "read", "set"];
    const FLAGS: &[&str] = &["--all", "--raw", "adc0", "adc1"];
    let (commands, n_commands) = texts(COMMANDS);
    let (flags, n_flags) = texts(FLAGS);
    // SAFETY: all memory stays.
    let c = made(|memory, size, out| unsafe {
        egpt_suggester_init_shell(memory, size, Some(&session()), None, commands, n_commands, out)
    });
    let mut rust = plain(Shell::with_words(COMMANDS), SuggestOptions::DEFAULT);
    assert_eq!(suggest(c, "re"), plain_words(&mut rust, "re"));
    let (qwerty, mut start) = (keys(KeyLayout::EGPT_KEYS_QWERTY, (ptr::null(), 0)), out());
    let (text, len) = parts("read --r");
    // SAFETY: all memory stays.
    unsafe {
        assert_eq!(egpt_suggester_set_words(Some(c), flags, n_flags), EGPT_OK);
        let refused = egpt_suggester_set_words_and_keys(Some(c), flags, n_flags, Some(&qwerty));
        assert_eq!(refused, EGPT_ERROR_KEYBOARD);
        assert_eq!(egpt_shell_word_start(text, len, Some(&mut start)), EGPT_OK);
        assert_eq!(start.assume_init(), "read ".len());
    }
    assert_eq!(suggest(c, "read --r"), ["--raw"]);

    // SAFETY: all memory stays.
    let c = made(|memory, size, out| unsafe {
        let keys = Some(&qwerty);
        egpt_suggester_init_shell_keys(memory, size, Some(&session()), None, commands, n_commands, keys, out)
    });
    let mut rust = plain(Shell::with_words(COMMANDS).on(RuntimeKeys::QWERTY), SuggestOptions::DEFAULT);
    for text in ["re", "rebiot", "hrlp"] {
        assert_eq!(suggest(c, text), plain_words(&mut rust, text), "{text}");
    }
    // SAFETY: all memory stays.
    unsafe {
        let set = egpt_suggester_set_words_and_keys(Some(c), flags, n_flags, Some(&qwerty));
        assert_eq!(set, EGPT_OK);
        assert_eq!(egpt_suggester_set_words(Some(c), flags, n_flags), EGPT_ERROR_KEYBOARD);
    }
    assert_eq!(suggest(c, "read ad").len(), 2);
}

#[test]
fn options_and_blocked_words_count() {
    let (c, mut rust) = (suggester(), plain(Letters, SuggestOptions::DEFAULT));
    let mut options = egpt_suggest_options_default();
    (options.min_percent, options.auto_capitals, options.budget) = (3, false, 9);
    let blocked: &[&str] = &["tomorrow", "darn"];
    let (words, n) = texts(blocked);
    // SAFETY: the list stays.
    assert_eq!(unsafe { egpt_suggester_set_blocked(Some(c), words, n) }, EGPT_OK);
    assert_eq!(egpt_suggester_set_options(Some(c), Some(&options)), EGPT_OK);
    let options =
        SuggestOptions { min_percent: 3, auto_capitals: false, budget: 9, blocked, ..SuggestOptions::DEFAULT };
    rust.set_options(options);
    for text in TYPED {
        assert_eq!(suggest(c, text), plain_words(&mut rust, text), "{text:?}");
    }
    assert!(!suggest(c, "see you tom").iter().any(|word| word == "tomorrow"));
    // Other options leave them blocked.
    assert_eq!(egpt_suggester_set_options(Some(c), None), EGPT_OK);
    assert!(!suggest(c, "see you tomo").iter().any(|word| word == "tomorrow"));
}

#[test]
fn words_come_with_all_that_is_known_of_them() {
    let (c, mut rust) = (suggester(), plain(Letters, SuggestOptions::DEFAULT));
    let (mut slots, mut words) =
        ([const { MaybeUninit::<Suggestion>::uninit() }; 20], [runtime::Suggestion::EMPTY; 16]);
    let ((text, len), mut n) = (parts("see you t"), out());
    // SAFETY: there is room for 20.
    unsafe {
        while egpt_suggester_poll(Some(c), text, len) == EGPT_WORKING {}
        assert_eq!(egpt_suggester_best(Some(c), slots.as_mut_ptr().cast(), 20, Some(&mut n)), EGPT_OK);
    }
    let words = rust.suggest("see you t", &mut words);
    // SAFETY: written, as the words are.
    let slots = unsafe { slots[..n.assume_init()].iter().map(|slot| slot.assume_init()) };
    assert!(words.len() > 3 && words.len() == slots.len());
    for (c, rust) in slots.zip(words) {
        assert_eq!(word(&c), rust.as_str());
        assert_eq!((c.log_prob, c.percent), (rust.log_prob(), rust.percent()));
        assert_eq!((c.corrects, c.takes_space), (rust.corrects(), rust.takes_space()));
    }
}

#[test]
fn slips_are_corrected_unless_they_are_kept() {
    let c = with_keys(&keys(KeyLayout::EGPT_KEYS_QWERTY, (ptr::null(), 0)));
    suggest(c, "thank yiu");
    let (mut slot, mut is_there) = (out::<Suggestion>(), out());
    assert_eq!(egpt_suggester_correction(Some(c), Some(&mut slot), Some(&mut is_there)), EGPT_OK);
    // SAFETY: written.
    unsafe {
        assert!(is_there.assume_init());
        assert_eq!(word(slot.assume_init_ref()), "you");
        assert!(slot.assume_init_ref().corrects);
        let (text, len) = parts("yiu");
        assert_eq!(egpt_suggester_keep(Some(c), text, len), EGPT_OK);
    }
    assert_eq!(egpt_suggester_correction(Some(c), Some(&mut slot), Some(&mut is_there)), EGPT_OK);
    // SAFETY: written.
    assert!(!unsafe { is_there.assume_init() });
}

#[test]
fn a_user_dictionary_is_saved_and_restored() {
    let c = suggester();
    let (bytes, n) = memory(1024);
    let entry = |c: &mut Suggester, at| {
        let mut entry = out::<LearnedWord>();
        let status = egpt_dictionary_entry(Some(c), at, Some(&mut entry));
        // SAFETY: written if there is one.
        (status == EGPT_OK).then(|| unsafe { entry.assume_init() }).ok_or(status)
    };
    let ((text, len), (name, name_len)) = (parts("hi Zdenka, meet me at the Kirchplatz\n"), parts("Ostrava"));
    let (mut saved, mut saved_len) = (out(), out());
    // SAFETY: all memory stays.
    unsafe {
        assert_eq!(egpt_dictionary_init(Some(c), bytes.cast(), n), EGPT_OK);
        assert_eq!(egpt_dictionary_learn(Some(c), text, len), EGPT_OK);
        assert_eq!(egpt_dictionary_add(Some(c), name, name_len), EGPT_OK);
        let (with_digits, len) = parts("hunter2");
        assert_eq!(egpt_dictionary_add(Some(c), with_digits, len), EGPT_ERROR_NO_WORD);
        assert_eq!(egpt_dictionary_save(Some(c), Some(&mut saved), Some(&mut saved_len)), EGPT_OK);
        assert_eq!(saved_len.assume_init(), 1024);
    }
    // SAFETY: as many bytes are there.
    let saved = unsafe { std::slice::from_raw_parts(saved.assume_init(), 1024) }.to_vec();
    let restored = UserDictionary::restore(&mut saved.clone())
        .map(|it| it.entries().map(|(word, uses)| (word.to_owned(), uses)).collect::<Vec<_>>());
    assert_eq!(restored.unwrap().len(), 3);
    assert_eq!(entry(c, 3).unwrap_err(), EGPT_ERROR_NO_WORD);
    let last = entry(c, 2).unwrap();
    assert_eq!((last.uses, last.len, &last.word[..8]), (2, 7, &b"Ostrava\0".map(|byte| byte as c_char)[..]));

    let other = suggester();
    let restore = |c: &mut Suggester, saved: &[u8]| {
        let (bytes, n) = memory(saved.len());
        // SAFETY: there is room for all bytes, which stay.
        unsafe {
            ptr::copy_nonoverlapping(saved.as_ptr(), bytes.cast(), n);
            egpt_dictionary_restore(Some(c), bytes.cast(), n)
        }
    };
    assert_eq!(restore(other, &saved[..512]), EGPT_ERROR_DICTIONARY_DAMAGED);
    assert_eq!(restore(other, &saved), EGPT_OK);
    assert_eq!(suggest(other, "I live in ost")[0], "Ostrava");
    let (lower, len) = parts("ostrava");
    // SAFETY: the word stays.
    unsafe {
        assert_eq!(egpt_dictionary_forget(Some(other), lower, len), EGPT_OK);
        assert_eq!(egpt_dictionary_forget(Some(other), lower, len), EGPT_ERROR_NO_WORD);
    }
    assert_eq!(egpt_dictionary_forget_all(Some(other)), EGPT_OK);
    assert_eq!(entry(other, 0).unwrap_err(), EGPT_ERROR_NO_WORD);
}

#[test]
fn the_text_behind_the_caret_is_respected() {
    let c = suggester();
    let set_after = |c: &mut Suggester, after: &str| {
        let (text, len) = parts(after);
        // SAFETY: the text has so many bytes.
        unsafe { egpt_suggester_set_text_after(Some(c), text, len) }
    };
    assert!(suggest(c, "see you tom").contains(&"tomorrow".to_owned()));
    for after in ["row", " tomorrow"] {
        assert_eq!(set_after(c, after), EGPT_OK);
        assert!(!suggest(c, "see you tom").contains(&"tomorrow".to_owned()), "{after}");
    }
    let mut options = egpt_suggest_options_default();
    options.within_words = true;
    assert_eq!(egpt_suggester_set_options(Some(c), Some(&options)), EGPT_OK);
    assert_eq!(set_after(c, "row"), EGPT_OK);
    assert!(suggest(c, "see you tom").contains(&"tomorrow".to_owned()));
    // SAFETY: two bytes, which are no text.
    let status = unsafe { egpt_suggester_set_text_after(Some(c), [-1i8 as c_char; 2].as_ptr(), 2) };
    assert_eq!(status, EGPT_ERROR_UTF8);
}

#[test]
fn next_letters_are_those_of_the_runtime() {
    let (c, mut rust) = (suggester(), plain(Letters, SuggestOptions::DEFAULT));
    suggest(c, "how are y");
    plain_words(&mut rust, "how are y");
    // SAFETY: all memory stays.
    let letters = made(|memory, size, out| unsafe { egpt_next_letters_init(memory, size, 6, out) });
    while egpt_next_letters_poll(Some(letters), Some(c)) == EGPT_WORKING {}
    let mut same = runtime::NextLetters::new(6);
    while same.poll(&mut rust) == Progress::Working {}
    let (mut slots, mut n) = ([const { MaybeUninit::<NextLetter>::uninit() }; 50], out());
    // SAFETY: there is room for 50.
    let status = unsafe { egpt_next_letters_best(Some(letters), slots.as_mut_ptr().cast(), 50, Some(&mut n)) };
    assert_eq!(status, EGPT_OK);
    let mut best = [runtime::NextLetter::EMPTY; 40];
    let best = same.best(&mut best);
    // SAFETY: as many were written.
    let slots: Vec<NextLetter> = unsafe { slots[..n.assume_init()].iter().map(|slot| slot.assume_init()).collect() };
    assert_eq!((slots.len(), slots[0].letter), (best.len(), 'o' as u32));
    for (c, rust) in slots.iter().zip(best) {
        let letter = rust.letter().map_or(0, u32::from);
        assert_eq!((c.letter, c.log_prob, c.percent), (letter, rust.log_prob(), rust.percent()));
    }
    let mut log_prob = out();
    for letter in ['o', 'x', '\0'] {
        assert_eq!(egpt_next_letters_log_prob(Some(letters), letter.into(), Some(&mut log_prob)), EGPT_OK);
        let same = same.log_prob(Some(letter).filter(|&letter| letter != '\0'));
        // SAFETY: written.
        assert_eq!(unsafe { log_prob.assume_init() }, same);
    }
    assert_eq!(egpt_next_letters_log_prob(Some(letters), 0xD800, Some(&mut log_prob)), EGPT_ERROR_VALUE);
}

#[test]
fn generated_text_is_that_of_the_runtime() {
    /// # Safety
    /// The context is a string, and so many bytes of text are there.
    unsafe extern "C" fn append(context: *mut c_void, text: *const c_char, len: usize) -> bool {
        // SAFETY: the caller answers for it.
        unsafe {
            let text = std::slice::from_raw_parts(text.cast(), len);
            (*context.cast::<String>()).push_str(std::str::from_utf8(text).unwrap());
        }
        true
    }
    let mut options = egpt_generator_options_default();
    (options.temperature, options.seed, options.top_k, options.max_tokens) = (0.9, 3, 20, 30);
    options.truecasing = false;
    // SAFETY: all memory stays.
    let generator =
        made(|memory, size, out| unsafe { egpt_generator_init(memory, size, Some(&session()), Some(&options), out) });
    let sampler = Sampler::new(0.9, 3).with_top_k(20);
    let options = RuntimeOptions { sampler, max_tokens: 30, truecasing: false };
    let mut same = runtime::Generator::new(plain_session(), options);
    let ((prompt, len), mut c, mut rust) = (parts("how are"), String::new(), String::new());
    let context = ptr::from_mut(&mut c).cast();
    for _ in 0..2 {
        // SAFETY: the context is a string.
        while unsafe { egpt_generator_poll(Some(generator), prompt, len, Some(append), context) } == EGPT_WORKING {}
        while same.poll("how are", &mut rust).unwrap() == Progress::Working {}
        assert_eq!(egpt_generator_n_written(Some(generator)), same.n_written());
        assert_eq!(egpt_generator_restart(Some(generator)), EGPT_OK);
        same.restart();
    }
    assert!(rust.len() > 20);
    assert_eq!(c, rust);
}

#[test]
fn suggesters_do_not_disturb_each_other() {
    let (a, b) = (suggester(), suggester());
    let [(text_a, len_a), (text_b, len_b)] = [parts("see you tom"), parts("how are y")];
    // SAFETY: the texts stay.
    unsafe {
        let mut statuses = [EGPT_WORKING; 2];
        while statuses.contains(&EGPT_WORKING) {
            statuses = [egpt_suggester_poll(Some(a), text_a, len_a), egpt_suggester_poll(Some(b), text_b, len_b)];
        }
    }
    assert_eq!([&suggest(a, "see you tom")[0], &suggest(b, "how are y")[0]], ["tomorrow", "you"]);
}

#[test]
fn tokens_and_the_hash_of_logits_are_those_of_the_runtime() {
    let (session, mut hash) = (session(), out());
    // SAFETY: all memory stays.
    assert_eq!(unsafe { egpt_logits_hash(Some(&session), 80, Some(&mut hash)) }, EGPT_OK);
    let (mut same, mut expected, mut token) = (plain_session(), runtime::LogitsHash::new(), 0);
    for _ in 0..80 {
        let logits = same.step(token).unwrap();
        expected.add(logits);
        token = logits.argmax();
    }
    // SAFETY: written.
    assert_eq!(unsafe { hash.assume_init() }, expected.value());

    let vocab = Model::parse(&DEMO.0).unwrap().vocab();
    for text in TYPED {
        let ((bytes, len), mut ids, mut n) = (parts(text), [0; 64], out());
        let status = encode(&session, bytes, len, &mut ids, &mut n);
        let mut same = [0; 64];
        let same = &*vocab.encode(text, &mut same).unwrap();
        // SAFETY: written.
        assert_eq!((status, &ids[..unsafe { n.assume_init() }]), (EGPT_OK, same), "{text:?}");
        for &token in same {
            let (mut bytes, mut buffer, mut n) = ([0; EGPT_MAX_TOKEN_BYTES], [0; EGPT_MAX_TOKEN_BYTES], out());
            // SAFETY: there is room.
            let n = unsafe {
                assert_eq!(egpt_model_token(session.model, token, bytes.as_mut_ptr(), Some(&mut n)), EGPT_OK);
                n.assume_init()
            };
            assert_eq!(&bytes[..n], vocab.bytes(token, &mut buffer));
        }
    }
    let (bytes, len) = parts("how are you");
    assert_eq!(encode(&session, bytes, len, &mut [0; 1], &mut out()), EGPT_ERROR_SIZE);
}

fn encode(session: &Session, text: *const c_char, len: usize, ids: &mut [u16], n: &mut MaybeUninit<usize>) -> Status {
    // SAFETY: the text is there, and so is room for the tokens.
    unsafe { egpt_model_encode(session.model, text, len, ids.as_mut_ptr(), ids.len(), Some(n)) }
}
