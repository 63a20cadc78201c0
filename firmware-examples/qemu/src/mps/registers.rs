//! Where the peripherals are: the only thing besides memory in which the boards differ.

/// UART0 (CMSDK APB UART).
pub(super) const UART0: usize = if cfg!(feature = "an547") {
    0x5930_3000
} else if cfg!(feature = "an505") {
    0x5020_0000
} else {
    0x4000_4000
};

/// Reads the register at `address`.
pub(super) fn read(address: usize) -> u32 {
    // SAFETY: callers pass registers of the chosen board's UART0 or timer, which are readable words;
    // reading one has no effect on memory.
    unsafe { (address as *const u32).read_volatile() }
}

/// Writes the register at `address`.
pub(super) fn write(address: usize, value: u32) {
    // SAFETY: callers pass registers of the chosen board's UART0 or timer, which are writable words;
    // these devices do not access memory.
    unsafe { (address as *mut u32).write_volatile(value) }
}
