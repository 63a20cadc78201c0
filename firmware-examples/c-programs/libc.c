/* The library beside functions of a libc that both have or need: `cargo xtask test C:` links it in each order. */
#include <stdio.h>
#include <string.h>

#include "embedded_gpt.h"
#include "board.h"

extern const char model_blob[], model_blob_end[];

static EGPT_MEMORY(model_memory, EGPT_MODEL_SIZE);

/* newlib wants to know where a heap is; there is none. */
void *_sbrk(int more);
void *_sbrk(int more)
{
    (void)more;
    return (void *)-1;
}

int main(void)
{
    static char text[100];
    char copy[100];
    const egpt_model *model;
    size_t len = (size_t)(model_blob_end - model_blob);
    egpt_status status = egpt_model_load(model_memory, sizeof model_memory, model_blob, len, &model);

    snprintf(text, sizeof text, "%s, %lu bytes, %s\n", egpt_version(), (unsigned long)len, egpt_error_text(status));
    memmove(text + 1, text, strlen(text) + 1);
    memcpy(copy, text, sizeof copy);
    memset(copy, 'v', 1);
    print(copy);
    return memcmp(copy + 1, text + 1, sizeof copy - 1) != 0;
}
