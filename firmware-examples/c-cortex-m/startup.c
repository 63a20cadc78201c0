/* From reset to main, without any code of a vendor. */
#include <stdint.h>

#include "board.h"

extern uint32_t stack_top, data_start, data_end, bss_start, bss_end;
extern const uint32_t data_load;

int main(void);
void reset(void);
static void fault(void);

/* A handler that is not needed stays 0. */
__attribute__((section(".vectors"), used)) static void (*const vectors[16])(void) = {
    (void (*)(void))&stack_top, reset, fault, fault, fault, fault, fault,
};

__attribute__((used)) void reset(void)
{
    const uint32_t *from = &data_load;
    uint32_t *to;

#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    /* Access to the FPU and the vectors, which code may use from here on. */
    *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20;
    __asm volatile("dsb\n isb" ::: "memory");
#endif
    for (to = &data_start; to < &data_end; to++, from++) {
        *(volatile uint32_t *)to = *from; /* else the compiler would call memcpy */
    }
    for (to = &bss_start; to < &bss_end; to++) {
        *(volatile uint32_t *)to = 0;
    }
    end(main());
}

static void fault(void)
{
    end(1);
}
