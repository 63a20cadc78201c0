// Type on the serial monitor (115200 baud): words for what is typed are printed, and Enter starts a new line.
#include <embedded_gpt.h>

#include "model.h" // model_blob: a model as an array; docs/integrate-c.md says how to make one of another model

// What capi/examples/host.c prints for the model.
const size_t CONTEXT = 64;
const size_t KV_WORDS = 3488;
const size_t SCRATCH_WORDS = 1294;

const size_t N_SLOT = 3;     // suggestions that there is room for
const size_t MAX_LINE = 120; // bytes of a line

static EGPT_MEMORY(model_memory, EGPT_MODEL_SIZE);
static EGPT_MEMORY(suggester_memory, EGPT_SUGGESTER_SIZE);
static uint32_t kv[KV_WORDS];
static uint32_t scratch[SCRATCH_WORDS];
static egpt_suggester *suggester;

static char line[MAX_LINE + 1];
static size_t len;
static bool is_searching; // whether words for the line are not all found yet

void setup() {
  Serial.begin(115200);
  egpt_session session = {NULL, CONTEXT, kv, KV_WORDS, scratch, SCRATCH_WORDS};
  egpt_status status =
      egpt_model_load(model_memory, sizeof model_memory, model_blob, sizeof model_blob, &session.model);
  if (status >= 0) {
    status = egpt_suggester_init(suggester_memory, sizeof suggester_memory, &session, NULL, &suggester);
  }
  if (status < 0) {
    Serial.println(egpt_error_text(status));
  }
}

static void type(char key) {
  if (key == '\n') {
    len = 0;
  } else if (key >= ' ' && len < MAX_LINE) {
    line[len++] = key;
  }
  line[len] = 0;
  is_searching = true;
}

static void show() {
  egpt_suggestion words[N_SLOT];
  size_t n_words = 0;
  egpt_suggester_best(suggester, words, N_SLOT, &n_words);
  Serial.print(line);
  for (size_t i = 0; i < n_words; i++) {
    Serial.print(i == 0 ? " > " : " | ");
    Serial.print(words[i].text);
  }
  Serial.println("");
}

void loop() {
  while (Serial.available() > 0) {
    type((char)Serial.read());
  }
  if (suggester == NULL || !is_searching) {
    return;
  }
  // A slice of the work, one decode step at most: the sketch may do something else between two of them.
  egpt_status status = egpt_suggester_poll(suggester, line, len);
  if (status == EGPT_WORKING) {
    return;
  }
  is_searching = false;
  if (status < 0) {
    Serial.println(egpt_error_text(status));
  } else {
    show();
  }
}
