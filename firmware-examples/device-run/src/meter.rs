//! What the tokens of a run cost, and the hash of their logits.

use embedded_gpt::{Logits, Sampler, Session, TokenId};

use crate::{Board, LogitsHash, RunError};

/// Follows a run token by token.
#[derive(Debug, Default)]
pub struct Meter {
    hash: LogitsHash,
    tokens: u64,
    instructions: u64,
}

impl Meter {
    /// Nothing has run yet.
    pub const fn new() -> Self {
        Self { hash: LogitsHash::new(), tokens: 0, instructions: 0 }
    }

    /// Takes one token; gives the one that the sampler chooses next. Only the model's own work is counted.
    ///
    /// # Errors
    /// [`RunError::Runtime`] if the token is not in the vocabulary.
    pub fn step(
        &mut self,
        session: &mut Session<'_>,
        token: TokenId,
        sampler: &mut Sampler,
        board: &impl Board,
    ) -> Result<TokenId, RunError> {
        let before = board.instructions();
        let logits = session.step(token)?;
        let after = board.instructions();
        self.add(before.zip(after), logits);
        Ok(sampler.pick(logits))
    }

    /// Counts a token by the instructions executed before and after it, and its logits.
    pub fn add(&mut self, instructions: Option<(u64, u64)>, logits: Logits<'_>) {
        self.tokens += 1;
        self.instructions += instructions.map_or(0, |(before, after)| after - before);
        self.hash.add(logits);
    }

    /// The hash of all logits so far.
    pub const fn hash(&self) -> u64 {
        self.hash.value()
    }

    /// Prints the hash of all logits, and the instructions per token where they are counted.
    ///
    /// # Errors
    /// [`RunError::Runtime`] if the board's output fails.
    pub fn report(&self, board: &mut impl Board) -> Result<(), RunError> {
        writeln!(board, "logits {:#018x}", self.hash.value())?;
        if board.instructions().is_some() {
            writeln!(board, "instructions per token {}", self.instructions / self.tokens.max(1))?;
        }
        Ok(())
    }
}
