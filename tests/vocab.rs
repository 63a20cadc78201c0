//! The vocabulary: what it accepts, and that everything it accepts encodes and decodes.

use egpt_core::checkpoint::SpecialTokens;
use egpt_core::tokenizer::{Base, PreTokenizer, SpacePrefix, Vocabulary};
use embedded_gpt::error::{CapacityError, VocabError};
use embedded_gpt::text::{Language, Utf8Stream};
use embedded_gpt::{TokenId, Vocab};

const N_VOCAB: usize = 280;

struct Section {
    words: Vec<u32>,
    len: usize,
}

impl Section {
    fn new(bytes: &[u8]) -> Self {
        let mut words = vec![0u32; bytes.len().div_ceil(4)];
        bytemuck::cast_slice_mut(&mut words)[..bytes.len()].copy_from_slice(bytes);
        Self { words, len: bytes.len() }
    }

    fn bytes(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[..self.len]
    }

    fn vocab(&self) -> Vocab<'_> {
        Vocab::parse(self.bytes(), N_VOCAB).unwrap()
    }
}

/// `<s>` 0, bytes 1 to 256, `he` 257, `ll` 258, `hell` 259, `hello` 260, ` w` 261, `ell` 262, `ello` 263.
fn ranks() -> Vocabulary {
    let byte = |byte: u8| u16::from(byte) + 1;
    Vocabulary {
        base: Base::Bytes,
        pre_tokenizer: PreTokenizer::Gpt2,
        space_prefix: None,
        folds_case: false,
        language: Language::Any,
        first_byte: 1,
        byte_of: (0..=255).collect(),
        first_merge: 257,
        merges: vec![
            [byte(b'h'), byte(b'e')],
            [byte(b'l'), byte(b'l')],
            [257, 258],
            [259, byte(b'o')],
            [byte(b' '), byte(b'w')],
            [byte(b'e'), 258],
            [262, byte(b'o')],
        ],
        first_char: 0,
        chars: vec![],
        special: SpecialTokens { bos: Some(0), ..SpecialTokens::default() },
        named: vec![(0, "<s>".to_owned()), (270, "<|user|>".to_owned())],
    }
}

/// The vocabulary [`ranks`] with numbers one character at a time.
fn digits() -> Vocabulary {
    Vocabulary { pre_tokenizer: PreTokenizer::Gpt2Digits, ..ranks() }
}

/// `<s>` 0, bytes 1 to 256, ` h` 257, `éé` 258, `aa` 259, `aaa` 260, then ` `, `h`, `é`, `a`, `天`.
fn scores() -> Vocabulary {
    Vocabulary {
        base: Base::Chars,
        pre_tokenizer: PreTokenizer::Words,
        space_prefix: Some(SpacePrefix::default()),
        merges: vec![[261, 262], [263, 263], [264, 264], [259, 264]],
        first_char: 261,
        chars: vec![' ', 'h', 'é', 'a', '天'],
        named: vec![(0, "<s>".to_owned())],
        ..ranks()
    }
}

fn section(vocabulary: &Vocabulary) -> Section {
    Section::new(&vocabulary.section(N_VOCAB).unwrap())
}

fn encode(vocab: &Vocab<'_>, text: impl AsRef<[u8]>) -> Vec<TokenId> {
    let mut room = vec![0; text.as_ref().len() + 1];
    vocab.encode(text, &mut room).unwrap().to_vec()
}

fn decode(vocab: &Vocab<'_>, ids: &[TokenId]) -> Vec<u8> {
    let mut buffer = [0; Vocab::MAX_TOKEN_BYTES];
    let bytes: Vec<u8> = ids.iter().flat_map(|&id| vocab.bytes(id, &mut buffer).to_vec()).collect();
    bytes[usize::from(vocab.has_space_prefix() && !bytes.is_empty())..].to_vec()
}

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    /// Text of the vocabularies, and any bytes in between.
    fn bytes(&mut self) -> Vec<u8> {
        let parts: [&[u8]; 12] = [
            b"hello",
            b" w",
            b"hell",
            "éé".as_bytes(),
            b"aaa",
            b" ",
            b"\n",
            b"'re",
            "天".as_bytes(),
            b"9",
            b"\xF0",
            b"\x80",
        ];
        let mut out = Vec::new();
        for _ in 0..self.below(20) {
            match self.below(16) {
                i if i < parts.len() => out.extend(parts[i]),
                _ => out.push(self.below(256) as u8),
            }
        }
        out
    }
}

#[test]
fn pairs_are_joined_by_rank_and_leftmost_first() {
    let section = section(&ranks());
    let vocab = section.vocab();
    assert_eq!(encode(&vocab, "hello"), [260]);
    assert_eq!(encode(&vocab, " hello"), [u16::from(b' ') + 1, 260]);
    assert_eq!(encode(&vocab, "lll"), [258, u16::from(b'l') + 1]);
    assert_eq!(encode(&vocab, "a w"), [u16::from(b'a') + 1, 261]);
    assert_eq!(encode(&vocab, "ello"), [263]);
}

#[test]
fn characters_without_a_token_become_bytes() {
    let section = section(&scores());
    let vocab = section.vocab();
    assert_eq!(encode(&vocab, "h"), [257]);
    assert_eq!(encode(&vocab, " éé天"), [261, 261, 258, 265]);
    assert_eq!(encode(&vocab, "aaaa"), [261, 259, 259]);
    assert_eq!(encode(&vocab, "aaa"), [261, 260]);
    assert_eq!(encode(&vocab, "ö"), [261, 0xC3 + 1, 0xB6 + 1]);
    assert!(encode(&vocab, "").is_empty());
    assert_eq!(vocab.encode_continuation("h", &mut [0; 4]).unwrap(), [262]);

    let (mut stream, mut text, mut buffer) = (vocab.text_stream(), String::new(), [0; Vocab::MAX_TOKEN_BYTES]);
    for id in encode(&vocab, " h ö") {
        stream.push(vocab.bytes(id, &mut buffer), &mut text).unwrap();
    }
    assert_eq!(text, " h ö");
}

#[test]
fn any_bytes_come_back() {
    for vocabulary in [ranks(), digits(), scores()] {
        let section = section(&vocabulary);
        let mut random = Random(1);
        for _ in 0..3000 {
            let text = random.bytes();
            let ids = encode(&section.vocab(), &text);
            assert_eq!(decode(&section.vocab(), &ids), text, "{ids:?}");
        }
    }
}

#[test]
fn encoding_on_both_sides_of_a_space_gives_the_tokens_of_the_whole() {
    let sections = [ranks(), digits()].map(|vocabulary| section(&vocabulary));
    let mut random = Random(2);
    let mut n_border = 0;
    for i in 0..2000 {
        let vocab = sections[i % 2].vocab();
        let text = String::from_utf8_lossy(&random.bytes()).into_owned();
        for (border, _) in text.match_indices(' ').filter(|(at, _)| !text[..*at].ends_with(char::is_whitespace)) {
            let (before, after) = text.split_at(border);
            let mut room = vec![0; text.len() + 1];
            let after = match before {
                "" => encode(&vocab, after),
                _ => vocab.encode_continuation(after, &mut room).unwrap().to_vec(),
            };
            assert_eq!([encode(&vocab, before), after].concat(), encode(&vocab, &text), "{before:?}|{text:?}");
            n_border += 1;
        }
    }
    assert!(n_border > 1000, "{n_border}");
}

#[test]
fn a_space_is_put_before_a_text_as_the_vocabulary_says() {
    for (one_space, after_special) in [(false, false), (true, false), (false, true), (true, true)] {
        let prefix = SpacePrefix { one_space, after_special };
        let section = section(&Vocabulary { space_prefix: Some(prefix), ..scores() });
        let vocab = section.vocab();
        let ids = |text: &str| {
            let mut room = [0; 16];
            vocab.encode_with_special(text, &mut room).unwrap().to_vec()
        };
        assert_eq!(ids("h"), [257]);
        assert_eq!(ids(" h"), if one_space { vec![257] } else { vec![261, 257] });
        assert_eq!(ids("h<s>h"), [257, 0, if after_special { 257 } else { 262 }]);
        assert_eq!(ids("<s> h"), if after_special && !one_space { vec![0, 261, 257] } else { vec![0, 257] });
        let mut room = [0; 16];
        assert_eq!(vocab.encode_continuation("h", &mut room).unwrap(), [262]);
    }
}

#[test]
fn a_buffer_that_is_too_small_is_told_what_is_enough() {
    for (vocabulary, needed) in [(ranks(), 11), (scores(), 12)] {
        let section = section(&vocabulary);
        let mut room = [0; 12];
        let error = section.vocab().encode("hello world", &mut room[..3]).unwrap_err();
        assert_eq!(error, CapacityError { needed, given: 3 });
        section.vocab().encode("hello world", &mut room[..needed]).unwrap();
    }
}

#[test]
fn lengths_and_first_bytes_are_those_of_the_bytes() {
    for vocabulary in [ranks(), scores()] {
        let section = section(&vocabulary);
        let (vocab, mut buffer) = (section.vocab(), [0; Vocab::MAX_TOKEN_BYTES]);
        for token in 0..=TokenId::MAX {
            let bytes = vocab.bytes(token, &mut buffer);
            assert_eq!(vocab.token_len(token), bytes.len());
            assert_eq!(vocab.first_byte(token), bytes.first().copied());
            assert_eq!(vocab.is_special(token), bytes.is_empty());
        }
    }
}

#[test]
fn special_tokens_are_found_by_name_and_by_role() {
    let section = section(&ranks());
    let vocab = section.vocab();
    assert_eq!((vocab.bos(), vocab.eos(), vocab.pad(), vocab.end_of_text()), (Some(0), None, None, None));
    assert_eq!((vocab.special("<|user|>"), vocab.special("user")), (Some(270), None));
    assert_eq!((vocab.special_name(270), vocab.special_name(271)), (Some("<|user|>"), None));
    let mut room = [0; 32];
    let ids = vocab.encode_with_special("<s>hello<|user|>", &mut room).unwrap();
    assert_eq!(ids, [0, 260, 270]);
    assert_eq!(vocab.len(), N_VOCAB);
}

#[test]
fn capitals_become_small_letters_where_the_vocabulary_has_only_those() {
    let sections = [ranks(), Vocabulary { folds_case: true, ..ranks() }].map(|vocabulary| section(&vocabulary));
    let [kept, folded] = sections.each_ref().map(Section::vocab);
    assert!(folded.folds_case() && !kept.folds_case());
    for (text, small) in [
        (&b"Hello HELLO heLLo"[..], &b"hello hello hello"[..]),
        ("ÉÜß ЖЁ Ωά ÿŸ".as_bytes(), "éüß жё ωά ÿÿ".as_bytes()),
        ("日本 1Ⅷ".as_bytes(), "日本 1Ⅷ".as_bytes()),
        (b"I'LL WE'RE'S", b"i'll we're's"),
        (b"\xC3A\xC3\x89\xC3", b"\xC3a\xC3\xA9\xC3"), // not all of it UTF-8
    ] {
        assert_eq!(encode(&folded, text), encode(&folded, small));
        assert_eq!(encode(&folded, small), encode(&kept, small));
        assert_eq!(encode(&kept, text) == encode(&kept, small), text == small);
    }
}

#[test]
fn capitals_become_the_small_letters_of_the_language() {
    let folded = |language| section(&Vocabulary { folds_case: true, language, ..ranks() });
    for (language, text, small) in [
        (Language::Any, "IŞIK İÇİN ƯỚC", "işik için Ước"),
        (Language::Turkic, "IŞIK İÇİN ƯỚC", "ışık için Ước"),
        (Language::Greek, "ΟΝΟΜΑΣ Ί I", "ονομασ ί i"),
        (Language::Vietnamese, "IŞIK İÇİN ƯỚC", "işik için ước"),
    ] {
        let section = folded(language);
        let vocab = section.vocab();
        assert_eq!(vocab.language(), language);
        assert_eq!(encode(&vocab, text), encode(&vocab, small));
        assert_eq!(decode(&vocab, &encode(&vocab, text)), small.as_bytes());
    }
    let kept = section(&Vocabulary { language: Language::Turkic, ..ranks() });
    assert_eq!(encode(&kept.vocab(), "IŞIK"), encode(&section(&ranks()).vocab(), "IŞIK"));
    // One byte becomes two.
    let (turkic, mut room) = (folded(Language::Turkic), [0; 6]);
    assert_eq!(turkic.vocab().encode("III", &mut room[..3]), Err(CapacityError { needed: 6, given: 3 }));
    assert!(turkic.vocab().encode("III", &mut room).is_ok());
}

#[test]
fn damage_is_named() {
    let refused = |vocabulary: &Vocabulary, at: usize, value: u8, expected: VocabError| {
        let mut bytes = vocabulary.section(N_VOCAB).unwrap();
        bytes[at] = value;
        assert_eq!(Vocab::parse(Section::new(&bytes).bytes(), N_VOCAB).unwrap_err(), expected, "byte {at}");
    };
    let (merges, n_merges) = (32 + 256, ranks().merges.len());
    let order = merges + 4 * n_merges;
    let specials = (order + 2 * n_merges).next_multiple_of(4);
    refused(&ranks(), 0, 2, VocabError::Header);
    refused(&ranks(), 1, 4, VocabError::Header);
    refused(&ranks(), 2, 1, VocabError::Header);
    refused(&ranks(), 2, 4, VocabError::Header);
    refused(&scores(), 2, 3, VocabError::Header); // small letters of bytes only
    refused(&scores(), 2, 192 | 1, VocabError::Header); // a fourth rule of words
    refused(&digits(), 2, 1, VocabError::Header);
    refused(&ranks(), 14, 1, VocabError::Header);
    refused(&ranks(), 28, 1, VocabError::Header);
    refused(&ranks(), 8, 8, VocabError::Length);
    refused(&ranks(), 6, 0, VocabError::Range);
    refused(&ranks(), 5, 1, VocabError::Range);
    refused(&ranks(), 32, 1, VocabError::Byte);
    refused(&ranks(), merges + 8, 3, VocabError::Merge); // a later token: 259
    refused(&ranks(), order, 3, VocabError::Order);
    refused(&ranks(), specials, 9, VocabError::Special); // an ordinary token
    refused(&ranks(), specials + 3, 0xFF, VocabError::Special); // a name that is not UTF-8
    let spaced = |name: &str| Vocabulary {
        space_prefix: Some(SpacePrefix { after_special: true, ..SpacePrefix::default() }),
        named: vec![(0, name.to_owned())],
        ..scores()
    };
    assert!(spaced("s").section(N_VOCAB).is_err());
    refused(&ranks(), 26, 6, VocabError::Longest);
    let chars = 32 + 256 + 4 * 4 + 2 * 4;
    refused(&scores(), chars + 2, 0x11, VocabError::Char);
    refused(&scores(), chars + 4 * 5, 1, VocabError::Order);
}

#[test]
fn tokens_that_grow_without_bound_are_refused() {
    // Each token twice the one before it: the last would have 2^15 bytes.
    let doubling =
        Vocabulary { merges: (0..15).map(|i| if i == 0 { [98, 98] } else { [256 + i, 256 + i] }).collect(), ..ranks() };
    let error = doubling.section(N_VOCAB).unwrap_err().to_string();
    assert!(error.contains("bytes long"), "{error}");
    let mut bytes = Vocabulary { merges: doubling.merges[..7].to_vec(), ..doubling.clone() }.section(N_VOCAB).unwrap();
    let merges = 32 + 256;
    bytes[merges..merges + 28].copy_from_slice(bytemuck::cast_slice(doubling.merges[..7].as_flattened()));
    assert!(Vocab::parse(Section::new(&bytes).bytes(), N_VOCAB).is_ok());

    let n_vocab = 60_000;
    let mut bytes = bytes[..merges].to_vec();
    let n = 50_000_u16;
    bytes[8..10].copy_from_slice(&n.to_le_bytes());
    bytes[3] = 0;
    bytes[24] = 0;
    bytes.extend((0..n).flat_map(|i| [if i == 0 { 98 } else { 256 + i }; 2]).flat_map(u16::to_le_bytes));
    bytes.extend((0..n).flat_map(u16::to_le_bytes));
    assert_eq!(Vocab::parse(Section::new(&bytes).bytes(), n_vocab).unwrap_err(), VocabError::Merge);
}

#[test]
fn a_section_that_is_cut_off_is_refused() {
    for vocabulary in [ranks(), scores()] {
        let bytes = vocabulary.section(N_VOCAB).unwrap();
        for len in 0..bytes.len() {
            assert!(Vocab::parse(Section::new(&bytes[..len]).bytes(), N_VOCAB).is_err(), "{len} of {}", bytes.len());
        }
    }
}

#[test]
fn what_survives_damage_still_encodes_and_decodes() {
    let (mut random, mut survivors) = (Random(3), 0);
    for vocabulary in [ranks(), scores()] {
        let bytes = vocabulary.section(N_VOCAB).unwrap();
        for _ in 0..20_000 {
            let mut damaged = bytes.clone();
            for _ in 0..=random.below(3) {
                let at = random.below(damaged.len());
                damaged[at] =
                    if random.below(2) == 0 { damaged[at] ^ 1 << random.below(8) } else { random.below(256) as u8 };
            }
            let section = Section::new(&damaged);
            let Ok(vocab) = Vocab::parse(section.bytes(), N_VOCAB) else { continue };
            survivors += 1;
            let text = random.bytes();
            assert_eq!(decode(&vocab, &encode(&vocab, &text)), text);
            vocab.encode_with_special(&text, &mut [0; 200]).unwrap();
        }
    }
    assert!(survivors > 300, "only {survivors} sections were used");
}

#[test]
fn a_stream_writes_what_lossy_conversion_does() {
    let mut random = Random(4);
    for _ in 0..5000 {
        let bytes = random.bytes();
        let (mut stream, mut text) = (Utf8Stream::new(), String::new());
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(1 + random.below(rest.len()));
            stream.push(piece, &mut text).unwrap();
            rest = after;
        }
        stream.finish(&mut text).unwrap();
        assert_eq!(text, String::from_utf8_lossy(&bytes));
    }
}
