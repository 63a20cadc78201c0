//! When two words are the same to a person who accepts one of them.

use unicode_normalization::UnicodeNormalization;

/// A word without what makes no difference: letter case, whether accents are composed with their letters, and the
/// form of an apostrophe. Case is that of Unicode, of no language in particular.
///
/// ```
/// use egpt_core::eval::folding::folded;
/// assert_eq!(folded("Größe"), folded("gro\u{308}ße"));
/// assert_eq!(folded("DON\u{2019}T"), "don't");
/// ```
pub fn folded(word: &str) -> String {
    if word.is_ascii() {
        return word.to_ascii_lowercase();
    }
    composed(word).flat_map(char::to_lowercase).map(|c| if c == 'ς' { 'σ' } else { c }).collect()
}

/// Whether two words are the same, case included.
pub fn is_same_in_case(one: &str, other: &str) -> bool {
    composed(one).eq(composed(other))
}

fn composed(word: &str) -> impl Iterator<Item = char> {
    word.nfc().map(|c| if matches!(c, '\u{2019}' | '\u{2BC}') { '\'' } else { c })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_composition_and_apostrophes_make_no_difference() {
        for [one, other] in [
            ["Hello", "hELLO"],
            ["ПРИВЕТ", "привет"],
            ["ΛΌΓΟΣ", "λόγος"],
            ["École", "e\u{301}cole"],
            ["й", "И\u{306}"],
            ["o\u{302}\u{323}", "o\u{323}\u{302}"],
            ["İnsan", "I\u{307}nsan"],
            ["don't", "Don\u{2019}t"],
            ["п\u{2BC}ять", "п'ять"],
        ] {
            assert_eq!(folded(one), folded(other));
        }
    }

    #[test]
    fn case_can_make_a_difference() {
        assert!(is_same_in_case("École", "E\u{301}cole"));
        assert!(is_same_in_case("Don't", "Don\u{2019}t"));
        assert!(!is_same_in_case("École", "école"));
    }

    #[test]
    fn letters_make_a_difference() {
        for [one, other] in [["ecole", "école"], ["è", "é"], ["и", "й"], ["ı", "i"], ["हिन्दी", "हिन्द"]]
        {
            assert_ne!(folded(one), folded(other));
        }
    }
}
