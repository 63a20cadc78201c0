//! How much flash and RAM the running program takes, from the linker's symbols and the
//! paint on the stack.

use core::ptr::addr_of;

unsafe extern "C" {
    static __sdata: u32;
    static __edata: u32;
    static __sidata: u32;
    static __ebss: u32;
    static _stack_end: u32;
    static _stack_start: u32;
}

/// What the start-up code fills the stack with (feature `paint-stack` of `cortex-m-rt`).
const PAINT: u32 = 0xCCCC_CCCC;

/// Bytes of flash: vectors, code, constants (the model among them), initial values of `static`s.
pub fn flash() -> usize {
    // Flash starts at address 0 and the initial values come last.
    let initial_values = addr_of!(__edata) as usize - addr_of!(__sdata) as usize;
    addr_of!(__sidata) as usize + initial_values
}

/// Bytes of RAM in `static`s.
pub fn statics() -> usize {
    addr_of!(__ebss) as usize - addr_of!(__sdata) as usize
}

/// The deepest that the stack has been, in bytes.
pub fn stack_peak() -> usize {
    let top = addr_of!(_stack_start) as usize;
    let mut lowest = addr_of!(_stack_end) as usize;
    while lowest < top && painted(lowest) {
        lowest += size_of::<u32>();
    }
    top - lowest
}

fn painted(address: usize) -> bool {
    // SAFETY: the address lies between the linker's `_stack_end` and `_stack_start`: an aligned word
    // of RAM. Volatile, because the compiler does not know that it is initialised.
    unsafe { (address as *const u32).read_volatile() == PAINT }
}
