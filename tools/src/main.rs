//! `egpt`: argument parsing and dispatch only.
fn main() {}
