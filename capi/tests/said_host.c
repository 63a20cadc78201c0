/* What a model says, on a computer: said MODEL.egpt. */
#include <stdio.h>
#include <stdlib.h>

#include "said.h"

#define MAX_BLOB (16 << 20)
#define RAM_WORDS (640 << 10)

static void print(const char *bytes, size_t len)
{
    fwrite(bytes, 1, len, stdout);
}

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    /* At a multiple of 16, as malloc does it on 64-bit systems. */
    char *blob = malloc(MAX_BLOB);
    uint32_t *ram = malloc(4 * RAM_WORDS);

    if (!file || !blob || !ram) {
        fprintf(stderr, "usage: said MODEL.egpt\n");
        return 1;
    }
    return say_all(blob, fread(blob, 1, MAX_BLOB, file), ram, RAM_WORDS, print);
}
