//! One check of `fuzz-checks`, named by the variable `FUZZ_CHECK`, on the inputs that libFuzzer makes up.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static CHECK: LazyLock<String> = LazyLock::new(|| std::env::var("FUZZ_CHECK").expect("FUZZ_CHECK names a check"));

fuzz_target!(|bytes: &[u8]| fuzz_checks::run(&CHECK, bytes));
