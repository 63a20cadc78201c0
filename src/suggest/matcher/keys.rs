//! What a key stands for: a letter, a letter that was perhaps missed, or one of several.

use super::Rule;
use super::align::{Aligned, NearBy, TypedLetters};
use super::plain::Plain;

/// What a neighbour on the keyboard costs, in eighths of a nat.
const NEIGHBOUR: u8 = 47;
/// Most that a text may cost, and with many letters: one slip, and two.
const MAX_COSTS: [u8; 2] = [76, 116];
/// From so many letters on there may be two slips.
const MANY: usize = 8;
/// Of fewer letters too much might be meant.
const MIN_LETTERS: usize = 2;
/// Most that a text may cost whose keys stand for several letters: an apostrophe, or two accents.
const MAX_OF_GROUPS: u8 = 20;

/// Says what the keys of a device stand for: [`Letters`] or [`Keys`].
pub trait Keyboard: Copy + core::fmt::Debug {
    /// How letters agree with keys then.
    #[doc(hidden)]
    type Rule: Rule;

    /// The rule for what was typed of a word; `has_slip` if a key was probably missed.
    #[doc(hidden)]
    fn rule(&self, letters: &[u8], has_slip: bool) -> Self::Rule;

    /// Whether keys may be missed.
    #[doc(hidden)]
    fn has_slips(&self) -> bool {
        false
    }
}

/// Every key is its letter, and none is ever missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letters;

impl Keyboard for Letters {
    type Rule = Plain;

    fn rule(&self, _: &[u8], _: bool) -> Plain {
        Plain
    }
}

/// Keys that may be missed, or stand for several letters each.
///
/// ```
/// use embedded_gpt::Keys;
/// const RUSSIAN: Keys<'_> = Keys::with_slips(&["йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"]);
/// const FIVE_KEYS: Keys<'_> = Keys::groups(&["1abcde", "2fghij", "3klmno", "4pqrst", "5uvwxyz"]);
/// assert_ne!(RUSSIAN, FIVE_KEYS);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys<'k> {
    rows: &'k [&'k str],
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Letters,
    Slips,
    Groups,
}

impl Keys<'static> {
    /// Every key is its letter, and none is ever missed: as [`Letters`], for a device that can do otherwise, too.
    pub const LETTERS: Self = Self { rows: &[], kind: Kind::Letters };
    /// Rows of letters as on an English keyboard.
    pub const QWERTY: Self = Self::with_slips(&["qwertyuiop", "asdfghjkl", "zxcvbnm"]);
    /// As on a German one.
    pub const QWERTZ: Self = Self::with_slips(&["qwertzuiopü", "asdfghjklöä", "yxcvbnm"]);
    /// As on a French one.
    pub const AZERTY: Self = Self::with_slips(&["azertyuiop", "qsdfghjklm", "wxcvbn"]);
    /// The keys 2 to 9 of a telephone.
    pub const KEYPAD: Self = Self::groups(&["2abc", "3def", "4ghi", "5jkl", "6mno", "7pqrs", "8tuv", "9wxyz"]);
}

impl<'k> Keys<'k> {
    /// Rows of a keyboard with a key for every letter, which is missed now and then. Each row begins half a key to the
    /// right of the one above it. Letters are small, and those with accents need no keys.
    pub const fn with_slips(rows: &'k [&'k str]) -> Self {
        Self { rows, kind: Kind::Slips }
    }

    /// Keys that stand for several letters each. A group begins with what its key types; its letters follow.
    pub const fn groups(groups: &'k [&'k str]) -> Self {
        Self { rows: groups, kind: Kind::Groups }
    }
}

impl Keyboard for Keys<'_> {
    type Rule = Aligned;

    fn rule(&self, letters: &[u8], has_slip: bool) -> Aligned {
        Aligned::new(match self.kind {
            Kind::Groups => read_groups(self.rows, letters),
            Kind::Slips if has_slip => read_slips(self.rows, letters),
            _ => None,
        })
    }

    fn has_slips(&self) -> bool {
        self.kind == Kind::Slips
    }
}

fn read_slips(rows: &[&str], letters: &[u8]) -> Option<TypedLetters> {
    let n = letters.iter().filter(|&&byte| byte >> 6 != 2).count();
    if n < MIN_LETTERS {
        return None;
    }
    let [one, two] = MAX_COSTS;
    Some(TypedLetters::new(letters, if n < MANY { one } else { two }, NEIGHBOUR, &|key| neighbours(rows, key)))
}

fn read_groups(groups: &[&str], letters: &[u8]) -> Option<TypedLetters> {
    let of = |key| {
        let mut near = NearBy::default();
        let group = groups.iter().find(|group| group.starts_with(key));
        group.iter().flat_map(|group| group.chars().skip(1)).for_each(|letter| near.add(letter));
        near
    };
    (!letters.is_empty()).then(|| TypedLetters::new(letters, MAX_OF_GROUPS, 0, &of))
}

/// The letters around a key. Each row begins half a key to the right of the one above.
fn neighbours(rows: &[&str], key: char) -> NearBy {
    let places = || rows.iter().enumerate().flat_map(|(y, row)| row.chars().enumerate().map(move |(x, c)| (x, y, c)));
    let mut near = NearBy::default();
    if let Some((x, y, _)) = places().find(|&(_, _, c)| c == key) {
        let is_near = |x2: usize, y2: usize| match (y2 + 1).wrapping_sub(y) {
            0 => x2 == x || x2 == x + 1,
            1 => x2 + 1 == x || x2 == x + 1,
            2 => x2 == x || x2 + 1 == x,
            _ => false,
        };
        places().filter(|&(x2, y2, _)| is_near(x2, y2)).for_each(|(_, _, c)| near.add(c));
    }
    near
}
