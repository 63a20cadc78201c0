//! What a model has to pass before it runs.

use core::{error, fmt};

use embedded_gpt::Model;
use embedded_gpt::error::LoadError;

use crate::budget::{Budget, BudgetError};

/// Bytes that a slot has for a signature: as many as one of Ed25519 or of ECDSA with P-256 takes.
pub const SIGNATURE_LEN: usize = 64;

/// A signature; what its bytes mean is up to the function that verifies it.
pub type Signature = [u8; SIGNATURE_LEN];

/// What stands in the place of a signature where models are not signed.
pub const NO_SIGNATURE: Signature = [0; SIGNATURE_LEN];

/// What a program asks of a model, when one comes in and at each start.
#[derive(Clone, Copy, Debug)]
pub struct Checks {
    budget: Budget,
    verify: Option<fn(&[u8], &Signature) -> bool>,
}

impl Checks {
    /// For products that take any model that fits.
    ///
    /// Damage is noticed, forgery is not: whoever can reach the serial line can send a model.
    pub const fn unsigned(budget: Budget) -> Self {
        Self { budget, verify: None }
    }

    /// For products that sign their models: `verify` is given the whole blob and the signature that came with it,
    /// before anything else looks at the blob.
    ///
    /// It may also refuse models that were signed and then withdrawn, by their `Model::metadata`.
    pub const fn signed(budget: Budget, verify: fn(&[u8], &Signature) -> bool) -> Self {
        Self { budget, verify: Some(verify) }
    }

    /// Without the signature, for a start that should be quick.
    ///
    /// What is in flash was verified when it came in. Whether that is enough depends on who else can write the flash.
    pub const fn without_signature(self) -> Self {
        Self { budget: self.budget, verify: None }
    }

    /// What the program has room for.
    pub const fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Verifies the signature, then parses the blob, then compares with the budget.
    ///
    /// # Errors
    /// [`Refusal::Signature`], [`Refusal::Blob`] or [`Refusal::Budget`], whichever is found first.
    pub fn check<'m>(&self, blob: &'m [u8], signature: &Signature) -> Result<Model<'m>, Refusal> {
        if self.verify.is_some_and(|verify| !verify(blob, signature)) {
            return Err(Refusal::Signature);
        }
        let model = Model::parse(blob).map_err(Refusal::Blob)?;
        self.budget.check_len(blob.len()).map_err(Refusal::Budget)?;
        self.budget.check(model.config()).map_err(Refusal::Budget)?;
        Ok(model)
    }
}

/// Why what is in a slot does not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// No model is there, or one that was not received to its end.
    Empty,
    /// The driver of the flash could not read it.
    Unreadable,
    /// The bytes are no longer those that were written.
    Damaged,
    /// The signature is not one for this blob by the product's key.
    Signature,
    /// The runtime does not read the blob.
    Blob(LoadError),
    /// The model asks for more than the program has room for.
    Budget(BudgetError),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no model"),
            Self::Unreadable => f.write_str("the flash cannot be read"),
            Self::Damaged => f.write_str("the model was damaged after it was written; send it again"),
            Self::Signature => f.write_str("the signature is not for this model by this product's key"),
            Self::Blob(error) => write!(f, "the model cannot be read: {error}"),
            Self::Budget(error) => error.fmt(f),
        }
    }
}

impl error::Error for Refusal {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Blob(error) => Some(error),
            _ => None,
        }
    }
}
