//! What slots and receivers do with models that come whole, in part, damaged or too large.

mod models;
mod simulated_flash;

use embedded_gpt::error::LoadError;
use embedded_gpt::{Buffers, Classifier, Session};
use model_slots::{
    Announced, Budget, BudgetError, Checks, Layout, LayoutError, NO_SIGNATURE, ReceiveError, Received, Receiver,
    Refusal, Slot, Slots,
};
use models::{BUDGET, ORDERS, orders_marked, tiny};
use simulated_flash::{Erased, FlashError, SimulatedFlash, Tear};

const CHECKS: Checks = Checks::unsigned(BUDGET);
const SLOT_LEN: usize = 48 << 10;
const LAYOUT: Layout = Layout { starts: [4096, 4096 + SLOT_LEN as u32], slot_len: SLOT_LEN as u32 };
/// Header and mark in flash with words of 8 bytes.
const BLOB_AT: usize = 96;

type Flash = SimulatedFlash<8, 4096>;

fn flash() -> Flash {
    Flash::new(4096 + 2 * SLOT_LEN)
}

/// The slots after a start.
fn started(flash: &Flash) -> Slots<Flash, impl Fn(u32, usize) -> &'static [u8] + use<>> {
    Slots::new(flash.clone(), flash.map(), LAYOUT).unwrap()
}

fn announced(blob_len: usize) -> Announced {
    Announced { blob_len, signature: NO_SIGNATURE }
}

fn receive_in<M: Fn(u32, usize) -> &'static [u8]>(
    slots: &mut Slots<Flash, M>,
    blob: &[u8],
    chunk_len: usize,
) -> Result<Received, ReceiveError<FlashError>> {
    let mut receiver = Receiver::begin(slots, announced(blob.len()), &CHECKS)?;
    blob.chunks(chunk_len).try_for_each(|chunk| receiver.push(chunk))?;
    receiver.finish()
}

/// Starts, loads what there is and receives a model.
fn update(flash: &Flash, blob: &[u8]) -> Result<Received, ReceiveError<FlashError>> {
    let mut slots = started(flash);
    let _ = slots.load(&CHECKS);
    receive_in(&mut slots, blob, 100)
}

fn running(flash: &Flash) -> &'static [u8] {
    started(flash).load(&CHECKS).unwrap().blob
}

#[test]
fn a_received_model_runs_in_place() {
    let flash = flash();
    let refusals = started(&flash).load(&CHECKS).unwrap_err().refusals;
    assert_eq!(refusals, [Refusal::Empty; 2]);
    assert_eq!(update(&flash, &ORDERS.0), Ok(Received { slot: Slot::First, sequence: 0 }));

    let loaded = started(&flash).load(&CHECKS).unwrap();
    let (kv, scratch) = (&mut [0; BUDGET.kv_words], &mut [0; BUDGET.scratch_words]);
    let session = Session::new(&loaded.model, loaded.context, Buffers { kv, scratch }).unwrap();
    let mut classifier = Classifier::new(session).unwrap();
    assert_eq!(classifier.classify("could you make it a bit brighter in the kitchen").name, "light");
}

#[test]
fn slots_take_turns() {
    let flash = flash();
    for sequence in 0..5 {
        let blob = orders_marked(b'a' + sequence as u8);
        let slot = Slot::ALL[sequence as usize % 2];
        assert_eq!(update(&flash, &blob), Ok(Received { slot, sequence }));
        assert_eq!(running(&flash), blob);
    }
}

#[test]
fn chunks_may_have_any_length() {
    let (model, expected) = (tiny("any length"), flash());
    receive_in(&mut started(&expected), &model, model.len()).unwrap();
    for chunk_len in [1, 2, 7, 8, 255, 256, 257, 1000] {
        let flash = flash();
        receive_in(&mut started(&flash), &model, chunk_len).unwrap();
        assert_eq!(&*flash.bytes(), &*expected.bytes(), "{chunk_len}");
        assert_eq!(running(&flash), model);
    }
    // None of them need be of one length, and some may be empty.
    let flash = flash();
    let mut slots = started(&flash);
    let mut receiver = Receiver::begin(&mut slots, announced(model.len()), &CHECKS).unwrap();
    let (mut rest, mut len) = (model.as_slice(), 0);
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(len.min(rest.len()));
        receiver.push(chunk).unwrap();
        (rest, len) = (after, (len * 7 + 3) % 500);
    }
    receiver.finish().unwrap();
    assert_eq!(&*flash.bytes(), &*expected.bytes());
}

#[test]
fn what_is_too_large_erases_nothing() {
    let flash = flash();
    let mut slots = started(&flash);
    let capacity = SLOT_LEN - BLOB_AT;
    assert_eq!(slots.capacity(), capacity);

    let error = Receiver::begin(&mut slots, announced(capacity + 1), &CHECKS).unwrap_err();
    assert_eq!(error, ReceiveError::TooLarge { blob_len: capacity + 1, capacity });
    let error = Receiver::begin(&mut slots, announced(BUDGET.blob_bytes + 1), &CHECKS).unwrap_err();
    assert!(matches!(error, ReceiveError::Budget(BudgetError::BlobBytes { .. })), "{error}");
    assert_eq!(error.to_string(), "the blob has 61441 bytes, the program has room for 61440; send a smaller model");
    assert_eq!(flash.n_operation(), 0);
    Receiver::begin(&mut slots, announced(capacity), &CHECKS).unwrap();
    assert_eq!(flash.n_erase(), 1);
}

#[test]
fn a_model_that_asks_for_more_memory_than_there_is_does_not_replace_another() {
    let flash = flash();
    update(&flash, &tiny("small")).unwrap();
    let config = started(&flash).load(&CHECKS).unwrap().model.config().to_owned();
    let budgets = [
        (Budget { kv_words: config.kv_words(4), ..BUDGET }, "words for keys and values with 32 tokens of context"),
        (Budget { scratch_words: config.scratch_words(4), ..BUDGET }, "words of scratch with 32 tokens of context"),
    ];
    for (budget, what) in budgets {
        let checks = Checks::unsigned(budget);
        let mut slots = started(&flash);
        slots.load(&checks).unwrap();
        let mut receiver = Receiver::begin(&mut slots, announced(ORDERS.0.len()), &checks).unwrap();
        receiver.push(&ORDERS.0).unwrap();
        let error = receiver.finish().unwrap_err();
        assert!(matches!(error, ReceiveError::Refused(Refusal::Budget(_))), "{error}");
        assert!(error.to_string().contains(what), "{error}");
        assert_eq!(running(&flash), tiny("small"));
    }
}

#[test]
fn a_model_that_looks_back_less_is_run_with_what_it_can() {
    let flash = flash();
    update(&flash, &tiny("four tokens")).unwrap();
    assert_eq!(started(&flash).load(&CHECKS).unwrap().context, 4);
    update(&flash, &ORDERS.0).unwrap();
    assert_eq!(started(&flash).load(&CHECKS).unwrap().context, BUDGET.context);
}

#[test]
fn what_is_no_model_does_not_replace_one() {
    let flash = flash();
    update(&flash, &tiny("old")).unwrap();
    assert_eq!(update(&flash, &[7; 300]), Err(ReceiveError::Refused(Refusal::Blob(LoadError::NotABlob))));
    // As when a byte was lost and another doubled on the way.
    let mut damaged = tiny("new");
    damaged[700] ^= 1;
    assert_eq!(update(&flash, &damaged), Err(ReceiveError::Refused(Refusal::Blob(LoadError::Checksum))));
    assert_eq!(running(&flash), tiny("old"));
}

#[test]
fn a_model_that_does_not_come_to_its_end_does_not_replace_one() {
    let flash = flash();
    update(&flash, &tiny("old")).unwrap();
    let new = tiny("new");
    let mut slots = started(&flash);
    slots.load(&CHECKS).unwrap();

    let mut receiver = Receiver::begin(&mut slots, announced(new.len()), &CHECKS).unwrap();
    receiver.push(&new[..1000]).unwrap();
    assert_eq!(receiver.n_received(), 1000);
    let error = receiver.finish().unwrap_err();
    assert_eq!(error, ReceiveError::TooShort { received: 1000, announced: new.len() });
    assert_eq!(running(&flash), tiny("old"));

    // A chunk too long is refused as a whole; the right one may still come.
    let mut receiver = Receiver::begin(&mut slots, announced(new.len()), &CHECKS).unwrap();
    receiver.push(&new[..1000]).unwrap();
    assert_eq!(receiver.push(&new), Err(ReceiveError::TooLong { announced: new.len() }));
    receiver.push(&new[1000..]).unwrap();
    assert_eq!(running(&flash), tiny("old"));
    receiver.finish().unwrap();
    assert_eq!(running(&flash), new);
}

#[test]
fn a_damaged_newer_model_makes_way_for_the_older_one() {
    let flash = flash();
    update(&flash, &tiny("older")).unwrap();
    update(&flash, &tiny("newer")).unwrap();
    let start = LAYOUT.starts[Slot::Second as usize] as usize;
    let (header, mark, blob) = (start + 8, start + 88, start + BLOB_AT);
    for (at, reason) in [(header, Refusal::Damaged), (blob + 3000, Refusal::Damaged), (mark, Refusal::Empty)] {
        for bit in 0..8 {
            flash.damage(at, 1 << bit);
            let loaded = started(&flash).load(&CHECKS).unwrap();
            assert_eq!((loaded.blob, loaded.slot), (tiny("older").as_slice(), Slot::First), "{at:#x}");
            let passed_over = loaded.passed_over;
            // Without a header nobody knows that there was a newer one.
            assert_eq!(passed_over, (at == blob + 3000).then_some(reason), "{at:#x}");
            flash.damage(at, 1 << bit);
        }
    }
    assert_eq!(running(&flash), tiny("newer"));
    flash.damage(blob, 1);
    flash.damage(LAYOUT.starts[0] as usize + BLOB_AT, 1);
    assert_eq!(started(&flash).load(&CHECKS).unwrap_err().refusals, [Refusal::Damaged; 2]);
    // And the next one is taken all the same.
    update(&flash, &tiny("next")).unwrap();
    assert_eq!(running(&flash), tiny("next"));
}

#[test]
fn a_newer_model_that_does_not_fit_this_program_makes_way_for_the_older_one_and_is_replaced() {
    let flash = flash();
    update(&flash, &tiny("older")).unwrap();
    update(&flash, &ORDERS.0).unwrap();
    // The next program has less room.
    let checks = Checks::unsigned(Budget { blob_bytes: 10_000, ..BUDGET });
    let mut slots = started(&flash);
    let loaded = slots.load(&checks).unwrap();
    assert_eq!(loaded.blob, tiny("older"));
    let needed = ORDERS.0.len();
    assert_eq!(loaded.passed_over, Some(Refusal::Budget(BudgetError::BlobBytes { needed, room: 10_000 })));
    assert_eq!(receive_in(&mut slots, &tiny("newest"), 100).unwrap().slot, Slot::Second);
    assert_eq!(running(&flash), tiny("newest"));
}

#[test]
fn a_model_that_runs_is_never_erased() {
    let flash = flash();
    update(&flash, &tiny("runs")).unwrap();
    let mut slots = started(&flash);
    assert_eq!(slots.load(&CHECKS).unwrap().slot, Slot::First);
    // Both updates go to the slot that does not run.
    for note in ["one", "two"] {
        assert_eq!(receive_in(&mut slots, &tiny(note), 100), Ok(Received { slot: Slot::Second, sequence: 1 }));
    }
    // When the second runs, too, the program may still read either.
    assert_eq!(slots.load(&CHECKS).unwrap().blob, tiny("two"));
    let contents = flash.contents();
    assert_eq!(receive_in(&mut slots, &tiny("three"), 100), Err(ReceiveError::BothInUse));
    assert_eq!(flash.contents(), contents);
    assert_eq!(update(&flash, &tiny("three")), Ok(Received { slot: Slot::First, sequence: 2 }));
}

#[test]
fn a_program_that_loads_nothing_keeps_what_would_run() {
    let flash = flash();
    for (sequence, note) in (0..).zip(["one", "two", "three"]) {
        let received = receive_in(&mut started(&flash), &tiny(note), 100).unwrap();
        assert_eq!(received, Received { slot: Slot::ALL[sequence as usize % 2], sequence });
    }
}

#[test]
fn of_models_that_this_program_refuses_the_newer_one_stays_for_another() {
    let refuses_all = Checks::signed(BUDGET, |_, _| false);
    let flash = flash();
    for (note, stays) in [("one", None), ("two", Some("one")), ("three", Some("two"))] {
        let mut slots = started(&flash);
        Receiver::begin(&mut slots, announced(100), &refuses_all).unwrap();
        let left = started(&flash).load(&CHECKS).ok().map(|loaded| loaded.model.metadata());
        assert_eq!(left, stays);
        update(&flash, &tiny(note)).unwrap();
    }
}

#[test]
fn numbers_start_again_after_the_largest() {
    let flash = flash();
    update(&flash, &tiny("largest")).unwrap();
    number_anew(&flash, Slot::First, u32::MAX);
    assert_eq!(update(&flash, &tiny("again")), Ok(Received { slot: Slot::Second, sequence: 0 }));
    assert_eq!(running(&flash), tiny("again"));
    assert_eq!(update(&flash, &tiny("and on")), Ok(Received { slot: Slot::First, sequence: 1 }));
    assert_eq!(running(&flash), tiny("and on"));
}

/// Gives the model in a slot another number.
fn number_anew(flash: &Flash, slot: Slot, sequence: u32) {
    let start = LAYOUT.starts[slot as usize] as usize;
    let mut header = flash.bytes()[start..][..88].to_vec();
    header[8..12].copy_from_slice(&sequence.to_le_bytes());
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(&header[..84]);
    header[84..].copy_from_slice(&crc.to_le_bytes());
    for (i, byte) in header.into_iter().enumerate() {
        let bits = flash.bytes()[start + i] ^ byte;
        flash.damage(start + i, bits);
    }
}

#[test]
fn flash_that_does_not_hold_what_was_written_is_noticed() {
    let flash = flash();
    update(&flash, &tiny("old")).unwrap();
    let new = tiny("new");
    let mut slots = started(&flash);
    let mut receiver = Receiver::begin(&mut slots, announced(new.len()), &CHECKS).unwrap();
    receiver.push(&new).unwrap();
    flash.damage(LAYOUT.starts[1] as usize + BLOB_AT + 100, 0x10);
    assert_eq!(receiver.finish(), Err(ReceiveError::ReadBack));
    assert_eq!(running(&flash), tiny("old"));
}

#[test]
fn a_cache_that_holds_what_was_there_before_is_noticed() {
    let flash = flash();
    for note in ["1", "2"] {
        update(&flash, &tiny(note)).unwrap();
    }
    // The slots as they are now, whatever is written to them.
    let cached = Flash::new(flash.bytes().len());
    cached.restore(&flash.contents());
    let mut slots = Slots::new(flash.clone(), cached.map(), LAYOUT).unwrap();
    assert!(slots.load(&CHECKS).unwrap().blob == tiny("2"));
    // As long as the one before, which is sound, too.
    assert_eq!(receive_in(&mut slots, &tiny("3"), 100), Err(ReceiveError::ReadBack));
    assert!(running(&flash) == tiny("2"));
}

#[test]
fn after_an_error_of_the_flash_a_receiver_takes_nothing_more() {
    let flash = flash();
    let new = tiny("new");
    let mut slots = started(&flash);
    let mut receiver = Receiver::begin(&mut slots, announced(new.len()), &CHECKS).unwrap();
    flash.cut_after(0, Tear { n_byte: 3, erased: Erased::Nothing });
    assert_eq!(receiver.push(&new), Err(ReceiveError::Flash(FlashError::PowerCut)));
    flash.restart();
    assert_eq!(receiver.push(&new[256..]), Err(ReceiveError::Broken));
    assert_eq!(receiver.finish(), Err(ReceiveError::Broken));
    assert_eq!(receive_in(&mut slots, &new, 256), Ok(Received { slot: Slot::First, sequence: 0 }));
}

#[test]
fn slots_that_cannot_be_are_refused() {
    let refused = |starts, slot_len| {
        let flash = flash();
        let map = flash.map();
        Slots::new(flash, map, Layout { starts, slot_len }).unwrap_err()
    };
    assert_eq!(refused([0, 8192], 4000), LayoutError::NotAtSector { offset: 4000, sector_len: 4096 });
    assert_eq!(refused([100, 8192], 4096), LayoutError::NotAtSector { offset: 100, sector_len: 4096 });
    assert_eq!(refused([0, 8192], 0), LayoutError::TooSmall);
    assert_eq!(refused([4096, 0], 8192), LayoutError::Overlap);
    let capacity = 4096 + 2 * SLOT_LEN;
    let end = capacity as u64 + 4096;
    assert_eq!(refused([0, (end - 8192) as u32], 8192), LayoutError::OutOfFlash { end, capacity });
    assert!(matches!(refused([0, u32::MAX - 4095], 8192), LayoutError::OutOfFlash { .. }));
}
