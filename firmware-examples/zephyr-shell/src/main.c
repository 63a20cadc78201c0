/* Two commands for the shell: `complete see you tom` offers words for the last one, `next see you` those after it. */
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/shell/shell.h>

#include "embedded_gpt.h"

/* What capi/examples/host.c prints for models/keyboard.egpt. */
#define CONTEXT 64
#define KV_WORDS 4640
#define SCRATCH_WORDS 4454

/* Suggestions that there is room for. */
#define N_SLOT 3
/* The longest line of the shell, and a space. */
#define MAX_TEXT 256

/* From the model in CMakeLists.txt. */
extern const char model_blob[], model_blob_end[];

static EGPT_MEMORY(model_memory, EGPT_MODEL_SIZE);
static EGPT_MEMORY(suggester_memory, EGPT_SUGGESTER_SIZE);
static uint32_t kv[KV_WORDS];
static uint32_t scratch[SCRATCH_WORDS];
static egpt_suggester *suggester;

static int offer(const struct shell *sh, const char *text, size_t len)
{
    egpt_suggestion words[N_SLOT];
    size_t n_words, i;
    egpt_status status;

    if (suggester == NULL) {
        shell_error(sh, "there is no suggester: see what was printed at the start");
        return -1;
    }
    /* In slices, between which other threads of the same priority run. */
    while ((status = egpt_suggester_poll(suggester, text, len)) == EGPT_WORKING) {
        k_yield();
    }
    if (status < 0 || (status = egpt_suggester_best(suggester, words, N_SLOT, &n_words)) < 0) {
        shell_error(sh, "%s", egpt_error_text(status));
        return -1;
    }
    for (i = 0; i < n_words; i++) {
        shell_print(sh, "%s", words[i].text);
    }
    return 0;
}

/* What stands behind the command is one argument, as it was typed. */
static int complete(const struct shell *sh, size_t argc, char **argv)
{
    return argc < 2 ? offer(sh, "", 0) : offer(sh, argv[1], strlen(argv[1]));
}

/* The shell drops a space at the end of a line. */
static int next(const struct shell *sh, size_t argc, char **argv)
{
    char text[MAX_TEXT];
    size_t len = argc < 2 ? 0 : strlen(argv[1]);

    if (len > MAX_TEXT - 1) {
        shell_error(sh, "at most %d bytes", MAX_TEXT - 1);
        return -1;
    }
    if (len > 0) {
        memcpy(text, argv[1], len);
        text[len++] = ' ';
    }
    return offer(sh, text, len);
}

SHELL_CMD_ARG_REGISTER(complete, NULL, "Words for the last one: complete see you tom", complete, 1, SHELL_OPT_ARG_RAW);
SHELL_CMD_ARG_REGISTER(next, NULL, "Words that come next: next see you", next, 1, SHELL_OPT_ARG_RAW);

int main(void)
{
    egpt_session session = {NULL, CONTEXT, kv, KV_WORDS, scratch, SCRATCH_WORDS};
    size_t len = (size_t)(model_blob_end - model_blob);
    egpt_status status = egpt_model_load(model_memory, sizeof model_memory, model_blob, len, &session.model);

    if (status >= 0) {
        status = egpt_suggester_init(suggester_memory, sizeof suggester_memory, &session, NULL, &suggester);
    }
    if (status < 0) {
        printk("embedded-gpt: %s\n", egpt_error_text(status));
    }
    return 0;
}
