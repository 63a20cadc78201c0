//! The subcommands of `egpt`, one file each: arguments, and what to do with them.

pub mod corpus;
pub mod import;
pub mod train;
