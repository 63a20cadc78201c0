//! The cache in front of a microcontroller's external flash, simulated.

use std::sync::{Mutex, PoisonError};

use embedded_gpt::kernel_bench::ON_READ;

/// That of an RP2040: 16 KiB in lines of 8 bytes, each of which has two places.
const LINE: usize = 8;
const WAYS: usize = 2;
const SETS: usize = (16 << 10) / LINE / WAYS;

static CACHE: Mutex<Cache> = Mutex::new(Cache { lines: [[0; WAYS]; SETS], fetched: 0 });

/// Lines of every set, the one used last first, and bytes fetched from flash.
struct Cache {
    lines: [[usize; WAYS]; SETS],
    fetched: u64,
}

impl Cache {
    fn read(&mut self, line: usize) {
        let set = &mut self.lines[line % SETS];
        match set.iter().position(|&held| held == line) {
            Some(at) => set[..=at].rotate_right(1),
            None => {
                set.rotate_right(1);
                set[0] = line;
                self.fetched += LINE as u64;
            }
        }
    }
}

fn read(bytes: &[u8]) {
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    let start = bytes.as_ptr().addr();
    (start / LINE..(start + bytes.len()).div_ceil(LINE)).for_each(|line| cache.read(line));
}

/// Bytes of weights that are fetched from flash while `work` runs, beginning with an empty cache.
pub fn fetched(work: &mut dyn FnMut()) -> u64 {
    ON_READ.get_or_init(|| read);
    let clear = || {
        let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *cache, Cache { lines: [[0; WAYS]; SETS], fetched: 0 }).fetched
    };
    clear();
    work();
    clear()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lines_of_a_set_stay_and_a_third_one_pushes_out_the_older() {
        let mut cache = Cache { lines: [[0; WAYS]; SETS], fetched: 0 };
        let lines = [5, 5 + SETS, 5, 5 + 2 * SETS, 5, 5 + SETS, 6];
        let fetched = lines.map(|line| {
            let before = cache.fetched;
            cache.read(line);
            cache.fetched - before
        });
        assert_eq!(fetched, [8, 8, 0, 8, 0, 8, 8]);
    }
}
