//! A session that takes tokens in any portions and goes back is in the state of one that took them one by one, with any
//! two kernels.

use std::sync::Once;

use arbitrary::{Result, Unstructured};
use embedded_gpt::error::StepError;
use embedded_gpt::{Session, TokenId, kernel_check};

use crate::limit::within;
use crate::models::{self, Memory, N_VOCAB};

/// Does the same in two sessions: in portions, with room for some tokens per pass, and one by one.
pub fn check(input: &mut Unstructured<'_>) -> Result<()> {
    static KERNELS: Once = Once::new();
    KERNELS.call_once(kernels_are_right);
    let kernels: Vec<&str> = kernel_check::available().collect();
    let kernels = [*input.choose(&kernels)?, *input.choose(&kernels)?];
    let file = models::any(input)?;
    let model = file.model().expect("a sound blob");
    let context = input.int_in_range(1..=model.config().n_ctx)?;
    let n_prefill = input.int_in_range(1..=9)?;
    let mut memories = [Memory::new(model.config(), context, n_prefill), Memory::new(model.config(), context, 1)];
    let [portions, single] = &mut memories;
    let (mut portions, mut single) = (portions.session(&model, context), single.session(&model, context));
    for _ in 0..input.int_in_range(1..=12)? {
        if input.ratio(1, 4)? {
            let back = input.int_in_range(0..=portions.position() + 1)?;
            let results = [&mut portions, &mut single].map(|session| session.rewind(back));
            assert_eq!(results[0], results[1]);
            continue;
        }
        let tokens = some_tokens(input)?;
        assert!(kernel_check::choose(kernels[0]));
        let logits = within("prefill", || portions.prefill(&tokens).map(|logits| logits.values().to_vec()));
        assert!(kernel_check::choose(kernels[1]));
        assert_eq!(logits, one_by_one(&mut single, &tokens), "{kernels:?}");
        assert_eq!((portions.position(), portions.oldest()), (single.position(), single.oldest()));
        let at = input.int_in_range(0..=portions.position())?;
        assert_eq!(portions.token(at), single.token(at));
    }
    Ok(())
}

/// All kernels of the processor, once, on their own runner.
fn kernels_are_right() {
    for kernel in kernel_check::available() {
        assert!(kernel_check::choose(kernel));
        kernel_check::run(&mut [0; kernel_check::WORDS]).unwrap_or_else(|failure| panic!("{failure}"));
    }
}

fn one_by_one(session: &mut Session<'_>, tokens: &[TokenId]) -> core::result::Result<Vec<i32>, StepError> {
    // All are checked before the first one is taken.
    if tokens.is_empty() || tokens.iter().any(|&token| usize::from(token) >= N_VOCAB) {
        return session.prefill(tokens).map(|logits| logits.values().to_vec());
    }
    let (last, first) = tokens.split_last().expect("not empty");
    first.iter().try_for_each(|&token| session.feed(&[token]))?;
    session.step(*last).map(|logits| logits.values().to_vec())
}

fn some_tokens(input: &mut Unstructured<'_>) -> Result<Vec<TokenId>> {
    // Rarely one that there is not.
    let most = N_VOCAB as TokenId - u16::from(!input.ratio(1, 30)?);
    (0..input.int_in_range(0..=30)?).map(|_| input.int_in_range(0..=most)).collect()
}
