//! How much flash and RAM the running firmware takes, from symbols of the linker's script and paint on the stack.
//!
//! A package's memory map has to define `_flash_start` and `_stack_end`; the rest is in the scripts of
//! `cortex-m-rt` and `riscv-rt`.

use core::arch::asm;
use core::ptr::addr_of;

unsafe extern "C" {
    static _flash_start: u32;
    static __sdata: u32;
    static __edata: u32;
    static __sidata: u32;
    static __ebss: u32;
    static _stack_end: u32;
    static _stack_start: u32;
}

/// What a word of the stack holds that has not been used since [`paint_stack`].
const PAINT: u32 = 0xCCCC_CCCC;

/// Bytes of flash: vectors, code, constants (the model among them), initial values of `static`s.
pub fn flash() -> usize {
    // The initial values come last.
    let initial_values = addr_of!(__edata) as usize - addr_of!(__sdata) as usize;
    addr_of!(__sidata) as usize + initial_values - addr_of!(_flash_start) as usize
}

/// Bytes of RAM in `static`s.
pub fn statics() -> usize {
    addr_of!(__ebss) as usize - addr_of!(__sdata) as usize
}

/// Bytes of stack in use.
#[inline(always)]
pub fn stack_now() -> usize {
    addr_of!(_stack_start) as usize - stack_pointer()
}

/// Paints the stack below what is in use now.
#[inline(always)]
pub fn paint_stack() {
    let mut address = addr_of!(_stack_end) as usize;
    while address < stack_pointer() {
        // SAFETY: an aligned word of RAM between the linker's `_stack_end` and the stack pointer, where
        // nothing is in use.
        unsafe { (address as *mut u32).write_volatile(PAINT) }
        address += size_of::<u32>();
    }
}

/// The deepest that the stack has been since [`paint_stack`], in bytes.
pub fn stack_peak() -> usize {
    let top = addr_of!(_stack_start) as usize;
    let mut lowest = addr_of!(_stack_end) as usize;
    while lowest < top && is_painted(lowest) {
        lowest += size_of::<u32>();
    }
    top - lowest
}

fn is_painted(address: usize) -> bool {
    // SAFETY: the address lies between the linker's `_stack_end` and `_stack_start`: an aligned word
    // of RAM. Volatile, because the compiler does not know that it is initialised.
    unsafe { (address as *const u32).read_volatile() == PAINT }
}

#[inline(always)]
fn stack_pointer() -> usize {
    let address;
    // SAFETY: only reads the stack pointer.
    unsafe {
        #[cfg(target_arch = "arm")]
        asm!("mov {}, sp", out(reg) address, options(nomem, nostack, preserves_flags));
        #[cfg(target_arch = "riscv32")]
        asm!("mv {}, sp", out(reg) address, options(nomem, nostack, preserves_flags));
    }
    address
}
