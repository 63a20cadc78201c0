//! The device's encoder gives the ids of the reference tokenizers.

use std::sync::LazyLock;

use egpt_core::checkpoint::SpecialTokens;
use egpt_core::tokenizer::{END_OF_TEXT, TrainSettings, Vocabulary, encode_documents, n_ids, train, vocab_section};
use embedded_gpt::text::Language;
use embedded_gpt::{TokenId, Vocab};
use regex::Regex;
use serde_json::json;
use tiktoken_rs::r50k_base;
use tokenizers::Tokenizer;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;

/// What people write, and what they do not.
const TEXTS: &[&str] = &[
    "",
    " ",
    "Hello, world! It's what we've said; they'll see I'd won't I'm you're HE'S",
    "'s't're've'm'll'd ''re 're 'r 'v 'l 'x x'r don't",
    "see you at 10:30pm on 2026-11-22, room 4711 \u{b2}\u{bd}\u{2167}",
    "Съешь же ещё этих мягких французских булок",
    "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία",
    "نص حكيم له سر قاطع وذو شأن عظيم ١٢٣",
    "דג סקרן שט בים מאוכזב",
    "ऋषियों को सताने वाले दुष्ट राक्षसों के राजा",
    "เป็นมนุษย์สุดประเสริฐเลิศคุณค่า",
    "天地玄黄，宇宙洪荒。日月盈昃",
    "いろはにほへと ちりぬるを カタカナ",
    "키스의 고유조건은 입술끼리 만나야",
    "e\u{301}tude na\u{308}ive Z\u{351}\u{36b}alg\u{358}o",
    "family 👨‍👩‍👧‍👦 flag 🏳️‍🌈 thumbs 👍🏽!!",
    "fn main() {\n    println!(\"{:?}\", x[0] << 3); // tab:\there\r\n}\n\n\n",
    "  two  three   four    tab\t\ttabs \t mixed \n \n\n  end  ",
    "\u{a0}nbsp\u{2003}em\u{3000}wide\u{85}next\u{200b}zero\u{feff}bom",
    "\0\u{1}\u{1b}[31mred\u{1b}[0m\u{7f}\u{1c}\u{1f}",
    "==========----------____....!!!!!????",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "plain <|endoftext|> is text <|endoftext",
    "ᏣᎳᎩ ߒߞߏ ꓡꓲꓢꓴ 𐐀𐐁 𝔘𝔫𝔦 ﬁ Ⅷ",
];

struct Section {
    words: Vec<u32>,
    n_vocab: usize,
    len: usize,
}

impl Section {
    fn new(bytes: &[u8], n_vocab: usize) -> Self {
        let mut words = vec![0u32; bytes.len().div_ceil(4)];
        bytemuck::cast_slice_mut(&mut words)[..bytes.len()].copy_from_slice(bytes);
        Self { words, n_vocab, len: bytes.len() }
    }

    fn vocab(&self) -> Vocab<'_> {
        Vocab::parse(&bytemuck::cast_slice(&self.words)[..self.len], self.n_vocab).unwrap()
    }
}

fn encode(vocab: &Vocab<'_>, text: impl AsRef<[u8]>) -> Vec<u32> {
    let mut room = vec![0; vocab.max_tokens(text.as_ref().len())];
    vocab.encode(text, &mut room).unwrap().iter().map(|&token| token.into()).collect()
}

fn decode(vocab: &Vocab<'_>, ids: &[u32]) -> Vec<u8> {
    let mut buffer = [0; Vocab::MAX_TOKEN_BYTES];
    ids.iter().flat_map(|&id| vocab.bytes(id as TokenId, &mut buffer).to_vec()).collect()
}

/// Bytes in which letters, spaces and parts of UTF-8 are frequent.
fn random_bytes(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    let alphabet = b"  \n'etaoinsrl.0\xC3\xA9\xD0\xB0\xE4\xBD\xA0\xF0\x9F\x98\x80";
    (0..len).map(|_| if next() < 64 { next() } else { alphabet[usize::from(next()) % alphabet.len()] }).collect()
}

/// Text without code points that Unicode has not assigned: those have the class of a neighbour in this project's
/// tables.
fn random_text(seed: u64, len: usize) -> String {
    static UNASSIGNED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\P{Assigned}").unwrap());
    UNASSIGNED.replace_all(&String::from_utf8_lossy(&random_bytes(seed, len)), "").into_owned()
}

fn gpt2() -> Section {
    let reference = r50k_base().unwrap();
    let tokens: Vec<Vec<u8>> = (0..50_256).map(|rank| reference.decode_bytes(&[rank]).unwrap()).collect();
    let vocabulary = Vocabulary::from_ranks(&tokens, vec![(50_256, END_OF_TEXT.to_owned())]).unwrap();
    Section::new(&vocabulary.section(50_257).unwrap(), 50_257)
}

#[test]
fn gpt2_ids_are_those_of_tiktoken() {
    let (reference, section) = (r50k_base().unwrap(), gpt2());
    let vocab = section.vocab();
    let check = |text: &str| {
        let ids = encode(&vocab, text);
        assert_eq!(ids, reference.encode_ordinary(text), "{text:?}");
        assert_eq!(decode(&vocab, &ids), text.as_bytes());
    };
    TEXTS.iter().for_each(|text| check(text));
    check(&TEXTS.concat());
    for seed in 1..300 {
        let bytes = random_bytes(seed, 100);
        check(&random_text(seed, 100));
        assert_eq!(decode(&vocab, &encode(&vocab, &bytes)), bytes);
    }
}

/// A byte-level tokenizer.json with these merges after 256 bytes; a text that is made twice has one id.
fn byte_level_json(merges: &[[String; 2]]) -> serde_json::Value {
    let mut alphabet: Vec<char> = ByteLevel::alphabet().into_iter().collect();
    alphabet.sort_unstable();
    let mut vocab: serde_json::Map<String, serde_json::Value> =
        (0..).zip(alphabet).map(|(id, c)| (c.to_string(), json!(id))).collect();
    for merge in merges {
        let next = vocab.len();
        vocab.entry(merge.concat()).or_insert(json!(next));
    }
    json!({
        "version": "1.0", "added_tokens": [], "normalizer": null, "post_processor": null, "decoder": null,
        "pre_tokenizer": { "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true },
        "model": { "type": "BPE", "vocab": vocab, "merges": merges }
    })
}

#[test]
fn a_text_that_two_merges_make_is_encoded_as_tokenizers_does() {
    let mut n_checked = 0;
    for seed in 1..400 {
        let random = random_bytes(seed, 400);
        let mut choices = random.iter().map(|&byte| usize::from(byte));
        let mut parts: Vec<String> = ["a", "b"].map(str::to_owned).to_vec();
        let mut merges: Vec<[String; 2]> = Vec::new();
        for _ in 0..12 {
            let mut pick = || parts[choices.next().unwrap() % parts.len()].clone();
            let merge = [pick(), pick()];
            if !merges.contains(&merge) && merge.concat().len() < 30 {
                parts.push(merge.concat());
                merges.push(merge);
            }
        }
        let json = byte_level_json(&merges);
        // Refused where a token comes about by another merge than the first one that makes it.
        let Ok(vocabulary) = Vocabulary::from_json(&json, 300) else { continue };
        n_checked += usize::from(vocabulary.merges.len() < merges.len());
        let reference = Tokenizer::from_bytes(json.to_string()).unwrap();
        let section = Section::new(&vocabulary.section(300).unwrap(), 300);
        for text in random.chunks(20).map(|part| part.iter().map(|b| char::from(b'a' + b % 2)).collect::<String>()) {
            let encoding = reference.encode_fast(text.as_str(), false).unwrap();
            assert_eq!(encode(&section.vocab(), &text), encoding.get_ids(), "{text:?} {merges:?}");
        }
    }
    assert!(n_checked > 20, "only {n_checked} vocabularies had a token that two merges make");
}

/// Every letter of two cases, whichever alphabet it is of, and capitals within words.
#[test]
fn small_letters_are_those_of_the_tokenizer_json() {
    Language::ALL.into_iter().for_each(check_small_letters);
}

fn check_small_letters(language: Language) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tokenizer.json");
    let settings = TrainSettings { n_vocab: 400, folded: Some(language), ..TrainSettings::default() };
    let n_vocab = train(TEXTS.iter().copied(), settings, &path).unwrap();
    let reference = Tokenizer::from_file(&path).unwrap();
    let section = Section::new(&vocab_section(&path, n_vocab, SpecialTokens::default()).unwrap(), n_vocab);
    let vocab = section.vocab();
    assert!(vocab.folds_case());
    // Capitals of Greek are not written as those of any language are, but read.
    assert_eq!(vocab.language(), if language == Language::Greek { Language::Any } else { language });
    let turkic = encode(&vocab, "Iİ") == encode(&vocab, "ıi");
    assert_eq!(turkic, language == Language::Turkic);
    assert_eq!(encode(&vocab, "ƠƯ") == encode(&vocab, "ơư"), language == Language::Vietnamese);
    let has_cases = |c: &char| !c.to_lowercase().eq([*c]) || !c.to_uppercase().eq([*c]);
    let letters: Vec<char> = ('\0'..=char::MAX).filter(has_cases).collect();
    // A full stop after each keeps it from its neighbours.
    let alone = letters.chunks(100).map(|chars| chars.iter().flat_map(|&c| [c, '.']).collect::<String>());
    let texts = TEXTS.iter().map(|text| text.to_uppercase());
    let mut n_capitals = 0;
    for text in alone.chain(texts) {
        n_capitals += text.chars().filter(|c| c.is_uppercase()).count();
        let encoding = reference.encode_fast(text.as_str(), false).unwrap();
        assert_eq!(encode(&vocab, &text), encoding.get_ids(), "{text:?}");
    }
    assert!(n_capitals > 1500, "{n_capitals}");
}

/// The ids of a tokenizer.json for many texts, special tokens included, are those of `tokenizers`.
#[track_caller]
fn check_ids(json: &serde_json::Value) {
    let n_vocab = n_ids(json);
    let reference = Tokenizer::from_bytes(json.to_string()).unwrap();
    let section = Section::new(&Vocabulary::from_json(json, n_vocab).unwrap().section(n_vocab).unwrap(), n_vocab);
    let vocab = section.vocab();
    let with_names = ["<s>he", "he<s> he", " <s>  he", "a <s><s>1 12<s>", "<s>"].map(str::to_owned);
    let spaced = ["he", " he", "  he", "   he  he ", "12 3  45   x6", " 1", "a  1 ", "\u{b2}\u{bd} \u{2167}x"]
        .map(str::to_owned);
    let random = (1..50).map(|seed| random_text(seed, 100));
    for text in TEXTS.iter().map(|&text| text.to_owned()).chain(with_names).chain(spaced).chain(random) {
        let mut room = vec![0; text.len() + 1];
        let ids: Vec<u32> =
            vocab.encode_with_special(&text, &mut room).unwrap().iter().map(|&token| token.into()).collect();
        assert_eq!(ids, reference.encode_fast(text.as_str(), false).unwrap().get_ids(), "{text:?} by {json}");
    }
}

#[test]
fn byte_level_pre_tokenizers_are_those_of_tokenizers() {
    let merges = [["h", "e"], ["Ġ", "he"], ["1", "2"], ["Ġ", "1"], ["Ġ", "Ġ"]].map(|pair| pair.map(str::to_owned));
    let byte_level = |use_regex: bool| {
        let mut json = byte_level_json(&merges)["pre_tokenizer"].take();
        json["use_regex"] = json!(use_regex);
        json
    };
    let sequence = |steps: &[serde_json::Value]| json!({ "type": "Sequence", "pretokenizers": steps });
    let digits = json!({ "type": "Digits", "individual_digits": true });
    let gpt2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    let split = json!({ "type": "Split", "pattern": { "Regex": gpt2 }, "behavior": "Isolated", "invert": false });
    for pre_tokenizer in [
        byte_level(true),
        byte_level(false),
        sequence(&[byte_level(true)]),
        sequence(&[sequence(&[byte_level(false)])]),
        sequence(&[digits, byte_level(true)]),
        sequence(&[split, byte_level(false)]),
    ] {
        let mut json = byte_level_json(&merges);
        json["pre_tokenizer"] = pre_tokenizer;
        json["normalizer"] = json!({ "type": "Sequence", "normalizers": [] });
        json["added_tokens"] = special_token(n_ids(&json), "<s>");
        check_ids(&json);
    }
}

fn special_token(id: usize, name: &str) -> serde_json::Value {
    json!([{
        "id": id, "content": name, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
        "special": true
    }])
}

/// A SentencePiece-style tokenizer.json: `<s>`, bytes, these merges, and characters.
fn sentence_piece_json(merges: &[[&str; 2]]) -> serde_json::Value {
    let texts = (0..256).map(|byte| format!("<0x{byte:02X}>")).chain(merges.iter().map(|merge| merge.concat()));
    let texts = ["<s>".to_owned()].into_iter().chain(texts).chain(("▁hex12é".chars()).map(String::from));
    let vocab: serde_json::Map<String, serde_json::Value> =
        texts.zip(0..).map(|(text, id)| (text, json!(id))).collect();
    json!({
        "version": "1.0", "added_tokens": special_token(0, "<s>"), "normalizer": null, "pre_tokenizer": null,
        "post_processor": null, "decoder": null,
        "model": {
            "type": "BPE", "byte_fallback": true, "fuse_unk": true, "unk_token": null, "vocab": vocab, "merges": merges
        }
    })
}

#[test]
fn spaces_of_sentence_piece_are_those_of_tokenizers() {
    let replace = json!({ "type": "Replace", "pattern": { "String": " " }, "content": "▁" });
    let prepend = json!({ "type": "Prepend", "prepend": "▁" });
    let sequence = |steps: &[&serde_json::Value]| json!({ "type": "Sequence", "normalizers": steps });
    let metaspace_alone = json!({ "type": "Metaspace", "replacement": "▁" });
    let metaspace = |scheme: &str, split: bool| {
        let mut json = metaspace_alone.clone();
        (json["prepend_scheme"], json["split"]) = (json!(scheme), json!(split));
        json
    };
    let mut variants = vec![
        (sequence(&[&prepend, &replace]), json!(null)),
        (replace.clone(), json!(null)),
        (prepend.clone(), metaspace("always", false)),
        (json!(null), metaspace_alone.clone()),
    ];
    for scheme in ["always", "first", "never"] {
        variants.extend([false, true].map(|split| (json!(null), metaspace(scheme, split))));
    }
    for (normalizer, pre_tokenizer) in variants {
        let mut json = sentence_piece_json(&[["▁", "h"], ["▁h", "e"], ["1", "2"]]);
        (json["normalizer"], json["pre_tokenizer"]) = (normalizer, pre_tokenizer);
        check_ids(&json);
    }
    // Tokens of several spaces and of several words occur only where nothing is split before spaces.
    let mut json = sentence_piece_json(&[["▁", "▁"], ["▁", "h"], ["h", "▁"]]);
    json["pre_tokenizer"] = metaspace("first", false);
    check_ids(&json);
    json["pre_tokenizer"] = metaspace("first", true);
    let error = Vocabulary::from_json(&json, n_ids(&json)).unwrap_err().to_string();
    assert!(error.contains("the token \"▁▁\""), "{error}");
}

#[test]
fn what_does_not_fit_the_device_is_refused_with_the_reason() {
    let merges = [["a", "b"], ["ab", "c"]].map(|pair| pair.map(str::to_owned));
    let refused = |json: serde_json::Value, expected: &str| {
        let error = format!("{:#}", Vocabulary::from_json(&json, 300).and_then(|v| v.section(300)).unwrap_err());
        assert!(error.contains(expected), "{error} lacks {expected}");
    };
    assert!(Vocabulary::from_json(&byte_level_json(&merges), 300).is_ok());
    let changed = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut json = byte_level_json(&merges);
        change(&mut json["model"]);
        json
    };
    refused(changed(&|model| model["vocab"]["abc"] = json!(299)), "gap before \"abc\" (id 299)");
    refused(changed(&|model| drop(model["vocab"].as_object_mut().unwrap().remove("z"))), "only 255 of the 256 bytes");
    refused(changed(&|model| model["merges"].as_array_mut().unwrap().truncate(1)), "no merge makes the token \"abc\"");
    refused(changed(&|model| model["merges"].as_array_mut().unwrap().reverse()), "in order of merging");
    refused(changed(&|model| model["merges"][0] = json!(["x", "y"])), "\"xy\", which has no id");
    refused(changed(&|model| model["merges"][0] = json!("a")), "is not a merge");
    refused(changed(&|model| model["type"] = json!("Unigram")), "Unigram");
    let too_many = Vocabulary::from_json(&byte_level_json(&merges), 70_000).unwrap_err();
    assert!(too_many.to_string().contains("at most 65,535"));
}

/// llama2.c's vocabulary of 512 tokens, if it is at hand.
#[test]
fn sentence_piece_ids_are_those_of_tokenizers() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let dir = std::env::var("EGPT_YARDSTICK_DIR").unwrap_or(format!("{root}/../shared/models"));
    let Ok(bytes) = std::fs::read(format!("{dir}/tok512.bin")) else {
        println!("skipped: no tok512.bin in {dir}; set EGPT_YARDSTICK_DIR");
        return;
    };
    let json = egpt_core::import::llama2c::tokenizer_json(&bytes, 512).unwrap();
    let reference = Tokenizer::from_bytes(json.to_string()).unwrap();
    let vocabulary = Vocabulary::from_json(&json, 512).unwrap();
    let section = Section::new(&vocabulary.section(512).unwrap(), 512);
    let vocab = section.vocab();
    assert!(vocab.has_space_prefix());
    assert_eq!((vocab.bos(), vocab.eos(), vocab.end_of_text()), (Some(1), Some(2), Some(2)));
    let story = "Once upon a time, there was a little girl named Lily. She loved to play outside.\nThe end.";
    let random = (1..300).map(|seed| random_text(seed, 100));
    for text in TEXTS.iter().map(|&text| text.to_owned()).chain([story.to_owned()]).chain(random) {
        let encoding = reference.encode_fast(text.as_str(), false).unwrap();
        assert_eq!(encode(&vocab, &text), encoding.get_ids(), "{text:?}");
    }
}

#[test]
fn names_of_special_tokens_are_tokens_only_when_asked_for() {
    let (reference, section) = (r50k_base().unwrap(), gpt2());
    let vocab = section.vocab();
    for text in ["a<|endoftext|> b", "<|endoftext|><|endoftext|>", "no", "<|endoftext", " <<|endoftext|>"] {
        let mut room = [0; 64];
        let ids: Vec<u32> =
            vocab.encode_with_special(text, &mut room).unwrap().iter().map(|&token| token.into()).collect();
        assert_eq!(ids, reference.encode_with_special_tokens(text), "{text:?}");
        assert!(!encode(&vocab, text).contains(&50_256));
    }
    assert_eq!(vocab.special(END_OF_TEXT), Some(50_256));
    assert_eq!(vocab.end_of_text(), Some(50_256));
    assert_eq!(vocab.special_name(50_256), Some(END_OF_TEXT));
    assert!(vocab.is_special(50_256) && !vocab.is_special(50_255));
}

/// Texts are encoded in parts on the device, cut before single spaces.
#[test]
fn a_text_cut_before_a_single_space_is_encoded_as_a_whole() {
    let section = gpt2();
    let vocab = section.vocab();
    for text in TEXTS {
        let whole = encode(&vocab, text);
        let cuts = text.match_indices(' ').map(|(at, _)| at);
        for at in cuts.filter(|&at| text[..at].ends_with(|before: char| !before.is_whitespace())) {
            let (before, after) = text.split_at(at);
            assert_eq!([encode(&vocab, before), encode(&vocab, after)].concat(), whole, "{before:?}|{after:?}");
        }
    }
}

#[test]
fn trained_ids_are_those_of_the_trainer() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tokenizer.json");
    let documents: Vec<String> =
        (1..60).map(|seed| random_text(seed, 300)).chain(TEXTS.iter().map(|&text| text.to_owned())).collect();
    let texts = || documents.iter().map(String::as_str);
    let n_vocab = train(texts(), TrainSettings { n_vocab: 700, ..TrainSettings::default() }, &path).unwrap();
    assert_eq!(n_vocab, 700);
    let reference = Tokenizer::from_file(&path).unwrap();
    let section = Section::new(&vocab_section(&path, n_vocab, SpecialTokens::default()).unwrap(), n_vocab);
    let vocab = section.vocab();
    assert_eq!(vocab.end_of_text(), Some(0));
    for text in texts().chain(["unseen words: quixotic zephyr", "'re"]) {
        assert_eq!(encode(&vocab, text.replace(END_OF_TEXT, "")), {
            let encoding = reference.encode_fast(text.replace(END_OF_TEXT, ""), false).unwrap();
            encoding.get_ids().to_vec()
        });
    }

    let again = dir.path().join("again.json");
    train(texts(), TrainSettings { n_vocab: 700, ..TrainSettings::default() }, &again).unwrap();
    assert!(std::fs::read(&path).unwrap() == std::fs::read(&again).unwrap(), "training is not deterministic");

    let stream = encode_documents(&vocab, &documents[..5]).unwrap();
    let expected: Vec<u32> =
        documents[..5].iter().flat_map(|text| [vec![0], encode(&vocab, text)].concat()).chain([0]).collect();
    assert_eq!(stream.iter().map(|&token| u32::from(token)).collect::<Vec<_>>(), expected);
}
