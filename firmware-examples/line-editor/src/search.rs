//! The search for words as a future.

use embassy_futures::yield_now;
use embedded_gpt::{Keyboard, Progress, Suggester, Suggestion};

/// [`Suggester::suggest`], which lets other tasks run after every slice of the work.
///
/// A slice is one call of [`Suggester::poll`]. Whoever drops the future because another key was pressed loses nothing:
/// the search for the next text goes on with what was found for this one.
pub async fn suggest<'s, K: Keyboard>(
    suggester: &mut Suggester<'_, K>,
    text: &str,
    slots: &'s mut [Suggestion],
) -> &'s [Suggestion] {
    while suggester.poll(text) == Progress::Working {
        yield_now().await;
    }
    suggester.best(slots)
}
