//! Every check on inputs at random, and on all that ever failed.

use std::fs;
use std::path::Path;

/// Inputs at random for each check.
const N_RANDOM: usize = 300;
const MAX_BYTES: usize = 400;

#[test]
fn random_inputs_hold() {
    for (name, _) in fuzz_checks::ALL {
        let mut random = Random(7);
        for _ in 0..N_RANDOM {
            let n = random.next() as usize % MAX_BYTES;
            // Small numbers choose the first of what there is to choose from.
            let mask = [0xFF, 0x0F, 0x83][random.next() as usize % 3];
            let bytes: Vec<u8> = (0..n).map(|_| random.next() as u8 & mask).collect();
            fuzz_checks::run(name, &bytes);
        }
    }
}

#[test]
fn every_check_is_fuzzed() {
    let list = include_str!("../../../xtask/src/fuzz.rs");
    for (name, _) in fuzz_checks::ALL {
        assert!(list.contains(&format!("\"{name}\"")), "{name} is not in the list of cargo xtask fuzz");
    }
}

/// `fuzz/checks/found/<check>/` holds what a fuzzer found, and what was mended since.
#[test]
fn inputs_that_failed_once_hold() {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("found");
    for check in fs::read_dir(found).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        let name = check.file_name().unwrap().to_str().unwrap().to_owned();
        for input in fs::read_dir(&check).unwrap() {
            fuzz_checks::run(&name, &fs::read(input.unwrap().path()).unwrap());
        }
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 32) as u32
    }
}
