//! Rotary positions.

/// Cosine and sine in units of 2⁻¹⁵.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CosSin {
    pub(crate) cos: i16,
    pub(crate) sin: i16,
}

impl CosSin {
    /// Cosine and sine in one word, for tables in lent memory.
    pub(crate) const fn to_word(self) -> u32 {
        self.cos as u16 as u32 | (self.sin as u16 as u32) << 16
    }

    pub(crate) const fn from_word(word: u32) -> Self {
        Self { cos: word as i16, sin: (word >> 16) as i16 }
    }
}

/// Cosine and sine of an angle given in units of 2⁻³² turns, within 2·10⁻⁴.
///
/// The angle is reduced to an eighth of a turn on either side of a quadrant, and the series are summed there.
pub(crate) fn cos_sin(turns: u32) -> CosSin {
    const TAU: i32 = 205_887; // 2π in units of 2⁻¹⁵
    const fn times(a: i32, b: i32) -> i32 {
        (a * b + (1 << 14)) >> 15
    }
    let quadrant = turns.wrapping_add(1 << 29) >> 30;
    // ±2¹³ is an eighth of a turn; x is the angle in units of 2⁻¹⁵.
    let eighths = (turns.wrapping_sub(quadrant << 30) as i32) >> 16;
    let x = (eighths * TAU + (1 << 15)) >> 16;
    let xx = times(x, x);
    let sin = times(x, 32_768 - times(xx, 5461 - times(xx, 273)));
    let cos = 32_768 - times(xx, 16_384 - times(xx, 1365 - times(xx, 46)));
    let (cos, sin) = match quadrant & 3 {
        0 => (cos, sin),
        1 => (-sin, cos),
        2 => (-cos, -sin),
        _ => (sin, -cos),
    };
    let narrow = |v: i32| v.clamp(-32_767, 32_767) as i16;
    CosSin { cos: narrow(cos), sin: narrow(sin) }
}

/// Turns each pair `(i, i + len / 2)` of a head by the angle of `table[i]`. An empty table turns nothing.
///
/// Elements of up to 15 bits become elements of up to 15.5.
#[inline(never)]
pub(crate) fn rotate(head: &mut [i32], table: &[u32]) {
    let (first, second) = head.split_at_mut(head.len() / 2);
    for ((a, b), &word) in first.iter_mut().zip(second).zip(table) {
        let CosSin { cos, sin } = CosSin::from_word(word);
        let (cos, sin) = (i32::from(cos), i32::from(sin));
        (*a, *b) = ((*a * cos - *b * sin) >> 15, (*b * cos + *a * sin) >> 15);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(turns: u32) -> (f64, f64) {
        let angle = f64::from(turns) / 4_294_967_296.0 * core::f64::consts::TAU;
        (angle.cos(), angle.sin())
    }

    #[test]
    fn cos_sin_all_around() {
        for i in 0..70_000u32 {
            let turns = i.wrapping_mul(0x0001_0001);
            let CosSin { cos, sin } = cos_sin(turns);
            let (right_cos, right_sin) = exact(turns);
            assert!((f64::from(cos) / 32_768.0 - right_cos).abs() < 2e-4, "cos of {turns}: {cos}");
            assert!((f64::from(sin) / 32_768.0 - right_sin).abs() < 2e-4, "sin of {turns}: {sin}");
        }
        let straight = cos_sin(0);
        assert_eq!((straight, CosSin::from_word(straight.to_word())), (CosSin { cos: 32_767, sin: 0 }, straight));
        let back = cos_sin(0xA000_0001);
        assert_eq!(CosSin::from_word(back.to_word()), back);
    }

    #[test]
    fn heads_are_rotated_without_overflow() {
        for turns in [0, 1 << 30, 0x1234_5678, 3 << 29, u32::MAX] {
            let table = [cos_sin(turns).to_word()];
            let (cos, sin) = exact(turns);
            for (a, b) in [(32_767, -32_768), (-32_768, -32_768), (0, 5), (-1, 0)] {
                let mut head = [a, b];
                rotate(&mut head, &table);
                let right = [f64::from(a) * cos - f64::from(b) * sin, f64::from(b) * cos + f64::from(a) * sin];
                assert!((0..2).all(|i| (f64::from(head[i]) - right[i]).abs() < 10.0), "{head:?} for {right:?}");
            }
        }
        let mut head = [1, 2, 3, 4];
        rotate(&mut head, &[]);
        assert_eq!(head, [1, 2, 3, 4]);
    }
}
