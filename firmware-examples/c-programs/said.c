/* What a model says that the emulator has put into flash, behind the program: `cargo xtask test C` compares it. */
#include "../../capi/tests/said.h"

#include "board.h"

#define RAM_WORDS (640 << 10)
/* The rest of the smallest flash, more than the model has. */
#define MAX_BYTES (1536 << 10)

/* 512 KiB behind the start of the flash. */
extern const char loaded_model[];
static uint32_t ram[RAM_WORDS];

int main(void)
{
    return say_all(loaded_model, MAX_BYTES, ram, RAM_WORDS, print_bytes);
}
