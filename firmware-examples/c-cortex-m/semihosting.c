/* Semihosting for Cortex-M: https://github.com/ARM-software/abi-aa/blob/main/semihosting/semihosting.rst */
#include "board.h"

#include <stdint.h>

enum { SYS_OPEN = 0x01, SYS_WRITE = 0x05, SYS_EXIT = 0x18 };
enum { STOPPED_RUN_TIME_ERROR = 0x20023, STOPPED_APPLICATION_EXIT = 0x20026 };

static uintptr_t call(uintptr_t operation, uintptr_t argument)
{
    register uintptr_t r0 __asm("r0") = operation;
    register uintptr_t r1 __asm("r1") = argument;
    __asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

void print_bytes(const char *bytes, size_t len)
{
    static uintptr_t console;
    uintptr_t write[3] = {0, (uintptr_t)bytes, len};

    if (console == 0) {
        /* Mode 4 is that of standard output. */
        const uintptr_t open[3] = {(uintptr_t) ":tt", 4, 3};
        console = call(SYS_OPEN, (uintptr_t)open);
    }
    write[0] = console;
    call(SYS_WRITE, (uintptr_t)write);
}

void end(int status)
{
    call(SYS_EXIT, status == 0 ? STOPPED_APPLICATION_EXIT : STOPPED_RUN_TIME_ERROR);
    for (;;) {
    }
}
