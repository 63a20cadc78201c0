//! What a larger model expects of a text, for a smaller one to learn from (knowledge distillation, Hinton et al. 2015).
//!
//! The teacher reads the text once, before the training. For each token its likeliest candidates are kept, so that the
//! lessons cost the training next to nothing, however often it goes over the text.

use anyhow::{Result, ensure};

use super::activations::Activations;
use super::dropout::Dropout;
use super::evaluate::windows;
use super::forward::{Pass, check_vocabulary};
use super::lesson::{CANDIDATES, Lesson, likeliest};
use super::parallel;
use super::params::Layout;
use super::step::micro_batch;
use crate::progress::Progress;
use crate::weights::Weights;

/// Windows that a thread reads at a time, about.
const GROUP: usize = 16;

/// Has `teacher` read a text: a lesson for each token, but that of the first one is empty. Every other is predicted
/// from at least half of the teacher's context, where as much is before it.
///
/// # Errors
/// When the text has fewer than two tokens or one that the teacher does not know, the teacher knows fewer than
/// [`CANDIDATES`], or its weights do not fit their configuration.
pub fn lessons(teacher: &Weights, tokens: &[u16], n_threads: usize) -> Result<Vec<Lesson>> {
    let config = &teacher.config;
    ensure!(config.n_vocab >= CANDIDATES, "a teacher needs at least {CANDIDATES} tokens, not {}", config.n_vocab);
    ensure!(tokens.len() > 1, "a teacher needs at least two tokens of text");
    check_vocabulary(tokens, config.n_vocab)?;
    let layout = Layout::new(config)?;
    let params = layout.flatten(teacher)?;
    let pass = Pass { layout: &layout, params: &params, dropout: Dropout::default() };

    let n_targets = tokens.len() - 1;
    let len = config.n_ctx.min(n_targets);
    let windows = windows(n_targets, len, len.div_ceil(2));
    let group = micro_batch(GROUP, len);
    let mut lessons = vec![Lesson::default(); tokens.len()];
    let mut rest = &mut lessons[1..];
    let tasks = windows.chunks(group).map(|windows| {
        let n_scored: usize = windows.iter().map(|&(start, first)| start + len - first).sum();
        (windows, rest.split_off_mut(..n_scored).expect("windows score each target once"))
    });
    let mut workers: Vec<_> = (0..n_threads.max(1)).map(|_| Activations::new(config, group, len)).collect();
    let progress = Progress::new("tokens read by the teacher", n_targets);
    parallel::for_each(&mut workers, tasks, |acts, (windows, lessons)| {
        read(pass, acts, tokens, windows, lessons);
        progress.advance(lessons.len());
    });
    Ok(lessons)
}

/// Fills the lessons of what some windows are the first to score.
fn read(pass: Pass, acts: &mut Activations, tokens: &[u16], windows: &[(usize, usize)], lessons: &mut [Lesson]) {
    let (len, n_vocab) = (acts.seq_len(), pass.layout.config.n_vocab);
    let inputs: Vec<u16> = windows.iter().flat_map(|&(start, _)| &tokens[start..start + len]).copied().collect();
    pass.forward(&inputs, acts);
    let logits = acts.logits_mut(inputs.len(), n_vocab);
    let scored = windows.iter().enumerate().flat_map(|(i, &(start, first))| i * len + first - start..(i + 1) * len);
    for (lesson, row) in lessons.iter_mut().zip(scored) {
        *lesson = likeliest(&mut logits[row * n_vocab..][..n_vocab]);
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
        let config = embedded_gpt::Config { n_vocab: 40, n_ctx: 8, ..llama_config() };
        let teacher = random_weights(&config, 3).unwrap();
        let tokens: Vec<u16> = (0..21).map(|i| (i * 11 % 40) as u16).collect();
        let lessons = lessons(&teacher, &tokens, 2).unwrap();
        assert_eq!(lessons[0], Lesson::default());
        // The first window reads 8 tokens, the next ones 4 more each, the last one ends with the text.
        for (target, start) in [(1, 0), (8, 0), (9, 4), (12, 4), (20, 12)] {
            let logits = Reference::new(&teacher).logits(&tokens[start..target]).pop().unwrap();
            let expected = likeliest(&mut logits.clone());
            for candidate in expected {
                let given = lessons[target].iter().find(|given| given.token == candidate.token).unwrap();
                assert!((given.probability() - candidate.probability()).abs() < 1e-4, "token {target}");
            }
        }
    }

    #[test]
    fn what_a_teacher_cannot_read_is_refused() {
        let config = embedded_gpt::Config { n_vocab: 40, ..llama_config() };
        let teacher = random_weights(&config, 3).unwrap();
        assert!(lessons(&teacher, &[1, 40], 1).is_err());
        assert!(lessons(&teacher, &[1], 1).is_err());
        let few = random_weights(&embedded_gpt::Config { n_vocab: CANDIDATES - 1, ..config }, 3).unwrap();
        assert!(lessons(&few, &[1, 2], 1).is_err());
    }
}
