//! Models apart from the program: two slots in NOR flash, of which one is replaced while the other one runs.
//!
//! - [`Slots`] finds the newest model that is whole and fits, and gives it to run in place.
//! - [`Receiver`] writes a new one into the spare slot, in chunks of any size as they come from a serial line.
//! - [`Budget`] is what the program has room for; a model that asks for more is refused before it replaces another.
//! - [`Checks`] has the budget and, for products that sign their models, the function that verifies a signature.
//!
//! The flash is whatever implements `NorFlash` of `embedded-storage`. Models are read in place, so the program has to
//! see its flash as memory.
//!
//! # Power cuts
//!
//! A slot is erased from its beginning, where its header is. Then the blob is written, then the header. All is read
//! back, the signature is verified and the model parsed. Only then the mark is written that makes the slot valid. The
//! slot of the model that runs is never touched. So whenever the power goes, the next start finds the old model or the
//! new one, and tests cut it at every write and every erase.
//!
//! # Example
//!
//! ```
//! # #[path = "../tests/simulated_flash/mod.rs"] mod simulated_flash;
//! use embedded_gpt::{Aligned, include_model};
//! use model_slots::{Announced, Budget, Checks, Layout, NO_SIGNATURE, Receiver, Slots};
//!
//! # let flash = simulated_flash::SimulatedFlash::<4, 4096>::new(256 << 10);
//! # let map = flash.map();
//! // What the program's buffers hold, and the flash that the linker left free.
//! const BUDGET: Budget = Budget { context: 32, kv_words: 8 << 10, scratch_words: 4 << 10, blob_bytes: 100 << 10 };
//! const LAYOUT: Layout = Layout { starts: [0, 0x2_0000], slot_len: 0x2_0000 };
//!
//! let checks = Checks::unsigned(BUDGET);
//! let mut slots = Slots::new(flash, map, LAYOUT)?;
//! assert!(slots.load(&checks).is_err(), "nothing is in a new device");
//!
//! // What comes over the cable.
//! static SENT: &Aligned<[u8]> = include_model!("../../../models/orders.egpt");
//! let announced = Announced { blob_len: SENT.0.len(), signature: NO_SIGNATURE };
//! let mut receiver = Receiver::begin(&mut slots, announced, &checks)?;
//! for chunk in SENT.0.chunks(100) {
//!     receiver.push(chunk)?;
//! }
//! receiver.finish()?;
//!
//! let loaded = slots.load(&checks)?;
//! assert_eq!(loaded.model.blob_len(), SENT.0.len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # In firmware
//!
//! Where the flash is in memory, as on a chip of the RP2040's kind, and what a task does with a serial port:
//!
//! ```no_run
//! use embedded_io::{Read, Write};
//! use embedded_storage::nor_flash::NorFlash;
//! use model_slots::{Announced, Checks, Receiver, SIGNATURE_LEN, Slots};
//!
//! /// The address at which the chip has its flash.
//! const FLASH: usize = 0x1000_0000;
//!
//! fn map(offset: u32, len: usize) -> &'static [u8] {
//!     // SAFETY: `Slots` asks for bytes within a slot, and writes none that it may lend or has lent. The linker puts
//!     // nothing there, and nothing else writes there.
//!     unsafe { core::slice::from_raw_parts((FLASH + offset as usize) as *const u8, len) }
//! }
//!
//! /// Receives one model: four bytes of length, the signature, then chunks that are answered one by one.
//! fn receive<F: NorFlash, M: Fn(u32, usize) -> &'static [u8], U: Read + Write>(
//!     slots: &mut Slots<F, M>,
//!     checks: &Checks,
//!     uart: &mut U,
//! ) -> Option<()> {
//!     let (mut len, mut signature) = ([0; 4], [0; SIGNATURE_LEN]);
//!     uart.read_exact(&mut len).ok()?;
//!     uart.read_exact(&mut signature).ok()?;
//!     let blob_len = u32::from_le_bytes(len) as usize;
//!     let mut receiver = Receiver::begin(slots, Announced { blob_len, signature }, checks).ok()?;
//!     while receiver.n_received() < blob_len {
//!         // The sender waits for this, so nothing comes while the flash is busy.
//!         uart.write_all(b"+").ok()?;
//!         let mut chunk = [0; 256];
//!         let chunk = &mut chunk[..(blob_len - receiver.n_received()).min(256)];
//!         uart.read_exact(chunk).ok()?;
//!         receiver.push(chunk).ok()?;
//!     }
//!     receiver.finish().ok()?;
//!     Some(())
//! }
//! ```
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod budget;
mod checks;
mod header;
mod layout;
mod receiver;
mod slots;

pub use budget::{Budget, BudgetError};
pub use checks::{Checks, NO_SIGNATURE, Refusal, SIGNATURE_LEN, Signature};
pub use layout::{Layout, LayoutError, Slot};
pub use receiver::{Announced, ReceiveError, Received, Receiver};
pub use slots::{Loaded, NoModel, Slots};
