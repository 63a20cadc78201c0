//! Shows on stderr how far work has come: a bar on a terminal, a line now and then elsewhere.

mod bar;
mod training;

pub use bar::show_on_stderr;
pub use training::TrainingDisplay;
