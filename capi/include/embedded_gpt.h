/*
 * embedded-gpt: autocomplete and text generation inside microcontroller firmware.
 *
 * Made from capi/src by `cargo xtask header`; changes go there. MIT OR Apache-2.0.
 *
 * Texts are UTF-8 with their length in bytes. Objects live in memory of the caller, which EGPT_MEMORY declares; nothing
 * has to be freed. Functions may be called from several threads, each with objects of its own. Unless a comment says
 * otherwise pointers must not be null; null is refused with EGPT_ERROR_NULL.
 */


#ifndef EMBEDDED_GPT_H
#define EMBEDDED_GPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Declares memory for an object: `static EGPT_MEMORY(memory, EGPT_MODEL_SIZE);`. */
#define EGPT_MEMORY(name, size) uint64_t name[((size) + 7) / 8]

/** An egpt_text of a string literal, to initialise with. */
#define EGPT_TEXT(literal) { (literal), sizeof(literal) - 1 }

#if !defined(EGPT_POINTERS_32) && !defined(EGPT_POINTERS_64)
#if UINTPTR_MAX > 0xFFFFFFFF
#define EGPT_POINTERS_64
#else
#define EGPT_POINTERS_32
#endif
#endif


/**
 * Bytes that a user dictionary takes at least. 1024 hold 16 words and 48 pairs; more holds more.
 */
#define EGPT_DICTIONARY_MIN_BYTES 256

/**
 * Most bytes of a token.
 */
#define EGPT_MAX_TOKEN_BYTES 255

/**
 * What the address of memory for an object has to be a multiple of.
 */
#define EGPT_ALIGN 8

#if defined(EGPT_POINTERS_64)
/**
 * Bytes of a model.
 */
#define EGPT_MODEL_SIZE 432
#endif

#if defined(EGPT_POINTERS_32)
/**
 * Bytes of a model.
 */
#define EGPT_MODEL_SIZE 232
#endif

#if defined(EGPT_POINTERS_64)
/**
 * Bytes of a suggester from egpt_suggester_init.
 */
#define EGPT_SUGGESTER_SIZE 2712
#endif

#if defined(EGPT_POINTERS_32)
/**
 * Bytes of a suggester from egpt_suggester_init.
 */
#define EGPT_SUGGESTER_SIZE 2336
#endif

#if defined(EGPT_POINTERS_64)
/**
 * Bytes of a suggester from egpt_suggester_init_keys.
 */
#define EGPT_SUGGESTER_KEYS_SIZE 3224
#endif

#if defined(EGPT_POINTERS_32)
/**
 * Bytes of a suggester from egpt_suggester_init_keys.
 */
#define EGPT_SUGGESTER_KEYS_SIZE 2840
#endif

#if defined(EGPT_POINTERS_64)
/**
 * Bytes of a suggester from egpt_suggester_init_shell.
 */
#define EGPT_SUGGESTER_SHELL_SIZE 2752
#endif

#if defined(EGPT_POINTERS_32)
/**
 * Bytes of a suggester from egpt_suggester_init_shell.
 */
#define EGPT_SUGGESTER_SHELL_SIZE 2360
#endif

#if defined(EGPT_POINTERS_64)
/**
 * Bytes of a suggester from egpt_suggester_init_shell_keys.
 */
#define EGPT_SUGGESTER_SHELL_KEYS_SIZE 3264
#endif

#if defined(EGPT_POINTERS_32)
/**
 * Bytes of a suggester from egpt_suggester_init_shell_keys.
 */
#define EGPT_SUGGESTER_SHELL_KEYS_SIZE 2856
#endif

#if defined(EGPT_POINTERS_64)
/**
 * Bytes of a suggester from egpt_suggester_init_pieces.
 */
#define EGPT_SUGGESTER_PIECES_SIZE 2712
#endif

#if defined(EGPT_POINTERS_32)
/**
 * Bytes of a suggester from egpt_suggester_init_pieces.
 */
#define EGPT_SUGGESTER_PIECES_SIZE 2336
#endif

#if defined(EGPT_POINTERS_64)
/**
 * Bytes of a phrase.
 */
#define EGPT_PHRASE_SIZE 104
#endif

#if defined(EGPT_POINTERS_32)
/**
 * Bytes of a phrase.
 */
#define EGPT_PHRASE_SIZE 96
#endif

#if defined(EGPT_POINTERS_64)
/**
 * Bytes of an object for next letters.
 */
#define EGPT_NEXT_LETTERS_SIZE 1112
#endif

#if defined(EGPT_POINTERS_32)
/**
 * Bytes of an object for next letters.
 */
#define EGPT_NEXT_LETTERS_SIZE 1096
#endif

#if defined(EGPT_POINTERS_64)
/**
 * Bytes of a generator.
 */
#define EGPT_GENERATOR_SIZE 984
#endif

#if defined(EGPT_POINTERS_32)
/**
 * Bytes of a generator.
 */
#define EGPT_GENERATOR_SIZE 552
#endif

#if defined(EGPT_POINTERS_64)
/**
 * Bytes of a classifier.
 */
#define EGPT_CLASSIFIER_SIZE 608
#endif

#if defined(EGPT_POINTERS_32)
/**
 * Bytes of a classifier.
 */
#define EGPT_CLASSIFIER_SIZE 320
#endif

/**
 * Kinds of keys.
 */
enum egpt_key_layout
#ifdef __cplusplus
  : int32_t
#endif // __cplusplus
 {
    /**
     * Every key is its letter, and none is ever missed.
     */
    EGPT_KEYS_LETTERS = 0,
    /**
     * Rows of letters as on an English keyboard, whose keys are missed now and then.
     */
    EGPT_KEYS_QWERTY = 1,
    /**
     * Rows as on a German one.
     */
    EGPT_KEYS_QWERTZ = 2,
    /**
     * Rows as on a French one.
     */
    EGPT_KEYS_AZERTY = 3,
    /**
     * The keys 2 to 9 of a telephone, which stand for several letters each.
     */
    EGPT_KEYS_KEYPAD = 4,
    /**
     * Rows of the caller, whose keys are missed now and then.
     */
    EGPT_KEYS_ROWS = 5,
    /**
     * Keys of the caller that stand for several letters each.
     */
    EGPT_KEYS_GROUPS = 6,
};
#ifndef __cplusplus
typedef int32_t egpt_key_layout;
#endif // __cplusplus

/**
 * What a function returns: 0 if all went well, 1 if there is work left, a negative number for an error.
 */
enum egpt_status
#ifdef __cplusplus
  : int32_t
#endif // __cplusplus
 {
    /**
     * Done.
     */
    EGPT_OK = 0,
    /**
     * Not an error: another call has something to do.
     */
    EGPT_WORKING = 1,
    /**
     * A pointer is null that must not be.
     */
    EGPT_ERROR_NULL = -1,
    /**
     * A pointer is not a multiple of what its type or object asks for.
     */
    EGPT_ERROR_MISALIGNED = -2,
    /**
     * The memory for an object is smaller than the library asks for, or a length is more than the target can address.
     */
    EGPT_ERROR_SIZE = -3,
    /**
     * A text is not UTF-8.
     */
    EGPT_ERROR_UTF8 = -4,
    /**
     * A number is none of those that the header names.
     */
    EGPT_ERROR_VALUE = -5,
    /**
     * The blob has no EGPT magic: it is another kind of file.
     */
    EGPT_ERROR_NOT_A_BLOB = -16,
    /**
     * The blob has a format version that this library does not read.
     */
    EGPT_ERROR_VERSION = -17,
    /**
     * The blob is cut short.
     */
    EGPT_ERROR_TRUNCATED = -18,
    /**
     * The blob does not start at a multiple of 16 bytes.
     */
    EGPT_ERROR_BLOB_ALIGNMENT = -19,
    /**
     * The blob was damaged after it was written.
     */
    EGPT_ERROR_CHECKSUM = -20,
    /**
     * The blob's header, sections, tensors or vocabulary contradict each other.
     */
    EGPT_ERROR_BLOB = -21,
    /**
     * The context is 0 tokens long, or longer than the model allows.
     */
    EGPT_ERROR_CONTEXT = -32,
    /**
     * The KV buffer has fewer words than egpt_model_kv_words says.
     */
    EGPT_ERROR_KV = -33,
    /**
     * The scratch buffer has fewer words than egpt_model_scratch_words says.
     */
    EGPT_ERROR_SCRATCH = -34,
    /**
     * The prompt is empty, and the model has no token that starts a text.
     */
    EGPT_ERROR_EMPTY_PROMPT = -35,
    /**
     * The output callback has returned false.
     */
    EGPT_ERROR_OUTPUT = -36,
    /**
     * The suggester was not made for such a keyboard.
     */
    EGPT_ERROR_KEYBOARD = -48,
    /**
     * The suggester has no user dictionary.
     */
    EGPT_ERROR_NO_DICTIONARY = -49,
    /**
     * The memory for the user dictionary is smaller than EGPT_DICTIONARY_MIN_BYTES.
     */
    EGPT_ERROR_DICTIONARY_SIZE = -50,
    /**
     * The saved user dictionary is damaged, or of another version.
     */
    EGPT_ERROR_DICTIONARY_DAMAGED = -51,
    /**
     * There is no such entry, or the word can't be learned.
     */
    EGPT_ERROR_NO_WORD = -52,
    /**
     * The model has no labels.
     */
    EGPT_ERROR_NO_LABELS = -64,
    /**
     * Something else went wrong.
     */
    EGPT_ERROR_OTHER = -127,
};
#ifndef __cplusplus
typedef int32_t egpt_status;
#endif // __cplusplus

/**
 * Tells texts apart: spam or not, which of a device's commands, which mood.
 */
typedef struct egpt_classifier egpt_classifier;

/**
 * Writes on where a prompt ends.
 */
typedef struct egpt_generator egpt_generator;

/**
 * A checked view of a blob, the file that egpt export writes.
 */
typedef struct egpt_model egpt_model;

/**
 * The probability of each letter that may come next, and of the word's end.
 */
typedef struct egpt_next_letters egpt_next_letters;

/**
 * An offered word with the words that follow it, so that one keystroke writes all of them.
 */
typedef struct egpt_phrase egpt_phrase;

/**
 * Suggests whole words: completions of the one being typed, or next words after a space.
 */
typedef struct egpt_suggester egpt_suggester;

/**
 * A model and the memory to run it in, of which one suggester, generator or classifier at a time can be made.
 *
 * The memory need not hold anything. It belongs to that object until another one is made with it.
 */
typedef struct egpt_session {
    /**
     * From egpt_model_load. What is made with it keeps its own copy: the model's memory may go, its blob may not.
     */
    const struct egpt_model *model;
    /**
     * Tokens that the model looks back, from 1 to egpt_model_max_context; 64 are about 35 words.
     */
    size_t context;
    /**
     * Keys, values and token ids of the context.
     */
    uint32_t *kv;
    /**
     * Words there: egpt_model_kv_words or more.
     */
    size_t kv_words;
    /**
     * Activations of one step, or the scores of all tokens.
     */
    uint32_t *scratch;
    /**
     * Words there: egpt_model_scratch_words or more.
     */
    size_t scratch_words;
} egpt_session;

/**
 * The likeliest label of a text.
 */
typedef struct egpt_class {
    /**
     * The label in UTF-8, in the model's blob; it does not end with 0.
     */
    const char *name;
    /**
     * Bytes of the label.
     */
    size_t name_len;
    /**
     * Number of the label among all labels, from 0.
     */
    size_t index;
    /**
     * Natural logarithm of the label's probability among all labels, in units of 1/65536.
     */
    int32_t log_prob;
} egpt_class;

/**
 * A word that is offered.
 */
typedef struct egpt_suggestion {
    /**
     * The whole word in UTF-8, typed letters included, with 0 at the end.
     */
    char text[32];
    /**
     * Natural logarithm of the probability that the word comes next and ends there, before the letters typed so far
     * are known, in units of 1/65536.
     */
    int32_t log_prob;
    /**
     * Bytes of the text.
     */
    uint8_t len;
    /**
     * How probable the word is among all that were found for the typed letters, 0 to 100.
     */
    uint8_t percent;
    /**
     * Whether the word begins with something else than what was typed, which is taken for a slip then.
     */
    bool corrects;
    /**
     * Whether a space belongs behind the word once it is accepted. None does behind a directory, /etc/, the name of a
     * setting, mode=, or a piece. None is needed where a space or a full stop and the like stands behind the caret.
     */
    bool takes_space;
} egpt_suggestion;

/**
 * A learned word.
 */
typedef struct egpt_learned_word {
    /**
     * The word in UTF-8 as it was written last, with 0 at the end.
     */
    char word[32];
    /**
     * Bytes of the word.
     */
    uint8_t len;
    /**
     * How often it was used; offered from 2 on, or from 4 on if it may be a slip of another word.
     */
    uint8_t uses;
} egpt_learned_word;

/**
 * Settings of a generator. Begin with egpt_generator_options_default and change what matters.
 */
typedef struct egpt_generator_options {
    /**
     * Start of the random numbers; one seed gives one text on every target.
     */
    uint64_t seed;
    /**
     * Tokens are chosen among so many of the likeliest only; SIZE_MAX for all.
     */
    size_t top_k;
    /**
     * Tokens after which a text is over if the model has not ended it; SIZE_MAX for no limit.
     */
    size_t max_tokens;
    /**
     * Below 1 favours likely tokens, above 1 evens them out; 0 always takes the likeliest.
     */
    float temperature;
    /**
     * Tokens are chosen among the fewest whose probabilities reach this together; 1 for all.
     */
    float top_p;
    /**
     * Whether text of a model that knows small letters only gets capitals.
     */
    bool truecasing;
} egpt_generator_options;

/**
 * Takes text that was generated: len bytes of UTF-8 that do not end with 0, whole characters. False if it could not be
 * written; then the call that generates returns EGPT_ERROR_OUTPUT. The context is what was given to that call.
 */
typedef bool (*egpt_write)(void *context, const char *text, size_t len);

/**
 * What a suggester looks for and offers. Begin with egpt_suggest_options_default and change what matters.
 */
typedef struct egpt_suggest_options {
    /**
     * Decode steps that the search after one keystroke may take, beside those that read the text and two that look
     * for slips.
     */
    uint16_t budget;
    /**
     * Only words are offered that are at least so probable, 0 to 100.
     */
    uint8_t min_percent;
    /**
     * How sure a correction has to be, 0 to 100.
     */
    uint8_t min_correction_percent;
    /**
     * Whether a word is offered once only while a word is typed.
     */
    bool new_only;
    /**
     * Whether words have capitals that nobody typed: at the start of a sentence, and after two words in capitals.
     */
    bool auto_capitals;
    /**
     * Whether the words that the model lists as blocked are not offered, either.
     */
    bool block_listed;
    /**
     * Whether words are offered for letters that the caret stands behind within a word, of which more follows; see
     * egpt_suggester_set_text_after.
     */
    bool within_words;
} egpt_suggest_options;

/**
 * A text in UTF-8 with its length; for lists. EGPT_TEXT("word") makes one of a string literal.
 */
typedef struct egpt_text {
    /**
     * The first byte.
     */
    const char *bytes;
    /**
     * Bytes of the text, without a 0 at the end.
     */
    size_t len;
} egpt_text;

/**
 * Keys that may be missed, or stand for several letters each.
 */
typedef struct egpt_keys {
    /**
     * One of egpt_key_layout.
     */
    int32_t layout;
    /**
     * For EGPT_KEYS_ROWS the keys of each row, small letters; each row begins half a key to the right of the one
     * above it. For EGPT_KEYS_GROUPS a text per key, which begins with what the key types; its letters follow.
     * Null for others.
     */
    const struct egpt_text *rows;
    /**
     * How many there are.
     */
    size_t n_rows;
} egpt_keys;

/**
 * A letter that may come next, or the end of the word.
 */
typedef struct egpt_next_letter {
    /**
     * The small letter as a Unicode scalar value; a digit, an apostrophe or a hyphen counts, too. 0 is the end of the
     * word, or whatever else is no part of one.
     */
    uint32_t letter;
    /**
     * Natural logarithm of its probability, in units of 1/65536.
     */
    int32_t log_prob;
    /**
     * How probable it is, 0 to 100.
     */
    uint8_t percent;
} egpt_next_letter;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Says what stands behind the caret, until it is said again; nothing at first. The text that is given to
 * egpt_suggester_poll and egpt_suggester_suggest ends at the caret.
 *
 * - Within a word nothing is offered, unless the options say so (within_words).
 * - The word that follows is not offered before itself.
 * - takes_space of a suggestion is false before a space, a line end, or a full stop and the like.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_UTF8.
 *
 * # Safety
 * The text has len bytes.
 */
egpt_status egpt_suggester_set_text_after(struct egpt_suggester *suggester, const char *text, size_t len);

/**
 * Makes a classifier with the labels of the session's model.
 *
 * - memory, size: EGPT_CLASSIFIER_SIZE bytes or more, at a multiple of EGPT_ALIGN. The classifier lives there.
 * - classifier: where the pointer to the classifier is put; null is put there after an error.
 *
 * # Errors
 * EGPT_ERROR_NULL, _MISALIGNED and _SIZE for pointers and the memory, _CONTEXT, _KV and _SCRATCH for the session,
 * _NO_LABELS for a model that was not trained to classify.
 *
 * # Safety
 * The memory, the buffers of the session and the model's blob stay while the classifier is in use. Nothing else writes
 * them.
 */
egpt_status egpt_classifier_init(void *memory,
                                 size_t size,
                                 const struct egpt_session *session,
                                 struct egpt_classifier **classifier);

/**
 * Finds the likeliest label of a text, of which it reads the beginning, as much as the context holds. Takes one decode
 * step per token.
 *
 * - class: where the label is put.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_UTF8.
 *
 * # Safety
 * The text is there until the function returns.
 */
egpt_status egpt_classifier_classify(struct egpt_classifier *classifier,
                                     const char *text,
                                     size_t len,
                                     struct egpt_class *class_);

/**
 * Gives the label of a number, from 0 on.
 *
 * - name, len: where the address and the length of the label are put. It is in the model's blob, and does not end with
 *   0.
 *
 * # Errors
 * EGPT_ERROR_NULL; EGPT_ERROR_NO_LABELS behind the last one.
 */
egpt_status egpt_classifier_label(const struct egpt_classifier *classifier,
                                  size_t index,
                                  const char **name,
                                  size_t *len);

/**
 * Gives the scores of all labels for the text that was classified last, by their numbers: natural logarithms, to which
 * one number is to be added, in units of 1/65536. Meaningless before that.
 *
 * - scores, n_scores: where the address and the number of the scores are put. They stay until the next call that takes
 *   the classifier.
 *
 * # Errors
 * EGPT_ERROR_NULL.
 */
egpt_status egpt_classifier_scores(const struct egpt_classifier *classifier, const int32_t **scores, size_t *n_scores);

/**
 * The word that was meant by the last one of the text, if it is another one: what a space bar may put there.
 *
 * - word: where it is put.
 * - is_there: where it is put whether there is one. Nothing is written to the word if not.
 *
 * The percent of the word say how sure that is. Nothing is corrected that has digits or capitals within, that is in
 * the user dictionary after two uses, or that was kept before.
 *
 * # Errors
 * EGPT_ERROR_NULL.
 */
egpt_status egpt_suggester_correction(const struct egpt_suggester *suggester,
                                      struct egpt_suggestion *word,
                                      bool *is_there);

/**
 * A word is meant as it was typed and will not be corrected: somebody has taken a correction back. The last four such
 * words are remembered.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_UTF8.
 *
 * # Safety
 * The word is there until the function returns.
 */
egpt_status egpt_suggester_keep(struct egpt_suggester *suggester, const char *word, size_t len);

/**
 * Gives a suggester a user dictionary with nothing learned.
 *
 * - bytes, len: memory for it, EGPT_DICTIONARY_MIN_BYTES or more.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_DICTIONARY_SIZE.
 *
 * # Safety
 * The memory stays while the suggester is in use, and nothing else writes it.
 */
egpt_status egpt_dictionary_init(struct egpt_suggester *suggester, uint8_t *bytes, size_t len);

/**
 * Gives a suggester a user dictionary with what was saved before: bytes that egpt_dictionary_save gave, copied to
 * memory that can be written.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_DICTIONARY_SIZE, and EGPT_ERROR_DICTIONARY_DAMAGED for anything else than saved bytes,
 * all of them. The suggester is as it was then; begin with egpt_dictionary_init.
 *
 * # Safety
 * The memory stays while the suggester is in use, and nothing else writes it.
 */
egpt_status egpt_dictionary_restore(struct egpt_suggester *suggester, uint8_t *bytes, size_t len);

/**
 * Gives the bytes to be stored, with their checksum: all of the dictionary's memory.
 *
 * - bytes, len: where the address and the number of the bytes are put. Copy them before the next call that takes the
 *   suggester.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_NO_DICTIONARY.
 */
egpt_status egpt_dictionary_save(struct egpt_suggester *suggester, const uint8_t **bytes, size_t *len);

/**
 * Learns from a text that is finished, such as a message that was sent. A word that the text ends with is not
 * finished, unless a line end or another sign follows.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_UTF8, EGPT_ERROR_NO_DICTIONARY.
 *
 * # Safety
 * The text is there until the function returns.
 */
egpt_status egpt_dictionary_learn(struct egpt_suggester *suggester, const char *text, size_t len);

/**
 * Adds a word that is offered from now on, such as one that somebody chose to keep.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_UTF8, EGPT_ERROR_NO_DICTIONARY. EGPT_ERROR_NO_WORD for what can't be learned: words with
 * digits, or of more than 31 bytes.
 *
 * # Safety
 * The word is there until the function returns.
 */
egpt_status egpt_dictionary_add(struct egpt_suggester *suggester, const char *word, size_t len);

/**
 * Forgets a word, in whatever letter case.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_UTF8, EGPT_ERROR_NO_DICTIONARY; EGPT_ERROR_NO_WORD if it was not there.
 *
 * # Safety
 * The word is there until the function returns.
 */
egpt_status egpt_dictionary_forget(struct egpt_suggester *suggester, const char *word, size_t len);

/**
 * Forgets everything.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_NO_DICTIONARY.
 */
egpt_status egpt_dictionary_forget_all(struct egpt_suggester *suggester);

/**
 * Gives the learned word at a place, from 0 on.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_NO_DICTIONARY; EGPT_ERROR_NO_WORD behind the last one.
 */
egpt_status egpt_dictionary_entry(struct egpt_suggester *suggester, size_t index, struct egpt_learned_word *entry);

/**
 * Always the likeliest token, no limit, and capitals.
 */
struct egpt_generator_options egpt_generator_options_default(void);

/**
 * Makes a generator.
 *
 * - memory, size: EGPT_GENERATOR_SIZE bytes or more, at a multiple of EGPT_ALIGN. The generator lives there.
 * - options: null for those by default.
 * - generator: where the pointer to the generator is put; null is put there after an error.
 *
 * # Errors
 * EGPT_ERROR_NULL, _MISALIGNED and _SIZE for pointers and the memory, _CONTEXT, _KV and _SCRATCH for the session.
 *
 * # Safety
 * The memory, the buffers of the session and the model's blob stay while the generator is in use. Nothing else writes
 * them.
 */
egpt_status egpt_generator_init(void *memory,
                                size_t size,
                                const struct egpt_session *session,
                                const struct egpt_generator_options *options,
                                struct egpt_generator **generator);

/**
 * Does a slice of the work: reads a part of the prompt, or writes one token.
 *
 * Give it the same prompt until it returns EGPT_OK: the model has ended the text, or it has max_tokens. After a text
 * that the model has ended, a further call writes on with the text that the model begins then. A call takes one decode
 * step.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_UTF8. EGPT_ERROR_EMPTY_PROMPT if the prompt is empty and the vocabulary has no token
 * that starts a text. EGPT_ERROR_OUTPUT if the callback returns false: the token is lost, and the next call goes on.
 *
 * # Safety
 * The prompt is there until the function returns. The callback can be called with the context, and does not call
 * functions of this generator.
 */
egpt_status egpt_generator_poll(struct egpt_generator *generator,
                                const char *prompt,
                                size_t len,
                                egpt_write write,
                                void *context);

/**
 * Writes what is held back of the last word or character; for a text that is broken off before egpt_generator_poll
 * returns EGPT_OK.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_OUTPUT.
 *
 * # Safety
 * The callback can be called with the context, and does not call functions of this generator.
 */
egpt_status egpt_generator_finish(struct egpt_generator *generator, egpt_write write, void *context);

/**
 * Forgets the text, and begins another one with the next egpt_generator_poll. The random numbers go on.
 *
 * # Errors
 * EGPT_ERROR_NULL.
 */
egpt_status egpt_generator_restart(struct egpt_generator *generator);

/**
 * Tokens written since the text began, ends of texts included; 0 if the generator is null.
 */
size_t egpt_generator_n_written(const struct egpt_generator *generator);

/**
 * Computes a hash of all logits of a greedy run of so many tokens from token 0 on. It is the same on every target:
 * `egpt logits-hash` prints it with the same number of tokens (`-n`) and the same context.
 *
 * Takes a decode step per token.
 *
 * - hash: where the hash is put.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_MISALIGNED, and _CONTEXT, _KV and _SCRATCH for the session.
 *
 * # Safety
 * Nothing else writes the buffers of the session until the function returns.
 */
egpt_status egpt_logits_hash(const struct egpt_session *session, size_t n_tokens, uint64_t *hash);

/**
 * Gives the tokens of a text from its beginning.
 *
 * - tokens: room for max_tokens of them. One per byte and one more is enough for most models, two per byte for all.
 * - n_tokens: where the number of tokens is put that were written.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_MISALIGNED, EGPT_ERROR_UTF8; EGPT_ERROR_SIZE if there is too little room.
 *
 * # Safety
 * The text is there until the function returns, and there is room for the tokens.
 */
egpt_status egpt_model_encode(const struct egpt_model *model,
                              const char *text,
                              size_t len,
                              uint16_t *tokens,
                              size_t max_tokens,
                              size_t *n_tokens);

/**
 * Gives the bytes of a token, which may be a part of a character only. A special token and an unused number have none.
 *
 * - bytes: room for EGPT_MAX_TOKEN_BYTES bytes.
 * - len: where the number of bytes is put that were written.
 *
 * # Errors
 * EGPT_ERROR_NULL.
 *
 * # Safety
 * There is room for the bytes.
 */
egpt_status egpt_model_token(const struct egpt_model *model, uint16_t token, uint8_t *bytes, size_t *len);

/**
 * Makes a suggester whose keys may be missed, or stand for several letters each.
 *
 * The memory is EGPT_SUGGESTER_KEYS_SIZE bytes or more. Otherwise as egpt_suggester_init.
 *
 * # Errors
 * Those of egpt_suggester_init, EGPT_ERROR_VALUE for an unknown layout and EGPT_ERROR_UTF8 for a row.
 *
 * # Safety
 * What egpt_suggester_init asks for. The rows stay, too; the struct of the keys may go.
 */
egpt_status egpt_suggester_init_keys(void *memory,
                                     size_t size,
                                     const struct egpt_session *session,
                                     const struct egpt_suggest_options *options,
                                     const struct egpt_keys *keys,
                                     struct egpt_suggester **suggester);

/**
 * Changes the keys of a suggester from egpt_suggester_init_keys. What was found for the word being typed is forgotten.
 *
 * # Errors
 * EGPT_ERROR_KEYBOARD for another suggester, otherwise those of egpt_suggester_init_keys.
 *
 * # Safety
 * What egpt_suggester_init_keys asks for.
 */
egpt_status egpt_suggester_set_keys(struct egpt_suggester *suggester, const struct egpt_keys *keys);

/**
 * Version of the library, such as "0.1.0", as a text that ends with 0 and is there for ever.
 */
const char *egpt_version(void);

/**
 * Name of the inner loops that this processor runs, such as "arm-dsp", and its length in bytes.
 *
 * It does not end with 0. The length may be null.
 */
const char *egpt_kernel_name(size_t *len);

/**
 * Checks a blob and gives its model. Takes as long as a checksum over the blob; do it once.
 *
 * - memory, size: EGPT_MODEL_SIZE bytes or more, at a multiple of EGPT_ALIGN. The model lives there.
 * - blob, blob_len: the bytes of the file, at a multiple of 16. They are read in place, in flash as a rule.
 * - model: where the pointer to the model is put; null is put there after an error.
 *
 * # Errors
 * EGPT_ERROR_NULL, _MISALIGNED and _SIZE for the pointers and the memory. EGPT_ERROR_NOT_A_BLOB, _VERSION, _TRUNCATED,
 * _BLOB_ALIGNMENT, _CHECKSUM and _BLOB for the blob.
 *
 * # Safety
 * The blob stays and does not change while the model, or anything that was made with it, is in use. So does the
 * memory, which nothing else may write.
 */
egpt_status egpt_model_load(void *memory,
                            size_t size,
                            const void *blob,
                            size_t blob_len,
                            const struct egpt_model **model);

/**
 * Most tokens that the model can look back: the longest context. 0 if the model is null.
 */
size_t egpt_model_max_context(const struct egpt_model *model);

/**
 * 32-bit words of the KV buffer for a context of so many tokens; SIZE_MAX for more than can be addressed, or if the
 * model is null.
 */
size_t egpt_model_kv_words(const struct egpt_model *model, size_t context);

/**
 * 32-bit words of the scratch buffer for a context of so many tokens; SIZE_MAX for more than can be addressed, or if
 * the model is null.
 *
 * With n_prefill above 1 a prompt is read so many tokens at a time, at most 8: for weights in slow flash. Elsewhere 1
 * is right.
 */
size_t egpt_model_scratch_words(const struct egpt_model *model, size_t context, size_t n_prefill);

/**
 * A checksum that tells models apart, to be stored beside what belongs to one of them; 0 if the model is null.
 */
uint32_t egpt_model_id(const struct egpt_model *model);

/**
 * Makes an object for the letters of one text after another.
 *
 * - memory, size: EGPT_NEXT_LETTERS_SIZE bytes or more, at a multiple of EGPT_ALIGN. The object lives there.
 * - budget: decode steps for each text; 6 is usual.
 * - letters: where the pointer to the object is put; null is put there after an error.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_MISALIGNED, EGPT_ERROR_SIZE.
 *
 * # Safety
 * The memory stays while the object is in use, and nothing else writes it.
 */
egpt_status egpt_next_letters_init(void *memory, size_t size, uint16_t budget, struct egpt_next_letters **letters);

/**
 * Does a slice of the work, with a suggester that has done its own for the text: EGPT_WORKING until all is done, then
 * EGPT_OK. A slice takes one decode step.
 *
 * There is nothing to do while the suggester works, and nothing more once another text was given to it. The suggester
 * keeps its words meanwhile.
 *
 * # Errors
 * EGPT_ERROR_NULL.
 */
egpt_status egpt_next_letters_poll(struct egpt_next_letters *letters, struct egpt_suggester *suggester);

/**
 * Writes the likeliest letters, likeliest first.
 *
 * - slots: room for n_slots letters. At most 40 are found.
 * - n_letters: where the number of letters is put that were written.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_MISALIGNED.
 *
 * # Safety
 * There is room for the letters.
 */
egpt_status egpt_next_letters_best(const struct egpt_next_letters *letters,
                                   struct egpt_next_letter *slots,
                                   size_t n_slots,
                                   size_t *n_letters);

/**
 * Gives the natural logarithm of the probability of a small letter, or of the word's end, in units of 1/65536.
 *
 * - letter: a Unicode scalar value; 0 is the end of the word.
 * - log_prob: where the logarithm is put. Letters that nothing was found for have -681391.
 *
 * # Errors
 * EGPT_ERROR_NULL; EGPT_ERROR_VALUE for a number that is no Unicode scalar value.
 */
egpt_status egpt_next_letters_log_prob(const struct egpt_next_letters *letters, uint32_t letter, int32_t *log_prob);

/**
 * 6 decode steps, no word is held back but those that the model lists as blocked, sentences start with a capital, and
 * corrections are sure by 90 %.
 */
struct egpt_suggest_options egpt_suggest_options_default(void);

/**
 * Makes a phrase that begins with a word that the suggester offers, once the work for the text is done.
 *
 * - memory, size: EGPT_PHRASE_SIZE bytes or more, at a multiple of EGPT_ALIGN. The phrase lives there.
 * - n_slots, index: the word that egpt_suggester_best writes at this place of so many slots.
 * - min_percent: the whole phrase is at least so probable, 0 to 100; 20 is usual.
 * - max_words: the phrase has at most so many words, the first one included; 4 is usual.
 * - phrase: where the pointer to the phrase is put; null is put there after an error.
 *
 * # Errors
 * EGPT_ERROR_NULL, _MISALIGNED and _SIZE for pointers and the memory, EGPT_ERROR_NO_WORD if no word is at this place.
 *
 * # Safety
 * The memory stays while the phrase is in use, and nothing else writes it.
 */
egpt_status egpt_phrase_init(void *memory,
                             size_t size,
                             struct egpt_suggester *suggester,
                             size_t n_slots,
                             size_t index,
                             uint8_t min_percent,
                             uint8_t max_words,
                             struct egpt_phrase **phrase);

/**
 * Takes one token further, with the suggester that offered the word: EGPT_WORKING until the phrase is as long as it
 * gets, then EGPT_OK. A call takes one decode step, and there are at most 8.
 *
 * The suggester keeps its words meanwhile. There is nothing more to do once another text was given to it.
 *
 * # Errors
 * EGPT_ERROR_NULL.
 */
egpt_status egpt_phrase_poll(struct egpt_phrase *phrase, struct egpt_suggester *suggester);

/**
 * Gives the whole phrase, the first word included, of at most 63 bytes; an empty text while there is no more than that
 * word.
 *
 * - text, len: where the address and the length of the text are put. It does not end with 0, and stays until the next
 *   call that takes the phrase.
 *
 * # Errors
 * EGPT_ERROR_NULL.
 */
egpt_status egpt_phrase_text(const struct egpt_phrase *phrase, const char **text, size_t *len);

/**
 * Makes a suggester for scripts without spaces, such as Japanese, Chinese, Thai, Lao and Khmer.
 *
 * What is offered is what the text may go on with, of at least two characters. It is put behind the text as it is:
 * it replaces nothing, and no space follows. The memory is EGPT_SUGGESTER_PIECES_SIZE bytes or more. Otherwise as
 * egpt_suggester_init.
 *
 * # Errors
 * Those of egpt_suggester_init.
 *
 * # Safety
 * What egpt_suggester_init asks for.
 */
egpt_status egpt_suggester_init_pieces(void *memory,
                                       size_t size,
                                       const struct egpt_session *session,
                                       const struct egpt_suggest_options *options,
                                       struct egpt_suggester **suggester);

/**
 * Makes a suggester for commands: words are what a shell reads as one, such as --all, /etc/hosts or led.mode=on.
 *
 * With words of its own the device offers these and no others, and the model says which of them comes first. Words
 * have at most 31 bytes. Without any (n_words is 0) those are offered that the model knows. The memory is
 * EGPT_SUGGESTER_SHELL_SIZE bytes or more. Otherwise as egpt_suggester_init.
 *
 * # Errors
 * Those of egpt_suggester_init, and EGPT_ERROR_UTF8 for a word.
 *
 * # Safety
 * What egpt_suggester_init asks for. The words stay, too.
 */
egpt_status egpt_suggester_init_shell(void *memory,
                                      size_t size,
                                      const struct egpt_session *session,
                                      const struct egpt_suggest_options *options,
                                      const struct egpt_text *words,
                                      size_t n_words,
                                      struct egpt_suggester **suggester);

/**
 * Makes a suggester for commands, typed on keys that may be missed or stand for several letters each.
 *
 * The memory is EGPT_SUGGESTER_SHELL_KEYS_SIZE bytes or more. Otherwise as egpt_suggester_init_shell.
 *
 * # Errors
 * Those of egpt_suggester_init_keys and egpt_suggester_init_shell.
 *
 * # Safety
 * What egpt_suggester_init_keys and egpt_suggester_init_shell ask for.
 */
egpt_status egpt_suggester_init_shell_keys(void *memory,
                                           size_t size,
                                           const struct egpt_session *session,
                                           const struct egpt_suggest_options *options,
                                           const struct egpt_text *words,
                                           size_t n_words,
                                           const struct egpt_keys *keys,
                                           struct egpt_suggester **suggester);

/**
 * Changes the words of a suggester from egpt_suggester_init_shell: commands at the start of a line, then the flags of
 * the command. What was found for the word being typed is forgotten.
 *
 * # Errors
 * EGPT_ERROR_KEYBOARD for another suggester, otherwise those of egpt_suggester_init_shell.
 *
 * # Safety
 * The words stay while the suggester is in use, and do not change.
 */
egpt_status egpt_suggester_set_words(struct egpt_suggester *suggester, const struct egpt_text *words, size_t n_words);

/**
 * Changes words and keys of a suggester from egpt_suggester_init_shell_keys. What was found for the word being typed
 * is forgotten.
 *
 * # Errors
 * EGPT_ERROR_KEYBOARD for another suggester, otherwise those of egpt_suggester_init_shell_keys.
 *
 * # Safety
 * The words and the rows of the keys stay while the suggester is in use, and do not change.
 */
egpt_status egpt_suggester_set_words_and_keys(struct egpt_suggester *suggester,
                                              const struct egpt_text *words,
                                              size_t n_words,
                                              const struct egpt_keys *keys);

/**
 * Byte offset where the word of a shell begins that is being typed; the text's length if none has begun.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_UTF8.
 *
 * # Safety
 * The text is there until the function returns.
 */
egpt_status egpt_shell_word_start(const char *text, size_t len, size_t *start);

/**
 * What the address of memory for an object has to be a multiple of, as EGPT_ALIGN.
 */
size_t egpt_align(void);

/**
 * Bytes of a model, as EGPT_MODEL_SIZE.
 */
size_t egpt_model_size(void);

/**
 * Bytes of a suggester from egpt_suggester_init, as EGPT_SUGGESTER_SIZE.
 */
size_t egpt_suggester_size(void);

/**
 * Bytes of a suggester from egpt_suggester_init_keys, as EGPT_SUGGESTER_KEYS_SIZE.
 */
size_t egpt_suggester_keys_size(void);

/**
 * Bytes of a suggester from egpt_suggester_init_shell, as EGPT_SUGGESTER_SHELL_SIZE.
 */
size_t egpt_suggester_shell_size(void);

/**
 * Bytes of a suggester from egpt_suggester_init_shell_keys, as EGPT_SUGGESTER_SHELL_KEYS_SIZE.
 */
size_t egpt_suggester_shell_keys_size(void);

/**
 * Bytes of a suggester from egpt_suggester_init_pieces, as EGPT_SUGGESTER_PIECES_SIZE.
 */
size_t egpt_suggester_pieces_size(void);

/**
 * Bytes of a phrase, as EGPT_PHRASE_SIZE.
 */
size_t egpt_phrase_size(void);

/**
 * Bytes of an object for next letters, as EGPT_NEXT_LETTERS_SIZE.
 */
size_t egpt_next_letters_size(void);

/**
 * Bytes of a generator, as EGPT_GENERATOR_SIZE.
 */
size_t egpt_generator_size(void);

/**
 * Bytes of a classifier, as EGPT_CLASSIFIER_SIZE.
 */
size_t egpt_classifier_size(void);

/**
 * A status in English, as a text that ends with 0 and is there for ever.
 */
const char *egpt_error_text(int32_t status);

/**
 * Makes a suggester on which every key is its letter.
 *
 * - memory, size: EGPT_SUGGESTER_SIZE bytes or more, at a multiple of EGPT_ALIGN. The suggester lives there.
 * - options: null for those by default.
 * - suggester: where the pointer to the suggester is put; null is put there after an error.
 *
 * # Errors
 * EGPT_ERROR_NULL, _MISALIGNED and _SIZE for pointers and the memory, _CONTEXT, _KV and _SCRATCH for the session.
 *
 * # Safety
 * The memory, the buffers of the session and the model's blob stay while the suggester is in use. Nothing else writes
 * them.
 */
egpt_status egpt_suggester_init(void *memory,
                                size_t size,
                                const struct egpt_session *session,
                                const struct egpt_suggest_options *options,
                                struct egpt_suggester **suggester);

/**
 * Does a slice of the work for a text: EGPT_WORKING until the words are found, then EGPT_OK.
 *
 * Give it the text from its beginning after every keystroke, len bytes of UTF-8. A slice takes one decode step, or one
 * pass over the vocabulary, or looks at a part of the word list. Another text than at the last call begins new work,
 * which goes on from what both have in common.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_UTF8. The suggester is as it was before the call.
 *
 * # Safety
 * The text is there until the function returns.
 */
egpt_status egpt_suggester_poll(struct egpt_suggester *suggester, const char *text, size_t len);

/**
 * Writes the best words there are for the text last given to egpt_suggester_poll; cheap at any time.
 *
 * - slots: room for n_slots words. At most 16 are found.
 * - n_words: where the number of words is put that were written.
 *
 * While there is work left, these are words found with fewer letters, as far as they fit. The first word saves most
 * keystrokes alone, and all save most together: they are not in the order of their probabilities.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_MISALIGNED.
 *
 * # Safety
 * There is room for the words.
 */
egpt_status egpt_suggester_best(struct egpt_suggester *suggester,
                                struct egpt_suggestion *slots,
                                size_t n_slots,
                                size_t *n_words);

/**
 * Does all of the work for a text, and writes the best words: egpt_suggester_poll and egpt_suggester_best in one.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_MISALIGNED, EGPT_ERROR_UTF8.
 *
 * # Safety
 * What egpt_suggester_poll and egpt_suggester_best ask for.
 */
egpt_status egpt_suggester_suggest(struct egpt_suggester *suggester,
                                   const char *text,
                                   size_t len,
                                   struct egpt_suggestion *slots,
                                   size_t n_slots,
                                   size_t *n_words);

/**
 * Changes the options; the budget from the next text on. Null for those by default. Blocked words stay blocked.
 *
 * # Errors
 * EGPT_ERROR_NULL.
 */
egpt_status egpt_suggester_set_options(struct egpt_suggester *suggester, const struct egpt_suggest_options *options);

/**
 * Words that are never offered, in whatever letter case, in the place of those that were given before. Of several
 * words, such as "go away", the last one is not offered after those before it, of which two count at most.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_MISALIGNED, EGPT_ERROR_UTF8. Then those that were given before stay blocked.
 *
 * # Safety
 * The words stay while the suggester is in use, and do not change.
 */
egpt_status egpt_suggester_set_blocked(struct egpt_suggester *suggester, const struct egpt_text *words, size_t n_words);

/**
 * Decode steps taken so far, those that read the text included; for measurements. Wraps. 0 if the suggester is null.
 */
uint32_t egpt_suggester_decode_steps(const struct egpt_suggester *suggester);

/**
 * Byte offset where the word being typed begins, which an accepted word replaces; the text's length if none has begun.
 *
 * # Errors
 * EGPT_ERROR_NULL, EGPT_ERROR_UTF8.
 *
 * # Safety
 * The text is there until the function returns.
 */
egpt_status egpt_word_start(const char *text, size_t len, size_t *start);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* EMBEDDED_GPT_H */
