//! Sorts orders by what they are about.

use embedded_gpt::{Aligned, Buffers, Classifier, Config, Model, Session, include_model};

use crate::{Board, RunError};

static BLOB: &Aligned<[u8]> = include_model!("../../../models/orders.egpt");
/// Shape of the model for orders.
pub const ORDERS: Config = Config::of(&BLOB.0);
/// Tokens of context: enough for a sentence.
pub const ORDERS_CONTEXT: usize = 48;

const ORDERS_GIVEN: [&str; 4] = [
    "could you make it a bit brighter in the kitchen",
    "wake me up in 20 minutes",
    "it is too cold in the office",
    "no more songs in the garden, thanks",
];

/// Prints a label for each of some orders, and what that takes.
///
/// # Errors
/// [`RunError`] of the call that failed.
pub fn classify(buffers: Buffers<'_>, board: &mut impl Board) -> Result<(), RunError> {
    let model = Model::parse(&BLOB.0)?;
    let session = Session::new(&model, ORDERS_CONTEXT, buffers)?;
    let mut classifier = Classifier::new(session)?;
    for text in ORDERS_GIVEN {
        let before = board.instructions();
        let class = classifier.classify(text);
        let after = board.instructions();
        write!(board, "{text:<50} {}", class.name)?;
        match before.zip(after) {
            Some((before, after)) => writeln!(board, " ({} instructions)", after.wrapping_sub(before))?,
            None => writeln!(board)?,
        }
    }
    Ok(())
}
