/* Suggests, and nothing else: its flash is compared with that of the program in Rust that does the same. */
#include "embedded_gpt.h"
#include "board.h"

/* What capi/examples/host.c prints for models/demo.egpt. */
#define CONTEXT 64
#define KV_WORDS 3488
#define SCRATCH_WORDS 1294

extern const char model_blob[], model_blob_end[];

static EGPT_MEMORY(model_memory, EGPT_MODEL_SIZE);
static EGPT_MEMORY(suggester_memory, EGPT_SUGGESTER_SIZE);
static uint32_t kv[KV_WORDS];
static uint32_t scratch[SCRATCH_WORDS];
static egpt_suggestion words[3];

int main(void)
{
    const egpt_model *model;
    egpt_suggester *suggester;
    egpt_session session = {NULL, CONTEXT, kv, KV_WORDS, scratch, SCRATCH_WORDS};
    size_t n_words;

    if (egpt_model_load(model_memory, sizeof model_memory, model_blob, model_blob_end - model_blob, &model) < 0) {
        return 1;
    }
    session.model = model;
    if (egpt_suggester_init(suggester_memory, sizeof suggester_memory, &session, NULL, &suggester) < 0) {
        return 1;
    }
    while (egpt_suggester_poll(suggester, "see you tom", 11) == EGPT_WORKING) {
    }
    return egpt_suggester_best(suggester, words, 3, &n_words) < 0;
}
