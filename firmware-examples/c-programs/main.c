/* Suggests words for a few texts. */
#include "embedded_gpt.h"
#include "board.h"

/* What capi/examples/host.c prints for models/keyboard.egpt. */
#define CONTEXT 64
#define KV_WORDS 4640
#define SCRATCH_WORDS 4454

/* Suggestions that there is room for. */
#define N_SLOT 3

/* From model.S. */
extern const char model_blob[], model_blob_end[];

static EGPT_MEMORY(model_memory, EGPT_MODEL_SIZE);
static EGPT_MEMORY(suggester_memory, EGPT_SUGGESTER_SIZE);
static uint32_t kv[KV_WORDS];
static uint32_t scratch[SCRATCH_WORDS];

static const egpt_text texts[] = {
    EGPT_TEXT("see you at the s"), EGPT_TEXT("my favorite m"), EGPT_TEXT("i am going to "),
    EGPT_TEXT("thank you so m"), EGPT_TEXT("what do you want to "),
};

static egpt_status offer(egpt_suggester *suggester, egpt_text text)
{
    egpt_suggestion words[N_SLOT];
    egpt_status status;
    size_t n_words, i;

    /* In slices: here a device would look after its other work. */
    while ((status = egpt_suggester_poll(suggester, text.bytes, text.len)) == EGPT_WORKING) {
    }
    if (status < 0 || (status = egpt_suggester_best(suggester, words, N_SLOT, &n_words)) < 0) {
        return status;
    }
    print(text.bytes);
    for (i = text.len; i < 22; i++) {
        print(" ");
    }
    for (i = 0; i < n_words; i++) {
        print(i == 0 ? "> " : " | ");
        print_bytes(words[i].text, words[i].len);
    }
    print("\n");
    return EGPT_OK;
}

static egpt_status run(void)
{
    const egpt_model *model;
    egpt_suggester *suggester;
    egpt_session session = {NULL, CONTEXT, kv, KV_WORDS, scratch, SCRATCH_WORDS};
    egpt_status status;
    size_t i;

    status = egpt_model_load(model_memory, sizeof model_memory, model_blob, model_blob_end - model_blob, &model);
    if (status < 0) {
        return status;
    }
    session.model = model;
    status = egpt_suggester_init(suggester_memory, sizeof suggester_memory, &session, NULL, &suggester);
    for (i = 0; status >= 0 && i < sizeof texts / sizeof *texts; i++) {
        status = offer(suggester, texts[i]);
    }
    return status;
}

int main(void)
{
    egpt_status status = run();

    if (status < 0) {
        print("error: ");
        print(egpt_error_text(status));
        print("\n");
    }
    return status < 0;
}
