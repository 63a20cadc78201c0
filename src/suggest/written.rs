//! How a word is written into a text.

use super::cut::{Cut, starts_sentence};
use super::matcher::{Rule, Typed};
use crate::format::words::Capitals;
use crate::lexicon::Spelling;
use crate::part::head;
use crate::text::{Language, MAX_WORD_BYTES, Text, WordRule, count_cases, split_last_char, straight, trim_end};

/// What a text asks of the words that are written into it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Style {
    pub(super) starts_sentence: bool,
    /// The capitals that words have at least.
    capitals: Capitals,
    /// Whether letters stay as they were typed, as there are capitals among them.
    keeps_typed: bool,
    /// Whose capitals words have.
    language: Language,
    /// The last apostrophe of the text, which words have, too.
    apostrophe: Option<char>,
}

impl Style {
    /// The style of a text for words of a rule: those of a shell have no capitals that nobody typed.
    #[inline(always)]
    pub(super) fn by(words: WordRule, text: &str, cut: Cut<'_>, language: Language, capitals: [bool; 2]) -> Self {
        match words {
            WordRule::Letters => Self::of(text, cut, language, capitals),
            WordRule::Shell | WordRule::Pieces => Self::default(),
        }
    }

    /// The style of a text, which is cut before the word. Of its apostrophes those in the last 256 bytes count. Where
    /// nobody typed them there are capitals only if it `adds_capitals`: at the start of a sentence, and if what is
    /// before the word `is_in_capitals`.
    fn of(text: &str, cut: Cut<'_>, language: Language, [adds_capitals, is_in_capitals]: [bool; 2]) -> Self {
        let before = trim_end(text.as_bytes(), |c| straight(c) != '\'');
        let apostrophe = split_last_char(before).map(|(c, _)| c).filter(|&c| straight(c) == '\'');
        let [n_capital, n_small] = count_cases(cut.letters());
        let starts_sentence = starts_sentence(cut);
        let capitals = match n_capital {
            _ if n_small == 0 && (n_capital > 1 || adds_capitals && is_in_capitals) => Capitals::All,
            0 if !(adds_capitals && starts_sentence) => Capitals::None,
            _ => Capitals::First,
        };
        // The keys of Turkic are small letters, whatever was typed.
        let keeps_typed = n_capital > 0 && language != Language::Turkic;
        Self { starts_sentence, capitals, keeps_typed, language, apostrophe }
    }
}

/// A word as a phone would write it: typed capitals stay, sentences start with one, apostrophes are those of the text.
/// It comes with its own capitals. Of its bytes `covered` stand for what was typed. Nothing if it has no room then.
pub(super) fn write_as_typed<R: Rule>(
    (word, capitals): (&[u8], Capitals),
    covered: usize,
    typed: &Typed<R>,
    style: Style,
) -> Text {
    let mut text = Text::new();
    let start = head(word, covered);
    let as_typed = if style.keeps_typed { typed.written(start) } else { start };
    let stays = !core::ptr::eq(as_typed, start);
    if stays {
        as_typed.iter().for_each(|&byte| _ = text.push(byte));
    }
    let Style { language, apostrophe, .. } = style;
    let spelling = Spelling { capitals: capitals.max(style.capitals), language, apostrophe };
    let has_room = spelling.write(word, if stays { covered } else { 0 }, &mut text);
    if !has_room || text.len() > MAX_WORD_BYTES {
        text.truncate(0);
    }
    text
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::super::matcher::Plain;
    use super::*;
    use std::format;
    use std::string::String;

    /// A word of which the text has some letters, `covered` bytes of it.
    fn written(word: &str, covered: usize, text: &str, language: Language, adds: [bool; 2]) -> String {
        let cut = Cut::of(text);
        let mut keys = Text::new();
        cut.letters().iter().for_each(|&byte| assert!(keys.push(byte)));
        let style = Style::of(text, cut, language, adds);
        let word = (word.as_bytes(), Capitals::None);
        String::from_utf8(write_as_typed(word, covered, &Typed::<Plain>::new(keys), style).to_vec()).unwrap()
    }

    #[test]
    fn capitals_are_those_of_a_phone() {
        let inside =
            |word, letters: &str| written(word, letters.len(), &format!("i {letters}"), Language::Any, [true, false]);
        assert_eq!(inside("tom", "T"), "Tom");
        assert_eq!(inside("Tom", "t"), "Tom");
        assert_eq!(inside("I'm", "i'"), "I'm");
        assert_eq!(inside("hello", "HE"), "HELLO");
        assert_eq!(inside("über", "Ü"), "Über");
        assert_eq!(inside("größe", "GRÖ"), "GRÖSSE");
        assert_eq!(inside("größe", "GRÖß"), "GRÖßE");
        assert_eq!(inside("привет", "ПР"), "ПРИВЕТ");
        let at_start = |word, text: &str| written(word, text.len(), text, Language::Any, [true, false]);
        assert_eq!(at_start("what", ""), "What");
        assert_eq!(at_start("über", ""), "Über");
        assert_eq!(at_start("iphone", "iP"), "iPhone");
        assert_eq!(written("what", 0, "", Language::Any, [false, false]), "what");
    }

    #[test]
    fn capitals_go_on() {
        let after =
            |letters: &str, adds| written("what", letters.len(), &format!("i {letters}"), Language::Any, [adds, true]);
        assert_eq!(["", "W", "w"].map(|letters| after(letters, true)), ["WHAT", "WHAT", "what"]);
        assert_eq!(["", "W", "w"].map(|letters| after(letters, false)), ["what", "What", "what"]);
    }

    #[test]
    fn capitals_that_were_typed_are_those_of_the_language() {
        let turkic = |word, letters: &str| written(word, 1, &format!("i {letters}"), Language::Turkic, [true, false]);
        assert_eq!(turkic("insan", "İ"), "İnsan");
        assert_eq!(turkic("insan", "İN"), "İNSAN");
        assert_eq!(turkic("ırmak", "I"), "Irmak");
        assert_eq!(turkic("ırmak", "IR"), "IRMAK");
    }

    #[test]
    fn apostrophes_are_written_as_the_last_one_of_the_text() {
        let written =
            |word: &str, text: &str| written(word, Cut::of(text).letters().len(), text, Language::Any, [false, false]);
        assert_eq!(written("don't", "i do"), "don't");
        assert_eq!(written("don\u{2019}t", "i do"), "don\u{2019}t");
        assert_eq!(written("don't", "don\u{2019}t! i do"), "don\u{2019}t");
        assert_eq!(written("don't", "don\u{2BC}t! i do"), "don\u{2BC}t");
        assert_eq!(written("don\u{2019}t", "don't! i do"), "don't");
        assert_eq!(written("don't", "it\u{2019}s, isn't it? i do"), "don't");
        assert_eq!(written("rock'n'roll", "a rock\u{2019}"), "rock\u{2019}n\u{2019}roll");
        assert_eq!(written("o'clock", "O\u{2019}"), "O\u{2019}clock");
        let far = format!("don\u{2019}t {} do", "a".repeat(256));
        assert_eq!(written("don't", &far), "don't");
        assert_eq!(written("'''''''''''t", "a\u{2019} "), "", "too long");
    }

    #[test]
    fn what_was_not_typed_has_the_capitals_that_were() {
        let written = |word: &str, letters: &str| {
            written(word, word.len(), &format!("i {letters}"), Language::Any, [true, false])
        };
        assert_eq!(written("don't", "Dont"), "Don't");
        assert_eq!(written("don't", "DONT"), "DON'T");
        assert_eq!(written("über", "Uber"), "Über");
        assert_eq!(written("écrire", "ECRIRE"), "ÉCRIRE");
    }
}
