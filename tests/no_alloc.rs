//! The runtime takes no memory from an allocator: neither to check a model, nor to compute, sample, suggest, learn or
//! classify.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt::{self, Write};
use std::path::Path;

use device_run::{Board, bit_identity};
use egpt_core::blob_file::BlobFile;
use embedded_gpt::Model;

/// As much memory as the boards have, in words.
const RAM_WORDS: usize = 640 << 10;

thread_local! {
    static N_ALLOCATED: Cell<usize> = const { Cell::new(0) };
}

/// Counts what the thread asks for; the test harness has threads of its own.
struct Counting;

// SAFETY: every call is passed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        N_ALLOCATED.with(|n| n.set(n.get() + 1));
        // SAFETY: the caller keeps the promises of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the memory is from `alloc` above, which had it from the same allocator.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn n_allocated(work: impl FnOnce()) -> usize {
    let before = N_ALLOCATED.get();
    work();
    N_ALLOCATED.get() - before
}

/// Counts what is printed, and keeps none of it.
struct Discard(usize);

impl Write for Discard {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

impl Board for Discard {
    fn instructions(&self) -> Option<u64> {
        None
    }
}

#[test]
fn the_counter_counts() {
    assert_eq!(n_allocated(|| drop(std::hint::black_box(vec![1; 10]))), 1);
}

/// The run of the golden values: sessions, samplers, suggestions, phrases, a user dictionary, labels.
#[test]
fn nothing_is_allocated() {
    for name in ["demo", "keyboard", "orders"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("models/{name}.egpt"));
        let (blob, mut ram) = (BlobFile::read(&path).unwrap(), vec![0; RAM_WORDS]);
        let mut printed = Discard(0);
        let n = n_allocated(|| {
            let model = Model::parse(blob.bytes()).unwrap();
            bit_identity(&model, &mut ram, &mut printed).unwrap();
        });
        assert!(printed.0 > 1000, "{name}: {} bytes were printed", printed.0);
        assert_eq!(n, 0, "{name}");
    }
}
