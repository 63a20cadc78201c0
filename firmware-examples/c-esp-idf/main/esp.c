/* Starts the program of ../c-programs/main.c, and prints what it says. */
#include <stdio.h>

#include "board.h"

/* That program's main. */
int offer_words(void);
void app_main(void);

void app_main(void)
{
    offer_words();
    fflush(stdout);
}

void print_bytes(const char *bytes, size_t len)
{
    fwrite(bytes, 1, len, stdout);
}
