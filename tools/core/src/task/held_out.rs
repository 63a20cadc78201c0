//! Which examples are held out, to measure with.

use sha2::{Digest, Sha256};

/// Splits items into those to learn from and those held out, about `share` of them. Which is which follows from the
/// hash of `key`, so equal ones are on one side, whatever their order; both are in the order of the file.
pub fn hold_out<T>(items: Vec<T>, share: f64, key: impl Fn(&T) -> String) -> (Vec<T>, Vec<T>) {
    let hash = |item: &T| -> u64 {
        let digest = Sha256::digest(key(item));
        u64::from_be_bytes(digest[..8].try_into().expect("eight bytes"))
    };
    let limit = (share * u64::MAX as f64) as u64;
    items.into_iter().partition(|item| hash(item) >= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_the_share_is_held_out_and_copies_stay_together() {
        let items: Vec<u32> = (0..2000).chain(0..100).collect();
        let (learned, held_out) = hold_out(items, 0.1, |i| i.to_string());
        assert!((180..240).contains(&held_out.len()), "{}", held_out.len());
        assert!(held_out.iter().all(|item| !learned.contains(item)));
        assert_eq!(learned.len() + held_out.len(), 2100);
        assert_eq!(hold_out(vec![1, 2, 3], 0.0, u32::to_string).1, [0; 0]);
    }
}
