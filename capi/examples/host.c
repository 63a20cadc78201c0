/*
 * Suggestions on a computer: host MODEL.egpt [TEXT]...
 *
 *   cargo xtask capi --out target/c
 *   cc -std=c99 -Itarget/c/include capi/examples/host.c target/c/lib/libembedded_gpt.a -lm -lpthread -ldl -o target/host
 *   target/host models/keyboard.egpt "see you at the s"
 *
 * Prints how much memory the model takes, which a program for a device has to know when it compiles.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embedded_gpt.h"

/* Tokens that the model looks back. */
#define CONTEXT 64
/* Suggestions that there is room for. */
#define N_SLOT 3

static const char *const TEXTS[] = {
    "see you at the s", "my favorite m", "i am going to ", "thank you so m", "what do you want to ",
};

static void *read_file(const char *path, size_t *len);
static void offer(egpt_suggester *suggester, const char *text);

static void check(egpt_status status)
{
    if (status < 0) {
        fprintf(stderr, "error: %s\n", egpt_error_text(status));
        exit(1);
    }
}

int main(int argc, char **argv)
{
    static EGPT_MEMORY(model_memory, EGPT_MODEL_SIZE);
    static EGPT_MEMORY(suggester_memory, EGPT_SUGGESTER_SIZE);
    const egpt_model *model;
    egpt_suggester *suggester;
    egpt_session session = {0};
    size_t len;
    int i;

    if (argc < 2) {
        fprintf(stderr, "usage: host MODEL.egpt [TEXT]...\n");
        return 1;
    }
    void *blob = read_file(argv[1], &len);
    check(egpt_model_load(model_memory, sizeof model_memory, blob, len, &model));

    session.model = model;
    session.context = CONTEXT < egpt_model_max_context(model) ? CONTEXT : egpt_model_max_context(model);
    session.kv_words = egpt_model_kv_words(model, session.context);
    session.scratch_words = egpt_model_scratch_words(model, session.context, 1);
    session.kv = malloc(4 * session.kv_words);
    session.scratch = malloc(4 * session.scratch_words);
    printf("embedded-gpt %s\n", egpt_version());
    printf("#define CONTEXT %zu\n", session.context);
    printf("#define KV_WORDS %zu\n", session.kv_words);
    printf("#define SCRATCH_WORDS %zu\n", session.scratch_words);

    check(egpt_suggester_init(suggester_memory, sizeof suggester_memory, &session, NULL, &suggester));
    for (i = 0; argc == 2 && i < (int)(sizeof TEXTS / sizeof *TEXTS); i++) {
        offer(suggester, TEXTS[i]);
    }
    for (i = 2; i < argc; i++) {
        offer(suggester, argv[i]);
    }
    free(session.scratch);
    free(session.kv);
    free(blob);
    return 0;
}

/* Suggests, in slices of one decode step: between them a device would look after its other work. */
static void offer(egpt_suggester *suggester, const char *text)
{
    egpt_suggestion words[N_SLOT];
    egpt_status status;
    size_t n_words, i;

    while ((status = egpt_suggester_poll(suggester, text, strlen(text))) == EGPT_WORKING) {
    }
    check(status);
    check(egpt_suggester_best(suggester, words, N_SLOT, &n_words));
    printf("%-22s", text);
    for (i = 0; i < n_words; i++) {
        printf("%s %s", i == 0 ? ">" : " |", words[i].text);
    }
    printf("\n");
}

/* The bytes of a file, at a multiple of 16. */
static void *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    long size;
    char *bytes;

    if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0 || fseek(file, 0, SEEK_SET)) {
        perror(path);
        exit(1);
    }
    /* malloc aligns for every type of the language; on 64-bit systems that is 16. */
    bytes = malloc((size_t)size);
    if (!bytes || fread(bytes, 1, (size_t)size, file) != (size_t)size) {
        perror(path);
        exit(1);
    }
    fclose(file);
    *len = (size_t)size;
    return bytes;
}
