/* What a model says, printed so that it can be compared with what Rust programs make of it (tests/golden). */
#ifndef SAID_H
#define SAID_H

#include <stddef.h>
#include <stdint.h>

/** Takes what is to be printed. */
typedef void (*print_function)(const char *bytes, size_t len);

/** Generates, suggests, learns and classifies with a model, in so many words of memory; 0 if all went well. */
int say_all(const void *blob, size_t len, uint32_t *ram, size_t n_words, print_function print);

#endif
