// What is seen: the text, its suggestions, and what they take.

/** Work is done in slices of so many milliseconds, so that keys are never kept waiting. */
const SLICE = 8;
/** After so many milliseconds without a key the words are said to those who do not see them. */
const QUIET = 700;
/** What follows a word without a space. */
const CLOSING = ".,!?:;)]}%'";
const CODE_BYTES = 43_000;
const STACK_BYTES = 2_000;
const SHOWN_TOKENS = 200;

const data = JSON.parse(document.getElementById("data").textContent);
const id = (name) => document.getElementById(name);
const [field, words] = [id("text"), id("words")];
const buttons = [...words.querySelectorAll("button")];

const number = (value, digits = 0) =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
const kilobytes = (bytes) => `${number(bytes / 1000, bytes < 100_000 ? 1 : 0)} KB`;
const milliseconds = (ms) => number(ms, ms < 10 ? 1 : 0);
const pause = () => new Promise((resolve) => setTimeout(resolve));

function fromBase64(text) {
  const bytes = atob(text);
  return Uint8Array.from(bytes, (char) => char.charCodeAt(0));
}

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

class Page {
  constructor(runtime) {
    this.runtime = runtime;
    this.draft = new Draft();
    this.offered = [];
    /** Where the space stands that came with a word, if that was the last thing to happen. */
    this.givenSpace = -1;
    /** What may take the place of the last word of the settled text, and what has just done so. */
    this.correction = null;
    this.corrected = null;
    this.search = 0;
    /** Passes through the model after each text so far. */
    this.passes = [];
    this.leaves = false;
  }

  start() {
    id("layout").value = data.layout;
    const contexts = new Set([data.context, this.runtime.maxContext]);
    for (let context = 16; context < this.runtime.maxContext; context *= 2) contexts.add(context);
    for (const context of [...contexts].sort((a, b) => a - b)) {
      id("context").append(element("option", `${context} tokens`, { value: context }));
    }
    id("context").value = data.context;
    for (const example of data.examples) {
      const button = element("button", example, { type: "button", class: "plain" });
      button.onclick = () => this.write(example);
      id("examples").append(button);
      id("examples").hidden = false;
    }
    field.addEventListener("input", () => this.typed());
    field.addEventListener("beforeinput", (event) => this.takeBack(event));
    field.addEventListener("keydown", (event) => this.key(event));
    field.addEventListener("blur", () => { this.leaves = false; });
    document.addEventListener("selectionchange", () => {
      // An input event is on its way if a key has moved the caret.
      setTimeout(() => { if (document.activeElement === field) this.ask(); });
    });
    buttons.forEach((button, i) => {
      // The field keeps its focus, and a phone its keyboard.
      button.onpointerdown = (event) => event.preventDefault();
      button.onclick = () => this.accept(i);
    });
    for (const control of [id("layout"), id("context")]) control.onchange = () => this.choose();
    id("clear").onclick = () => this.clear();
    // A browser may have kept what was typed before the page was loaded again.
    field.value = "";
    this.choose();
  }

  get context() { return Number(id("context").value); }

  /** The text that suggestions are for. */
  before() { return field.value.slice(0, field.selectionStart); }

  /** The keyboard or the context has changed. */
  choose() {
    const layout = id("layout").value;
    this.runtime.makeSuggester(this.context, layout);
    this.ram = this.runtime.ramBytes(this.context, layout);
    this.asked = null;
    id("size-context").textContent = this.context;
    id("size-ram").textContent = kilobytes(this.ram);
    this.ask();
  }

  typed() {
    this.draft.change(field.value);
    this.correct();
    const caret = field.selectionStart;
    if (this.givenSpace >= 0 && caret === this.givenSpace + 2 && CLOSING.includes(field.value[caret - 1])) {
      this.draft.dropSpace(this.givenSpace);
      this.show(caret - 1);
    }
    this.givenSpace = -1;
    this.showSaved();
    this.ask();
  }

  /** Behind a word that is surely a slip a space has been typed: what was meant takes its place. */
  correct() {
    const [caret, correction] = [field.selectionStart, this.correction];
    this.note(null);
    if (!correction || field.value[caret - 1] !== " " || field.value.slice(0, caret - 1) !== this.settled) return;
    const { start, word } = correction;
    this.note({ start, word, typed: this.settled.slice(start) });
    this.draft.put(start, caret - 1, word);
    this.show(start + word.length + 1);
  }

  /** Backspace behind a correction brings back what was typed, for good. */
  takeBack(event) {
    const { corrected } = this;
    const isBackspace = event.inputType === "deleteContentBackward" && event.cancelable;
    if (!corrected || !isBackspace || field.selectionEnd !== corrected.start + corrected.word.length + 1) return;
    event.preventDefault();
    const { start, word, typed } = corrected;
    this.draft.pressed += 1;
    this.draft.replace(start, start + word.length + 1, typed, false);
    this.runtime.setText(typed);
    this.runtime.keep();
    this.note(null);
    this.show(start + typed.length);
    this.asked = null;
    this.ask();
  }

  note(corrected) {
    this.corrected = corrected;
    id("note").textContent = corrected ? `“${corrected.typed}” corrected; Backspace undoes it` : "";
  }

  /** A whole text, as if it had been typed. */
  write(text) {
    this.draft.change(text);
    this.note(null);
    this.givenSpace = -1;
    this.show(text.length);
    field.focus();
    this.ask();
  }

  clear() {
    this.draft = new Draft();
    this.note(null);
    this.givenSpace = -1;
    this.passes = [];
    this.showSaved();
    this.show(0);
    field.focus();
    this.ask();
  }

  show(caret) {
    field.value = this.draft.text;
    field.setSelectionRange(caret, caret);
  }

  key(event) {
    const digit = /^(?:Digit|Numpad)([1-3])$/.exec(event.code);
    if (event.isComposing) return;
    if (digit && event.altKey !== event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      this.accept(digit[1] - 1);
    } else if (event.key === "Tab" && !event.shiftKey && !this.leaves && this.offered.length > 0) {
      event.preventDefault();
      this.accept(0);
    }
    // Whoever has only a keyboard has to get out of the field, too.
    this.leaves = event.key === "Escape" || (this.leaves && event.key === "Tab");
  }

  accept(i) {
    const offer = this.offered[i];
    if (!offer || this.asked !== this.before()) return;
    const [start, end] = [offer.start, field.selectionStart];
    const hasSpace = /^\s/.test(field.value.slice(end));
    const word = offer.word + (offer.takesSpace && !hasSpace ? " " : "");
    this.draft.accept(start, end, word);
    this.note(null);
    const caret = start + word.length;
    this.show(caret);
    this.givenSpace = word === offer.word ? -1 : caret - 1;
    this.ask();
  }

  /** Looks for words, in slices, until there is another text. */
  async ask() {
    const text = this.before();
    if (text === this.asked) return;
    const search = ++this.search;
    this.asked = text;
    words.setAttribute("aria-busy", "true");
    this.runtime.setText(text);
    const before = this.runtime.steps();
    let [took, isWorking] = [0, true];
    while (isWorking) {
      const start = performance.now();
      do isWorking = this.runtime.poll(); while (isWorking && performance.now() - start < SLICE);
      took += performance.now() - start;
      if (isWorking) {
        await pause();
        if (search !== this.search) return;
      }
    }
    this.offer();
    this.measure(took, (this.runtime.steps() - before) >>> 0);
    this.showTokens();
    words.setAttribute("aria-busy", "false");
    clearTimeout(this.saying);
    this.saying = setTimeout(() => this.say(), QUIET);
  }

  offer() {
    const start = this.runtime.wordStart();
    this.offered = this.runtime.best().map((offer) => ({ ...offer, start }));
    const word = this.runtime.correction();
    this.correction = word === null ? null : { start, word };
    this.settled = this.asked;
    buttons.forEach((button, i) => {
      const offer = this.offered[i];
      button.disabled = !offer;
      button.toggleAttribute("data-slip", Boolean(offer?.corrects));
      button.querySelector(".word").textContent = offer?.word ?? "";
      button.querySelector(".share").textContent = offer ? `${offer.percent} %${offer.corrects ? ", slip" : ""}` : "";
    });
  }

  say() {
    const text = this.offered.map((offer, i) => `${i + 1}: ${offer.word}`).join(", ") || "no suggestions";
    const note = id("note").textContent;
    if (document.activeElement === field) id("said").textContent = note ? `${note}. ${text}` : text;
  }

  measure(took, passes) {
    this.passes.push(passes);
    const mean = this.passes.reduce((a, b) => a + b, 0) / this.passes.length;
    this.showSaved();
    id("took").textContent = number(took, 1);
    id("steps").textContent = number(passes);
    id("steps-mean").textContent = `${number(mean, 1)} on average`;
    id("mean").textContent = `${number(mean, 1)} passes on average, as you type`;
    showBoards(this.ram, mean);
  }

  showSaved() {
    const [saved, without] = [this.draft.saved(), this.draft.without()];
    id("saved").textContent = number(saved);
    id("saved-of").textContent = without > 0 ? `of ${number(without)} (${number((100 * saved) / without)} %)` : "";
  }

  showTokens() {
    const tokens = this.runtime.tokens();
    const list = tokens.slice(-SHOWN_TOKENS).map((token, i, shown) => {
      const item = element("li", "", { class: shown.length - i > this.context ? "forgotten" : "" });
      // Blanks are seen.
      const piece = element("span", "");
      for (const part of token.text.split(/([ \n])/)) {
        if (part === " " || part === "\n") piece.append(element("i", part === " " ? "·" : "↵"));
        else piece.append(part);
      }
      item.append(piece, element("small", token.id));
      return item;
    });
    id("tokens").replaceChildren(...list);
    id("tokens").scrollTop = id("tokens").scrollHeight;
    const many = tokens.length === 1 ? "1 token" : `${number(tokens.length)} tokens`;
    id("tokens-count").textContent =
      tokens.length === 0 ? "Type something." : `${many}, a dot for a space. The model looks back ${this.context}.`;
  }
}

/** Whether a chip has the memory, and the least that a pass and a keystroke take on it. */
function showBoards(ram, passes) {
  const flash = data.model_bytes + CODE_BYTES;
  const rows = data.boards.map((board) => {
    const isFlashEnough = board.flash_kib === null || flash <= board.flash_kib * 1024;
    const isRamEnough = ram + STACK_BYTES <= board.ram_kib * 1024;
    const [fits, why] = !isFlashEnough ? ["no", "flash too small"] : !isRamEnough ? ["no", "RAM too small"]
      : ["yes", board.flash_kib === null ? "from external flash" : ""];
    const pass = board.instructions / (board.mhz * 1000);
    const row = document.createElement("tr");
    const chip = element("th", board.name, { scope: "row" });
    const memory = board.flash_kib === null ? "external flash" : `${number(board.flash_kib)} KiB flash`;
    chip.append(element("small", `${board.core}, ${board.mhz} MHz, ${memory}, ${number(board.ram_kib)} KiB RAM`));
    const verdict = element("td", fits, { class: fits });
    if (why) verdict.append(element("small", why));
    const atLeast = (ms) => (fits === "yes" ? `≥ ${milliseconds(ms)}` : "–");
    row.append(chip, verdict, element("td", atLeast(pass), { class: "n" }));
    row.append(element("td", atLeast(passes * pass), { class: "n" }));
    return { row, fits };
  });
  const sorted = ["yes", "no"].flatMap((fits) => rows.filter((row) => row.fits === fits));
  id("boards").replaceChildren(...sorted.map(({ row }) => row));
}

/** Computes the hash in a worker, so that no key waits for it; here if the browser gives this page none. */
function logitsHash(message) {
  const compute = async ({ wasm, blob, tokens, context }) =>
    (await Runtime.start(wasm, blob)).logitsHash(tokens, context);
  const answer = `onmessage = ({ data }) => (${compute})(data).then(postMessage, (error) => setTimeout(() => { throw error; }));`;
  const inWorker = new Promise((resolve, reject) => {
    const source = new Blob([id("runtime").textContent, answer], { type: "text/javascript" });
    const worker = new Worker(URL.createObjectURL(source));
    worker.onmessage = ({ data }) => {
      worker.terminate();
      resolve(data);
    };
    worker.onerror = reject;
    worker.postMessage(message);
  });
  return inWorker.catch(() => compute(message));
}

/** Computes the hash here, and says whether it is the one that was computed natively. */
async function compareBits(wasm, blob) {
  const { tokens, value } = data.hash;
  id("hash-tokens").textContent = number(tokens);
  id("hash-expected").textContent = value;
  const here = await logitsHash({ wasm, blob, ...data.hash });
  id("hash-here").textContent = here;
  const isEqual = here === value;
  id("verdict").textContent = isEqual ? "✓ Equal, to the last bit" : "✗ Not equal: please report this browser";
  id("verdict").className = `verdict ${isEqual ? "equal" : "differs"}`;
}

function showSizes(wasm) {
  id("lead-size").textContent = kilobytes(data.model_bytes);
  id("size-model").textContent = kilobytes(data.model_bytes);
  id("size-code").textContent = `about ${kilobytes(CODE_BYTES).replace(".0", "")}`;
  id("size-wasm").textContent = kilobytes(wasm.length);
  id("metadata").textContent = data.metadata;
}

try {
  const wasm = fromBase64(data.wasm);
  showSizes(wasm);
  const blob = fromBase64(data.model);
  const runtime = await Runtime.start(wasm, blob);
  id("version").textContent = runtime.version();
  new Page(runtime).start();
  await compareBits(wasm, blob);
} catch (error) {
  id("problem").textContent = `This browser cannot run the model: ${error.message}.`;
  id("problem").hidden = false;
}
