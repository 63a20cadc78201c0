"use strict";

// The runtime, compiled to WebAssembly, with the interface that programs in C have (embedded_gpt.h). All memory is the
// caller's, so it is handed out here, and nothing is given back.

const ALIGN = 16;
const PAGE = 65536;
const WORKING = 1;
const MAX_SLOTS = 3;
/** The struct egpt_suggestion. */
const SUGGESTION = { size: 40, text: 0, len: 36, percent: 37, corrects: 38, takesSpace: 39 };
const MAX_TOKEN_BYTES = 255;
/** The enum egpt_key_layout. */
const LAYOUTS = { letters: 0, qwerty: 1, qwertz: 2, azerty: 3 };

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

class Runtime {
  /** Starts the runtime with a model's blob. */
  static async start(wasm, blob) {
    const { instance } = await WebAssembly.instantiate(wasm, {});
    return new Runtime(instance.exports, blob);
  }

  constructor(c, blob) {
    this.c = c;
    this.end = c.__heap_base.value;
    const at = this.room(blob.length);
    this.bytes(at, blob.length).set(blob);
    this.out = this.room(16);
    const size = c.egpt_model_size();
    this.check(c.egpt_model_load(this.room(size), size, at, blob.length, this.out));
    this.model = this.word(this.out);
    this.maxContext = c.egpt_model_max_context(this.model);
    this.text = { at: this.room(1024), room: 1024, len: 0 };
    this.tokenIds = { at: this.room(4096), room: 2048 };
    this.tokenBytes = this.room(MAX_TOKEN_BYTES);
    this.slots = this.room(MAX_SLOTS * SUGGESTION.size);
    this.keys = this.room(12);
    this.suggesterMemory = this.room(c.egpt_suggester_keys_size());
    this.buffers = this.roomForSession(this.maxContext);
  }

  /** Memory at a multiple of 16. */
  room(bytes) {
    const start = Math.ceil(this.end / ALIGN) * ALIGN;
    this.end = start + bytes;
    const missing = this.end - this.c.memory.buffer.byteLength;
    if (missing > 0) this.c.memory.grow(Math.ceil(missing / PAGE));
    return start;
  }

  // Views are made anew each time: those before a growth are of no use after it.
  bytes(at, len) { return new Uint8Array(this.c.memory.buffer, at, len); }
  word(at) { return new DataView(this.c.memory.buffer).getUint32(at, true); }
  putWords(at, words) { new Uint32Array(this.c.memory.buffer, at, words.length).set(words); return at; }

  check(status) {
    if (status >= 0) return status;
    const at = this.c.egpt_error_text(status);
    const text = new Uint8Array(this.c.memory.buffer, at);
    throw new Error(decoder.decode(text.subarray(0, text.indexOf(0))));
  }

  version() {
    const text = new Uint8Array(this.c.memory.buffer, this.c.egpt_version());
    return decoder.decode(text.subarray(0, text.indexOf(0)));
  }

  kvWords(context) { return this.c.egpt_model_kv_words(this.model, context); }
  scratchWords(context) { return this.c.egpt_model_scratch_words(this.model, context, 1); }

  /** Bytes that a 32-bit processor has to have for suggestions: WebAssembly is one. */
  ramBytes(context, layout) {
    const suggester = layout === "letters" ? this.c.egpt_suggester_size() : this.c.egpt_suggester_keys_size();
    return 4 * (this.kvWords(context) + this.scratchWords(context)) + suggester + this.c.egpt_model_size();
  }

  /** Buffers for a session, and room for its struct. */
  roomForSession(context) {
    return { struct: this.room(24), kv: this.room(4 * this.kvWords(context)), scratch: this.room(4 * this.scratchWords(context)) };
  }

  session(context, { struct, kv, scratch }) {
    return this.putWords(struct, [this.model, context, kv, this.kvWords(context), scratch, this.scratchWords(context)]);
  }

  /** Makes the suggester, for a context and the keys of a keyboard. */
  makeSuggester(context, layout) {
    const keys = this.putWords(this.keys, [LAYOUTS[layout], 0, 0]);
    const size = this.c.egpt_suggester_keys_size();
    const session = this.session(context, this.buffers);
    this.check(this.c.egpt_suggester_init_keys(this.suggesterMemory, size, session, 0, keys, this.out));
    this.suggester = this.word(this.out);
  }

  /** Puts a text where the functions read it. */
  setText(text) {
    const bytes = encoder.encode(text);
    if (bytes.length > this.text.room) {
      this.text = { at: this.room(2 * bytes.length), room: 2 * bytes.length };
      this.tokenIds = { at: this.room(8 * bytes.length + 4), room: 4 * bytes.length + 2 };
    }
    this.bytes(this.text.at, bytes.length).set(bytes);
    this.text.len = bytes.length;
  }

  /** Does a slice of the work for the text; whether there is more. */
  poll() {
    return this.check(this.c.egpt_suggester_poll(this.suggester, this.text.at, this.text.len)) === WORKING;
  }

  /** The best words found so far. */
  best() {
    this.check(this.c.egpt_suggester_best(this.suggester, this.slots, MAX_SLOTS, this.out));
    return Array.from({ length: this.word(this.out) }, (_, i) => this.suggestion(i));
  }

  suggestion(i) {
    const slot = this.bytes(this.slots + i * SUGGESTION.size, SUGGESTION.size);
    const word = decoder.decode(slot.subarray(SUGGESTION.text, SUGGESTION.text + slot[SUGGESTION.len]));
    const flag = (place) => slot[SUGGESTION[place]] !== 0;
    return { word, percent: slot[SUGGESTION.percent], corrects: flag("corrects"), takesSpace: flag("takesSpace") };
  }

  /** What a space bar may put in the place of the last word, or null. */
  correction() {
    this.check(this.c.egpt_suggester_correction(this.suggester, this.slots, this.out));
    return this.bytes(this.out, 1)[0] !== 0 ? this.suggestion(0).word : null;
  }

  /** The text is a word that was meant as it was typed. */
  keep() {
    this.check(this.c.egpt_suggester_keep(this.suggester, this.text.at, this.text.len));
  }

  /** Passes through the model so far. */
  steps() { return this.c.egpt_suggester_decode_steps(this.suggester) >>> 0; }

  /** Where the last word of the text begins, as an index of a JavaScript string. */
  wordStart() {
    this.check(this.c.egpt_word_start(this.text.at, this.text.len, this.out));
    return decoder.decode(this.bytes(this.text.at, this.word(this.out))).length;
  }

  /** The tokens of the text: numbers, and what they stand for. */
  tokens() {
    const { at, room } = this.tokenIds;
    this.check(this.c.egpt_model_encode(this.model, this.text.at, this.text.len, at, room, this.out));
    const ids = new Uint16Array(this.c.memory.buffer, at, this.word(this.out));
    return Array.from(ids, (id) => {
      this.check(this.c.egpt_model_token(this.model, id, this.tokenBytes, this.out));
      return { id, text: decoder.decode(this.bytes(this.tokenBytes, this.word(this.out))) };
    });
  }

  /** The hash of the logits of so many tokens, in the way that boards print it. */
  logitsHash(tokens, context) {
    const session = this.session(context, this.roomForSession(context));
    this.check(this.c.egpt_logits_hash(session, tokens, this.out));
    const hash = new DataView(this.c.memory.buffer).getBigUint64(this.out, true);
    return "0x" + hash.toString(16).padStart(16, "0");
  }
}
