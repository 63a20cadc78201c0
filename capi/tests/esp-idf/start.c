/* Starts a program as ESP-IDF does, with standard output on the UART of QEMU's `virt` board. */
#include <stdio.h>

void app_main(void);
void uart_bytes(const char *bytes, size_t len);

static int put(char byte, FILE *file)
{
    (void)file;
    uart_bytes(&byte, 1);
    return 0;
}

static FILE uart = FDEV_SETUP_STREAM(put, NULL, NULL, _FDEV_SETUP_WRITE);
FILE *const stdout = &uart;

int main(void)
{
    app_main();
    return 0;
}
