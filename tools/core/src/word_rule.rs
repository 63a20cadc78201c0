//! What words are made of, by the names that the tool has for it.

use embedded_gpt::text::WordRule;

/// The names of the rules.
pub const NAMES: [(&str, WordRule); 3] =
    [("letters", WordRule::Letters), ("shell", WordRule::Shell), ("pieces", WordRule::Pieces)];

/// The lowest bit of the rule in the flags of a vocabulary.
const SHIFT: u8 = 6;
/// All bits of the rule there.
pub(crate) const WORD_RULE_FLAGS: u8 = 3 << SHIFT;

/// The rule of a name; `None` if there is none.
pub fn word_rule_of(name: &str) -> Option<WordRule> {
    NAMES.iter().find(|(known, _)| *known == name).map(|&(_, rule)| rule)
}

/// The name of a rule.
pub fn name_of(rule: WordRule) -> &'static str {
    NAMES.iter().find(|&&(_, known)| known == rule).map_or("letters", |(name, _)| name)
}

/// The bits that stand for a rule in the flags of a vocabulary.
pub(crate) fn flags_of(rule: WordRule) -> u8 {
    let number = WordRule::ALL.iter().position(|&known| known == rule).unwrap_or_default();
    (number as u8) << SHIFT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_name_and_a_number() {
        for rule in WordRule::ALL {
            assert_eq!(word_rule_of(name_of(rule)), Some(rule));
        }
        assert_eq!(WordRule::ALL.map(flags_of), [0, 0x40, 0x80]);
        assert_eq!(word_rule_of("words"), None);
    }
}
