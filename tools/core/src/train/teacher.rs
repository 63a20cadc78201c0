//! What a larger model expects of a text, for a smaller one to learn from (knowledge distillation, Hinton et al. 2015).
//!
//! The teacher reads the text once, before the training. For each token its likeliest candidates are kept, so that the
//! soft targets cost the training next to nothing, however often it goes over the text.

use anyhow::{Result, ensure};

use crate::measure::windows::windows;
use crate::network::activations::Activations;
use crate::network::dropout::Dropout;
use crate::network::forward::{Pass, check_vocabulary};
use crate::network::norm::add;
use crate::network::params::Layout;
use crate::network::shard::micro_batch;
use crate::network::soft_targets::{CANDIDATES, SoftTarget, likeliest, to_probabilities};
use crate::parallel;
use crate::progress::Progress;
use crate::weights::Weights;

/// Windows that a thread reads at a time, about.
const GROUP: usize = 16;

/// Has teachers read a text: a soft target for each token, but that of the first one is empty. Every other is predicted
/// from at least half of a teacher's context, where as much is before it. Of several teachers it is the mean.
///
/// # Errors
/// When the text has fewer than two tokens, or one that a teacher does not know. When there is no teacher, one knows
/// other tokens than the others or fewer than [`CANDIDATES`], or its weights do not fit their configuration.
pub fn soft_targets(teachers: &[Weights], tokens: &[u16]) -> Result<Vec<SoftTarget>> {
    let n_vocab = teachers.first().map_or(0, |teacher| teacher.config.n_vocab);
    ensure!(n_vocab >= CANDIDATES, "a teacher needs at least {CANDIDATES} tokens, not {n_vocab}");
    ensure!(teachers.iter().all(|teacher| teacher.config.n_vocab == n_vocab), "the teachers know different tokens");
    ensure!(tokens.len() > 1, "a teacher needs at least two tokens of text");
    check_vocabulary(tokens, n_vocab)?;
    let models = teachers.iter().map(|teacher| {
        let layout = Layout::new(&teacher.config)?;
        let params = layout.flatten(teacher)?;
        Ok((layout, params))
    });
    let models: Vec<_> = models.collect::<Result<_>>()?;
    let passes = models.iter().map(|(layout, params)| Pass { layout, params, dropout: Dropout::default() });
    let passes: Vec<Pass> = passes.collect();

    let n_targets = tokens.len() - 1;
    let len = teachers.iter().map(|teacher| teacher.config.n_ctx).min().unwrap_or(1).min(n_targets);
    let windows = windows(n_targets, len, len.div_ceil(2));
    let group = micro_batch(GROUP, len);
    let mut soft_targets = vec![SoftTarget::default(); tokens.len()];
    let mut rest = &mut soft_targets[1..];
    let tasks = windows.chunks(group).map(|windows| {
        let n_scored: usize = windows.iter().map(|&(start, first)| start + len - first).sum();
        (windows, rest.split_off_mut(..n_scored).expect("windows score each target once"))
    });
    let readers = || teachers.iter().map(|teacher| Activations::new(&teacher.config, group, len)).collect();
    let mut workers: Vec<Vec<Activations>> =
        (0..parallel::n_workspaces(windows.len().div_ceil(group))).map(|_| readers()).collect();
    let progress = Progress::new("tokens read by the teacher", n_targets);
    parallel::for_each(&mut workers, tasks, |readers, (windows, soft_targets)| {
        read(&passes, readers, tokens, windows, soft_targets);
        progress.advance(soft_targets.len());
    });
    Ok(soft_targets)
}

/// Fills the soft targets of what some windows are the first to score; each pass has its reader.
fn read(
    passes: &[Pass],
    readers: &mut [Activations],
    tokens: &[u16],
    windows: &[(usize, usize)],
    soft_targets: &mut [SoftTarget],
) {
    let (len, n_vocab) = (readers[0].seq_len(), passes[0].layout.config.n_vocab);
    let inputs: Vec<u16> = windows.iter().flat_map(|&(start, _)| &tokens[start..start + len]).copied().collect();
    for (pass, reader) in passes.iter().zip(&mut *readers) {
        pass.forward(&inputs, reader);
    }
    let scored = windows.iter().enumerate().flat_map(|(i, &(start, first))| i * len + first - start..(i + 1) * len);
    let mut mean = vec![0.0; n_vocab];
    for (soft_target, row) in soft_targets.iter_mut().zip(scored) {
        mean.fill(0.0);
        for reader in &mut *readers {
            let row = &mut reader.logits_mut(inputs.len(), n_vocab)[row * n_vocab..][..n_vocab];
            to_probabilities(row);
            add(&mut mean, row);
        }
        mean.iter_mut().for_each(|sum| *sum /= passes.len() as f32);
        *soft_target = likeliest(&mean);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::Reference;
    use crate::train::random_weights;
    use crate::weights::random::llama_config;

    #[test]
    fn each_token_is_predicted_from_what_is_before_it() {
        let config = llama_config().with(|c| {
            c.n_vocab = 40;
            c.n_ctx = 8;
        });
        let teacher = random_weights(&config, 3).unwrap();
        let tokens: Vec<u16> = (0..21).map(|i| (i * 11 % 40) as u16).collect();
        let soft_targets = soft_targets(std::slice::from_ref(&teacher), &tokens).unwrap();
        assert_eq!(soft_targets[0], SoftTarget::default());
        // The first window reads 8 tokens, the next ones 4 more each, the last one ends with the text.
        for (target, start) in [(1, 0), (8, 0), (9, 4), (12, 4), (20, 12)] {
            let mut row = Reference::new(&teacher).logits(&tokens[start..target]).pop().unwrap();
            to_probabilities(&mut row);
            let expected = likeliest(&row);
            for candidate in expected {
                let given = soft_targets[target].iter().find(|given| given.token == candidate.token).unwrap();
                assert!((given.probability() - candidate.probability()).abs() < 1e-4, "token {target}");
            }
        }
    }

    #[test]
    fn of_two_teachers_it_is_the_mean() {
        // No more tokens than candidates, so that every token is in every soft target.
        let config = llama_config().with(|c| c.n_vocab = CANDIDATES);
        let teachers = [3, 4].map(|seed| random_weights(&config, seed).unwrap());
        let tokens: Vec<u16> = (0..30).map(|i| (i * 7 % 32) as u16).collect();
        let [one, other] =
            teachers.each_ref().map(|teacher| soft_targets(std::slice::from_ref(teacher), &tokens).unwrap());
        let probability = |soft_target: &SoftTarget, token| {
            soft_target.iter().find(|candidate| candidate.token == token).unwrap().probability()
        };
        for (i, mean) in soft_targets(&teachers, &tokens).unwrap().iter().enumerate().skip(1) {
            for token in 0..CANDIDATES as u16 {
                let expected = probability(&one[i], token).midpoint(probability(&other[i], token));
                assert!((probability(mean, token) - expected).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn what_a_teacher_cannot_read_is_refused() {
        let config = llama_config().with(|c| c.n_vocab = 40);
        let teacher = random_weights(&config, 3).unwrap();
        let refused = |teachers: &[&Weights], tokens: &[u16]| {
            soft_targets(&teachers.iter().copied().cloned().collect::<Vec<_>>(), tokens).is_err()
        };
        assert!(!refused(&[&teacher], &[1, 39]) && refused(&[&teacher], &[1, 40]) && refused(&[&teacher], &[1]));
        let few = random_weights(&config.with(|c| c.n_vocab = CANDIDATES - 1), 3).unwrap();
        let more = random_weights(&config.with(|c| c.n_vocab = 41), 3).unwrap();
        assert!(refused(&[&few], &[1, 2]) && refused(&[&teacher, &more], &[1, 2]) && refused(&[], &[1, 2]));
    }
}
