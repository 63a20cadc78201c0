//! Own text mixed with what a model has learned from before, so that it does not forget that.

/// One stream of which `share` (0 to below 1) comes from `before`, the rest from `own`; the scarcer one is repeated.
///
/// Both end their documents with the end-of-text token, so copies can follow each other. Windows are drawn from the
/// stream in random order.
pub fn mix(own: &[u16], before: &[u16], share: f64) -> Vec<u16> {
    let (n_own, n_before) = copies(own.len(), before.len(), share);
    [own.repeat(n_own), before.repeat(n_before)].concat()
}

/// How often texts of these lengths are to be repeated for `share` to come from the second one.
pub fn copies(own: usize, before: usize, share: f64) -> (usize, usize) {
    if own == 0 || before == 0 || share <= 0.0 {
        return if own == 0 { (0, 1) } else { (1, 0) };
    }
    let wanted = share / (1.0 - share);
    let ratio = before as f64 / own as f64;
    let copies = |n: f64| (n.round() as usize).max(1);
    if ratio > wanted { (copies(ratio / wanted), 1) } else { (1, copies(wanted / ratio)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share_of_before(own: usize, before: usize, share: f64) -> f64 {
        let stream = mix(&vec![1; own], &vec![2; before], share);
        stream.iter().filter(|&&token| token == 2).count() as f64 / stream.len() as f64
    }

    #[test]
    fn the_scarcer_text_is_repeated() {
        for (own, before, share) in [(10, 1000, 0.5), (1000, 10, 0.5), (50, 3000, 0.25), (10, 10, 0.9)] {
            let given = share_of_before(own, before, share);
            assert!((given - share).abs() < 0.02, "{own} {before} {share}: {given}");
        }
    }

    #[test]
    fn without_a_share_or_a_text_there_is_one_text() {
        assert_eq!(mix(&[1, 2], &[3], 0.0), [1, 2]);
        assert_eq!(mix(&[1, 2], &[], 0.5), [1, 2]);
        assert_eq!(mix(&[], &[3], 0.5), [3]);
    }
}
