//! The power goes at every write and every erase of an update: the next start finds the old model or the new one.

mod models;
mod simulated_flash;

use std::ops::Range;

use model_slots::{Announced, Checks, Layout, NO_SIGNATURE, ReceiveError, Receiver, Slots};
use models::{BUDGET, orders_marked, tiny};
use simulated_flash::{Erased, FlashError, SimulatedFlash, Tear};

const CHECKS: Checks = Checks::unsigned(BUDGET);

/// What is in the flash before the update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    /// No model was ever there.
    Nothing,
    /// One slot was never written.
    One,
    /// The spare slot holds the model before the one that runs.
    Two,
}

/// A flash with two slots that fill it.
struct Device<const WRITE: usize, const ERASE: usize> {
    flash: SimulatedFlash<WRITE, ERASE>,
    layout: Layout,
}

impl<const WRITE: usize, const ERASE: usize> Device<WRITE, ERASE> {
    fn new(largest_blob: usize) -> Self {
        let slot_len = (largest_blob + 512).next_multiple_of(ERASE);
        let layout = Layout { starts: [0, slot_len as u32], slot_len: slot_len as u32 };
        Self { flash: SimulatedFlash::new(2 * slot_len), layout }
    }

    /// The blob of the model that runs after a start.
    fn run(&self) -> Option<&'static [u8]> {
        let mut slots = Slots::new(self.flash.clone(), self.flash.map(), self.layout).unwrap();
        let loaded = slots.load(&CHECKS).ok()?;
        assert_eq!(loaded.model.blob_len(), loaded.blob.len());
        Some(loaded.blob)
    }

    /// Starts, runs what there is, and receives a model.
    fn update(&self, blob: &[u8]) -> Result<(), ReceiveError<FlashError>> {
        let mut slots = Slots::new(self.flash.clone(), self.flash.map(), self.layout).unwrap();
        let _ = slots.load(&CHECKS);
        let announced = Announced { blob_len: blob.len(), signature: NO_SIGNATURE };
        let mut receiver = Receiver::begin(&mut slots, announced, &CHECKS)?;
        blob.chunks(100).try_for_each(|chunk| receiver.push(chunk))?;
        receiver.finish().map(|_| ())
    }
}

/// Models in the order in which they are sent.
struct Models {
    older: Vec<u8>,
    old: Vec<u8>,
    new: Vec<u8>,
    next: Vec<u8>,
}

impl Models {
    fn tiny() -> Self {
        let [older, old, new, next] = ["older, and longer", "old", "new", "what comes after the new one"].map(tiny);
        Self { older, old, new, next }
    }

    fn real() -> Self {
        let [older, old, new, next] = *b"abcd";
        let [older, old, new, next] = [older, old, new, next].map(orders_marked);
        Self { older, old, new, next }
    }

    fn longest(&self) -> usize {
        [&self.older, &self.old, &self.new, &self.next].into_iter().map(Vec::len).max().unwrap()
    }

    /// Sends what is there before the update; gives what runs then.
    fn send_before<const W: usize, const E: usize>(&self, device: &Device<W, E>, before: Before) -> Option<&[u8]> {
        if before == Before::Two {
            device.update(&self.older).unwrap();
        }
        (before != Before::Nothing).then(|| {
            device.update(&self.old).unwrap();
            self.old.as_slice()
        })
    }
}

/// Each prefix of a word with some way in which an erase may end, and each such way.
fn tears(n_byte: Range<usize>) -> impl Iterator<Item = Tear> + Clone {
    let n = n_byte.len().max(Erased::ALL.len());
    let n_byte = n_byte.cycle().take(n);
    n_byte.zip(Erased::ALL.into_iter().cycle()).map(|(n_byte, erased)| Tear { n_byte, erased })
}

/// Updates with a cut at each operation; tells how many cuts there were.
fn cut_everywhere<const W: usize, const E: usize>(models: &Models, before: Before) -> usize {
    let device = Device::<W, E>::new(models.longest());
    let old = models.send_before(&device, before);
    let contents = device.flash.contents();
    let n_before = device.flash.n_operation();
    device.update(&models.new).unwrap();
    let n_operation = device.flash.n_operation() - n_before;
    assert_eq!(device.run(), Some(models.new.as_slice()));

    let mut n_cut = 0;
    for (n, tear) in (0..=n_operation).flat_map(|n| tears(0..W + 1).map(move |tear| (n, tear))) {
        device.flash.restore(&contents);
        device.flash.cut_after(n, tear);
        let result = device.update(&models.new);
        device.flash.restart();
        let case = format!("{before:?}, {n} of {n_operation}, {tear:?}: {result:?}");
        let running = device.run();
        // The last operation is the one that decides. Torn after its last byte, it did.
        let is_decided = n == n_operation || (n + 1 == n_operation && tear.n_byte == W);
        assert_eq!(running, if is_decided { Some(models.new.as_slice()) } else { old }, "{case}");
        assert_eq!(result.is_ok(), n == n_operation, "{case}");
        device.update(&models.next).unwrap_or_else(|error| panic!("{case}, then {error}"));
        assert_eq!(device.run(), Some(models.next.as_slice()), "{case}");
        n_cut += 1;
    }
    n_cut
}

/// Cuts everywhere, with words and sectors of several kinds of flash.
fn cut_in_every_flash(before: Before) {
    let models = Models::tiny();
    // As in an nRF52, an STM32L4, an STM32H7 and flash that is written by the page.
    let n_cut = [
        cut_everywhere::<4, 4096>(&models, before),
        cut_everywhere::<8, 2048>(&models, before),
        cut_everywhere::<32, 1024>(&models, before),
        cut_everywhere::<256, 1024>(&models, before),
    ];
    // Each word is an operation, and each is cut behind each of its bytes.
    assert!(n_cut.iter().all(|n| *n > models.new.len()), "{n_cut:?}");
}

#[test]
fn a_cut_anywhere_leaves_the_old_model_or_the_new_one() {
    cut_in_every_flash(Before::Two);
}

#[test]
fn a_cut_anywhere_while_the_second_model_is_received_leaves_the_first_or_it() {
    cut_in_every_flash(Before::One);
}

#[test]
fn a_cut_anywhere_while_the_first_model_is_received_leaves_none_or_it() {
    cut_in_every_flash(Before::Nothing);
}

#[test]
fn a_cut_anywhere_while_a_real_model_is_received() {
    let models = Models::real();
    let device = Device::<256, 4096>::new(models.longest());
    let old = models.send_before(&device, Before::Two);
    let contents = device.flash.contents();
    let mut n = 0;
    loop {
        for tear in [0, 100, 256].into_iter().zip([Erased::SomeBits, Erased::FirstHalf, Erased::AllButHeader]) {
            device.flash.restore(&contents);
            device.flash.cut_after(n, Tear { n_byte: tear.0, erased: tear.1 });
            let is_received = device.update(&models.new).is_ok();
            device.flash.restart();
            let running = device.run().unwrap();
            assert!(running == models.new || (!is_received && Some(running) == old), "{n} {tear:?}");
            device.update(&models.next).unwrap();
            assert_eq!(device.run(), Some(models.next.as_slice()), "{n} {tear:?}");
            if is_received {
                assert!(n > models.new.len() / 256, "{n} operations cannot hold the model");
                return;
            }
        }
        n += 1;
    }
}

#[test]
fn a_second_cut_while_the_update_is_tried_again_leaves_a_model_too() {
    let models = Models::tiny();
    let device = Device::<256, 1024>::new(models.longest());
    models.send_before(&device, Before::Two);
    let contents = device.flash.contents();
    let n_before = device.flash.n_operation();
    device.update(&models.new).unwrap();
    let n_operation = device.flash.n_operation() - n_before;
    for (first, tear) in (0..n_operation).flat_map(|n| Erased::ALL.map(|erased| (n, Tear { n_byte: 100, erased }))) {
        device.flash.restore(&contents);
        device.flash.cut_after(first, tear);
        device.update(&models.new).unwrap_err();
        device.flash.restart();
        let after_first = device.flash.contents();
        for (second, n_byte) in (0..n_operation + 4).flat_map(|n| [0, 100, 256].map(|n_byte| (n, n_byte))) {
            device.flash.restore(&after_first);
            device.flash.cut_after(second, Tear { n_byte, ..tear });
            let is_received = device.update(&models.new).is_ok();
            device.flash.restart();
            let running = device.run().unwrap();
            let case = format!("{first} {tear:?}, {second} {n_byte}");
            assert!(running == models.new || (!is_received && running == models.old), "{case}");
            device.update(&models.next).unwrap();
            assert_eq!(device.run(), Some(models.next.as_slice()), "{case}");
        }
    }
}
