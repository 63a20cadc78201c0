/* What a program needs of a board: output, and the end of the run. */
#ifndef BOARD_H
#define BOARD_H

#include <stddef.h>

/** Prints a text that ends with 0. */
void print(const char *text);

/** Prints some bytes. */
void print_bytes(const char *bytes, size_t len);

/** Ends the run; the emulator's status is 0 if that of the program is. */
void end(int status);

#endif
