//! Starts up and ends: what every program takes that does not concern the runtime.
#![no_std]
#![no_main]

#[path = "../bare.rs"]
mod bare;
#[path = "../halt.rs"]
mod halt;

use bare::{end, entry};
use static_cell::ConstStaticCell;

static RAM: ConstStaticCell<u32> = ConstStaticCell::new(0);

#[entry]
fn main() -> ! {
    core::hint::black_box(RAM.take());
    end()
}
