/* The run of firmware-examples/device-run/src/identity.rs in C, but for the logits. */
#include "said.h"

#include <stdbool.h>
#include <string.h>

#include "embedded_gpt.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
/* Ends the function that it stands in if a call fails. */
#define TRY(call) do { egpt_status status_ = (call); if (status_ < 0) return status_; } while (0)

/* Tokens that suggestions look back. */
#define CONTEXT 64
/* Suggestions a keyboard has room for. */
#define N_SLOT 3
/* Tokens that are generated. */
#define N_WRITTEN 48

static const char PROMPT[] = "how are you";

/* What is typed, and how it is printed if not as it is. */
static const struct { const char *text, *shown; } TYPED[] = {
    {"", NULL}, {"see you tom", NULL}, {"see you to", NULL}, {"see you ton", NULL}, {"How are y", NULL},
    {"Thank you so m", NULL}, {"i am going to ", NULL}, {"WE ARE GO", NULL}, {"Hello, my na", NULL},
    {"what do you want to do? i", NULL}, {"i don't kn", NULL}, {"no, not yesterday,", NULL},
    {"(he said \"tomo", "(he said \\\"tomo"}, {"good morning\nthank y", "good morning\\nthank y"},
    {"un caf\xC3\xA9 cr", NULL},
    {"this is a long message: I was at the station this morning, and then I went to the park to see my old friends, but "
     "nobody was there. so I went home again, made some tea, and read a book by the window. it was a good day after "
     "all, and I think that we should all meet at the lake tomor",
     "it was a good day after all, and I think that we should all meet at the lake tomor"},
};
static const char LEARNED[] = "Meet Zdenka at the Kirchplatz\nwe meet Zdenka at the Kirchplatz tomorrow\n";
static const char *const TYPED_AGAIN[] = {"meet ", "at the k", "we meet z"};
static const char *const BEFORE_PHRASES[] = {"how a", "nice to meet you, how are ", "i don't "};
static const char *const ORDERS[] = {
    "could you make it a bit brighter in the kitchen", "wake me up in 20 minutes", "it is too cold in the office",
    "no more songs in the garden, thanks",
};

static EGPT_MEMORY(model_memory, EGPT_MODEL_SIZE);
/* One after the other lives there. */
static union {
    EGPT_MEMORY(suggester, EGPT_SUGGESTER_SIZE);
    EGPT_MEMORY(generator, EGPT_GENERATOR_SIZE);
    EGPT_MEMORY(classifier, EGPT_CLASSIFIER_SIZE);
} memory;
static EGPT_MEMORY(phrase_memory, EGPT_PHRASE_SIZE);
static uint8_t dictionary[512];

static print_function out;

static void say(const char *text)
{
    out(text, strlen(text));
}

static void say_number(unsigned number)
{
    char digits[10];
    size_t n = sizeof digits;

    do {
        digits[--n] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    out(digits + n, sizeof digits - n);
}

static void say_hash(uint64_t hash)
{
    char digits[16];
    size_t i;

    for (i = 0; i < 16; i++) {
        digits[i] = "0123456789abcdef"[hash >> (60 - 4 * i) & 15];
    }
    say("0x");
    out(digits, 16);
}

/* The scalar value that a text begins with, and its length. */
static unsigned scalar(const char *bytes, size_t *len)
{
    unsigned char first = (unsigned char)bytes[0];
    unsigned value = first < 0x80 ? first : first < 0xE0 ? first & 0x1Fu : first < 0xF0 ? first & 0xFu : first & 7u;
    size_t i;

    *len = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    for (i = 1; i < *len; i++) {
        value = value << 6 | ((unsigned char)bytes[i] & 0x3Fu);
    }
    return value;
}

/* Prints generated text as Rust's escape_default does. */
static bool say_escaped(void *context, const char *text, size_t len)
{
    size_t at, n, shift;

    (void)context;
    for (at = 0; at < len; at += n) {
        unsigned c = scalar(text + at, &n);
        if (c == '\n' || c == '\t' || c == '\r') {
            say(c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
        } else if (c == '\'' || c == '"' || c == '\\') {
            say("\\");
            out(text + at, 1);
        } else if (c >= 0x20 && c <= 0x7E) {
            out(text + at, 1);
        } else {
            say("\\u{");
            for (shift = 24; shift > 4 && c >> (shift - 4) == 0; shift -= 4) {
            }
            for (; shift > 0; shift -= 4) {
                out(&"0123456789abcdef"[c >> (shift - 4) & 15], 1);
            }
            say("}");
        }
    }
    return true;
}

static egpt_status generate(const egpt_session *session, const char *title, const egpt_generator_options *options)
{
    egpt_generator *generator;
    egpt_status status;

    TRY(egpt_generator_init(&memory, sizeof memory, session, options, &generator));
    say(title);
    say(" text: ");
    say(PROMPT);
    while (egpt_generator_n_written(generator) < N_WRITTEN) {
        TRY(status = egpt_generator_poll(generator, PROMPT, strlen(PROMPT), say_escaped, NULL));
        if (status == EGPT_OK && egpt_generator_n_written(generator) < N_WRITTEN) {
            say("\\n");
        }
    }
    say("\n");
    return EGPT_OK;
}

static egpt_status offer(egpt_suggester *suggester, const char *title, const char *text, const char *shown)
{
    egpt_suggestion words[N_SLOT];
    size_t n_words, i;

    TRY(egpt_suggester_suggest(suggester, text, strlen(text), words, N_SLOT, &n_words));
    say(title);
    say(" after \"");
    say(shown ? shown : text);
    say("\":");
    for (i = 0; i < n_words; i++) {
        say(i == 0 ? " " : ", ");
        say(words[i].text);
        say(" ");
        say_number(words[i].percent);
        say(" %");
    }
    say("\n");
    return EGPT_OK;
}

static egpt_status go_on(egpt_suggester *suggester, const char *text)
{
    egpt_suggestion words[N_SLOT];
    egpt_phrase *phrase;
    egpt_status status;
    const char *bytes;
    size_t n_words, len;

    TRY(egpt_suggester_suggest(suggester, text, strlen(text), words, N_SLOT, &n_words));
    if (n_words == 0) {
        return EGPT_OK;
    }
    TRY(egpt_phrase_init(phrase_memory, sizeof phrase_memory, suggester, N_SLOT, 0, 5, 4, &phrase));
    do {
        TRY(status = egpt_phrase_poll(phrase, suggester));
    } while (status == EGPT_WORKING);
    TRY(egpt_phrase_text(phrase, &bytes, &len));
    say("phrase after \"");
    say(text);
    say("\": ");
    out(bytes, len);
    say("\n");
    return EGPT_OK;
}

static egpt_status suggest(const egpt_session *session)
{
    egpt_suggester *suggester;
    size_t i;

    TRY(egpt_suggester_init(&memory, sizeof memory, session, NULL, &suggester));
    for (i = 0; i < COUNT(TYPED); i++) {
        TRY(offer(suggester, "suggestions", TYPED[i].text, TYPED[i].shown));
    }
    for (i = 0; i < COUNT(BEFORE_PHRASES); i++) {
        TRY(go_on(suggester, BEFORE_PHRASES[i]));
    }
    TRY(egpt_suggester_init(&memory, sizeof memory, session, NULL, &suggester));
    TRY(egpt_dictionary_init(suggester, dictionary, sizeof dictionary));
    TRY(egpt_dictionary_learn(suggester, LEARNED, strlen(LEARNED)));
    for (i = 0; i < COUNT(TYPED_AGAIN); i++) {
        TRY(offer(suggester, "learned suggestions", TYPED_AGAIN[i], NULL));
    }
    return EGPT_OK;
}

static egpt_status classify(const egpt_session *session)
{
    egpt_classifier *classifier;
    egpt_status status = egpt_classifier_init(&memory, sizeof memory, session, &classifier);
    size_t i, j, n;

    if (status == EGPT_ERROR_NO_LABELS) {
        return EGPT_OK;
    }
    TRY(status);
    for (i = 0; i < COUNT(ORDERS); i++) {
        /* FNV-1a, as of the Rust programs. */
        uint64_t hash = 0xCBF29CE484222325u;
        const int32_t *scores;
        egpt_class class_;

        TRY(egpt_classifier_classify(classifier, ORDERS[i], strlen(ORDERS[i]), &class_));
        TRY(egpt_classifier_scores(classifier, &scores, &n));
        for (j = 0; j < 4 * n; j++) {
            hash = (hash ^ ((uint32_t)scores[j / 4] >> 8 * (j % 4) & 0xFF)) * 0x100000001B3u;
        }
        say("label of \"");
        say(ORDERS[i]);
        say("\": ");
        out(class_.name, class_.name_len);
        say(", scores ");
        say_hash(hash);
        say("\n");
    }
    return EGPT_OK;
}

static egpt_status say_what_it_does(const void *blob, size_t len, uint32_t *ram, size_t n_words)
{
    egpt_generator_options greedy = egpt_generator_options_default(), sampled = greedy;
    egpt_session session = {0};

    greedy.max_tokens = sampled.max_tokens = N_WRITTEN;
    sampled.temperature = 0.8f;
    sampled.seed = 7;
    sampled.top_k = 40;
    sampled.top_p = 0.9f;
    TRY(egpt_model_load(model_memory, sizeof model_memory, blob, len, &session.model));
    session.context = egpt_model_max_context(session.model);
    session.context = session.context < CONTEXT ? session.context : CONTEXT;
    session.kv_words = egpt_model_kv_words(session.model, session.context);
    session.scratch_words = egpt_model_scratch_words(session.model, session.context, 1);
    if (session.kv_words > n_words || session.scratch_words > n_words - session.kv_words) {
        return EGPT_ERROR_SIZE;
    }
    session.kv = ram;
    session.scratch = ram + session.kv_words;
    TRY(generate(&session, "greedy", &greedy));
    TRY(generate(&session, "sampled", &sampled));
    TRY(suggest(&session));
    return classify(&session);
}

int say_all(const void *blob, size_t len, uint32_t *ram, size_t n_words, print_function print)
{
    egpt_status status;

    out = print;
    status = say_what_it_does(blob, len, ram, n_words);
    if (status < 0) {
        say("error: ");
        say(egpt_error_text(status));
        say("\n");
    }
    return status < 0;
}
