/* What runs before main, output and the end on QEMU's `virt` board. */
#include <stdint.h>

#include "board.h"

/* NS16550A; QEMU needs no set-up of it, and takes every byte at once. */
#define UART_DATA (*(volatile uint8_t *)0x10000000)
/* Ends the emulator; its status is in the upper half for a failure. */
#define TEST_DEVICE (*(volatile uint32_t *)0x00100000)
enum { PASS = 0x5555, FAIL = 0x13333 };

extern uint32_t data_start, data_end, bss_start, bss_end;
extern const uint32_t data_load;

int main(void);
void start(void);

/* From start.S, which has set up the stack. */
__attribute__((used)) void start(void)
{
    const uint32_t *from = &data_load;
    uint32_t *to;

    for (to = &data_start; to < &data_end; to++, from++) {
        *(volatile uint32_t *)to = *from; /* else the compiler would call memcpy */
    }
    for (to = &bss_start; to < &bss_end; to++) {
        *(volatile uint32_t *)to = 0;
    }
    end(main());
}

void print_bytes(const char *bytes, size_t len)
{
    for (; len > 0; len--) {
        UART_DATA = (uint8_t)*bytes++;
    }
}

void end(int status)
{
    TEST_DEVICE = status == 0 ? PASS : FAIL;
    for (;;) {
    }
}
