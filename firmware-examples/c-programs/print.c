/* Texts, by what each board has for bytes. */
#include "board.h"

void print(const char *text)
{
    size_t len = 0;

    while (text[len] != 0) {
        len++;
    }
    print_bytes(text, len);
}
