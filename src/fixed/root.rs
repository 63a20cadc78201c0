//! Integer square root.

/// `⌊√value⌋`, bit by bit.
pub(super) const fn square_root(value: u32) -> u32 {
    let (mut rest, mut root, mut bit) = (value, 0, 1 << 30);
    while bit != 0 {
        let trial = root + bit;
        root >>= 1;
        if rest >= trial {
            rest -= trial;
            root += bit;
        }
        bit >>= 2;
    }
    root
}

#[cfg(test)]
mod tests {
    use super::square_root;

    #[test]
    fn is_the_largest_integer_below() {
        for value in
            [0, 1, 2, 3, 4, 15, 16, 17, 65_535, 65_536, 0x3FFF_FFFF, 0x4000_0000, 0xFFFE_0000, 0xFFFE_0001, u32::MAX]
        {
            let root = u64::from(square_root(value));
            assert!(root * root <= u64::from(value) && (root + 1) * (root + 1) > u64::from(value), "{value}: {root}");
        }
    }
}
