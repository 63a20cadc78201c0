//! What QEMU's `virt` board offers to the programs in `src/bin`: a serial port, a count of
//! instructions, and an end of the run.
#![no_std]
#![deny(missing_docs, missing_debug_implementations, unsafe_op_in_unsafe_fn)]

use core::fmt::{self, Write};
use core::panic::PanicInfo;

use device_run::Board;
use riscv::register::{minstret, minstreth};

/// NS16550A; QEMU needs no set-up of it, and takes every byte at once.
const UART_DATA: usize = 0x1000_0000;
/// Ends the emulator.
const TEST_DEVICE: usize = 0x0010_0000;
const PASS: u32 = 0x5555;
/// Exit status 1 in the upper half.
const FAIL: u32 = 0x0001_3333;

/// QEMU's `virt` board.
#[derive(Debug)]
pub struct Virt;

impl Write for Virt {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            // SAFETY: the UART's data register is a writable byte at this address on every
            // `virt` board; the UART does not access memory.
            unsafe { (UART_DATA as *mut u8).write_volatile(byte) }
        }
        Ok(())
    }
}

impl Board for Virt {
    fn instructions(&self) -> Option<u64> {
        loop {
            let high = minstreth::read();
            let low = minstret::read();
            // The low half may have overflowed in between.
            if minstreth::read() == high {
                return Some((high as u64) << 32 | low as u64);
            }
        }
    }
}

/// Ends the emulator: status 0 if `ok`, else 1.
pub fn end(ok: bool) -> ! {
    // SAFETY: the test device's register is a writable word at this address on every
    // `virt` board; writing it stops the emulator.
    unsafe { (TEST_DEVICE as *mut u32).write_volatile(if ok { PASS } else { FAIL }) }
    loop {
        core::hint::spin_loop();
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let _ = writeln!(Virt, "{info}");
    end(false)
}
