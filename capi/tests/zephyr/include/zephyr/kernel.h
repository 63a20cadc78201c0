/* What firmware-examples/zephyr-shell takes of Zephyr's <zephyr/kernel.h>. */
#ifndef STAND_IN_KERNEL_H
#define STAND_IN_KERNEL_H

#include <stdio.h>

#include "board.h"

/* There is one thread. */
static inline void k_yield(void)
{
}

#define printk(...) do { char line_[128]; snprintf(line_, sizeof line_, __VA_ARGS__); print(line_); } while (0)

#endif
