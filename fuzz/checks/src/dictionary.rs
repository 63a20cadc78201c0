//! A user dictionary of any bytes is refused or holds words; what is learned comes back after saving.

use arbitrary::{Result, Unstructured};
use embedded_gpt::format::blob::{checksum, field};
use embedded_gpt::{SuggestOptions, Suggester, Suggestion, UserDictionary};

use crate::limit::within;
use crate::models::{self, Memory, text};
use crate::suggester::{assert_can_be_offered, assert_can_be_shown};

const CONTEXT: usize = 12;
/// Where the checksum of a dictionary is, and where its words begin, each in so many bytes with four before its text.
const CRC: usize = 8;
const AFTER_CRC: usize = 12;
const WORDS: usize = 76;
const WORD_LEN: usize = 35;
/// Words that are sound, as those of two or three of them.
const SOUND: [&str; 6] = ["hello", "We", "don't", "h", "é", "天"];

/// Restores bytes that a dictionary made and that were damaged then, with a right checksum; then learns, saves and
/// suggests.
pub fn check(input: &mut Unstructured<'_>) -> Result<()> {
    let least = if input.ratio(15, 16)? { UserDictionary::MIN_BYTES } else { 0 };
    let mut bytes = vec![0; input.int_in_range(least..=1_500)?];
    let learned = text(input, 60)?;
    if let Ok(mut dictionary) = UserDictionary::new(&mut bytes) {
        within("learn", || dictionary.learn(&learned, |_| true));
        dictionary.save();
    }
    for _ in 0..input.int_in_range(0..=8)? {
        damage(&mut bytes, input)?;
    }
    // Rarely it stays wrong.
    if input.ratio(15, 16)? {
        seal(&mut bytes);
    }
    let Ok(mut dictionary) = within("restore", || UserDictionary::restore(&mut bytes)) else { return Ok(()) };
    dictionary.words().for_each(assert_can_be_shown);
    let learned = text(input, 30)?;
    within("learn", || dictionary.learn(&learned, |_| false));
    if input.arbitrary()? {
        let word = text(input, 3)?;
        dictionary.add(&word);
        dictionary.forget_word(&text(input, 2)?);
    }
    let words: Vec<String> = dictionary.words().map(str::to_owned).collect();
    let mut saved = within("save", || dictionary.save()).to_vec();
    let restored = UserDictionary::restore(&mut saved).expect("what was saved just now");
    assert_eq!(restored.words().collect::<Vec<_>>(), words);
    suggest(restored, input)
}

/// Writes any byte anywhere; or where a word is another one, since after any bytes there all is refused.
fn damage(bytes: &mut [u8], input: &mut Unstructured<'_>) -> Result<()> {
    if bytes.len() < UserDictionary::MIN_BYTES {
        return Ok(());
    }
    if input.arbitrary()? {
        let at = input.choose_index(bytes.len())?;
        bytes[at] = input.arbitrary()?;
        return Ok(());
    }
    let word = WORDS + WORD_LEN * input.choose_index((bytes.len() - WORDS) / WORD_LEN)?;
    let text =
        if input.ratio(7, 8)? { input.choose(&SOUND)?.repeat(input.int_in_range(1..=3)?) } else { text(input, 4)? };
    let len = text.len().min(WORD_LEN - 4);
    (bytes[word], bytes[word + 1]) = (len as u8, input.arbitrary()?);
    bytes[word + 4..][..len].copy_from_slice(&text.as_bytes()[..len]);
    Ok(())
}

/// Makes the checksum of a dictionary right: it is that of a blob, of all bytes but its own four, which are at another
/// place.
fn seal(bytes: &mut [u8]) {
    if bytes.len() < UserDictionary::MIN_BYTES {
        return;
    }
    let mut blob = [&bytes[..CRC], &bytes[AFTER_CRC..]].concat();
    blob.splice(field::CRC..field::CRC, [0; 4]);
    bytes[CRC..AFTER_CRC].copy_from_slice(&checksum(&blob).to_le_bytes());
}

fn suggest(dictionary: UserDictionary<'_>, input: &mut Unstructured<'_>) -> Result<()> {
    let file = models::any(input)?;
    let model = file.model().expect("a sound blob");
    let context = CONTEXT.min(model.config().n_ctx);
    let mut memory = Memory::new(model.config(), context, 1);
    let options = SuggestOptions { budget: 2, ..SuggestOptions::DEFAULT };
    let mut suggester = Suggester::new(memory.session(&model, context), options);
    suggester.set_user_dictionary(dictionary);
    let mut slots = [Suggestion::EMPTY; 16];
    let typed = text(input, 4)?;
    within("suggest", || suggester.suggest(&typed, &mut slots)).iter().for_each(assert_can_be_offered);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_dictionary_is_restored_once_it_is_sealed() {
        let mut bytes = [0; 300];
        let mut dictionary = UserDictionary::new(&mut bytes).unwrap();
        dictionary.add("Kirchplatz");
        dictionary.save();
        // A letter.
        bytes[WORDS + 4] = b'B';
        assert!(UserDictionary::restore(&mut bytes).is_err());
        seal(&mut bytes);
        assert_eq!(UserDictionary::restore(&mut bytes).unwrap().words().next(), Some("Birchplatz"));
    }
}
