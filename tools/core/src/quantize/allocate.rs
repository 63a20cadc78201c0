//! Which tensors get 4 bits and which 8, so that a model fits a budget and loses little.

/// Tensors that have one format, because they are multiplied with the same input.
#[derive(Clone, Debug, PartialEq)]
pub struct Group<T> {
    pub tensors: Vec<T>,
    /// Bytes saved by 4 bits instead of 8.
    pub saves: usize,
    /// What 4 bits instead of 8 cost.
    pub loss: f64,
}

/// For each group whether it gets 4 bits, so that at least `needed` bytes are saved at small loss.
///
/// Groups that save most for their loss come first; then those that turn out not to be needed get their 8 bits
/// back, the costliest first. Where `needed` is 0, all have 8 bits.
///
/// # Errors
/// If all groups together save less; the error is the number of bytes that are missing.
pub fn choose<T>(groups: &[Group<T>], needed: usize) -> Result<Vec<bool>, usize> {
    let mut order: Vec<usize> = (0..groups.len()).collect();
    let price = |group: &Group<T>| group.loss.max(0.0) / group.saves.max(1) as f64;
    order.sort_by(|&a, &b| price(&groups[a]).total_cmp(&price(&groups[b])));
    let mut is_small = vec![false; groups.len()];
    let mut saved = 0;
    for &index in &order {
        if saved >= needed {
            break;
        }
        is_small[index] = true;
        saved += groups[index].saves;
    }
    if saved < needed {
        return Err(needed - saved);
    }
    order.sort_by(|&a, &b| groups[b].loss.total_cmp(&groups[a].loss));
    for index in order {
        if is_small[index] && saved - groups[index].saves >= needed {
            is_small[index] = false;
            saved -= groups[index].saves;
        }
    }
    Ok(is_small)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(costs: &[(usize, f64)]) -> Vec<Group<()>> {
        costs.iter().map(|&(saves, loss)| Group { tensors: vec![], saves, loss }).collect()
    }

    #[test]
    fn saves_what_is_needed_where_it_costs_least() {
        let groups = groups(&[(100, 5.0), (100, 1.0), (50, 2.0), (10, 0.1)]);
        let chosen = |needed| choose(&groups, needed).unwrap();
        assert_eq!(chosen(0), [false; 4]);
        assert_eq!(chosen(90), [false, true, false, false]); // the small one is put back
        assert_eq!(chosen(110), [false, true, false, true]);
        assert_eq!(chosen(150), [false, true, true, false]);
        assert_eq!(chosen(260), [true; 4]);
    }

    #[test]
    fn says_how_many_bytes_are_missing() {
        assert_eq!(choose(&groups(&[(100, 5.0), (20, 1.0)]), 130), Err(10));
    }

    #[test]
    fn noise_below_zero_is_no_gain() {
        assert_eq!(choose(&groups(&[(10, -0.1), (100, 0.0)]), 100), Ok(vec![false, true]));
    }
}
