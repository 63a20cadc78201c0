// The text, which of it suggestions brought, and what that saved: counted as by `egpt type`.

const characters = (text) => Array.from(text).length;

class Draft {
  constructor() {
    this.text = "";
    /** Whether a suggestion brought it, for each unit of the text. */
    this.brought = [];
    /** Keys pressed, and those of them that would have been pressed without suggestions. */
    this.pressed = 0;
    this.own = 0;
  }

  /** Takes over what a person made of the text. */
  change(text) {
    const old = this.text;
    const most = Math.min(old.length, text.length);
    let [start, end] = [0, 0];
    while (start < most && old[start] === text[start]) start++;
    while (end < most - start && old[old.length - 1 - end] === text[text.length - 1 - end]) end++;
    const isOwnGone = this.brought.slice(start, old.length - end).includes(false);
    const added = characters(text.slice(start, text.length - end));
    if (added > 0 || text !== old) {
      this.pressed += Math.max(added, 1);
      this.own += added > 0 ? added : Number(isOwnGone);
    }
    this.replace(start, old.length - end, text.slice(start, text.length - end), false);
  }

  /** Takes a suggested word, with the space behind it, in the place of the letters typed of it. */
  accept(start, end, word) {
    this.pressed += 1;
    this.put(start, end, word);
  }

  /** Writes a word in the place of the letters typed of it. */
  put(start, end, word) {
    const typed = characters(this.text.slice(start, end));
    const letters = Array.from(word);
    const [own, brought] = [letters.slice(0, typed).join(""), letters.slice(typed).join("")];
    this.replace(start, end, own, false);
    this.replace(start + own.length, start + own.length, brought, true);
  }

  /** The space that a suggestion brought goes, and nobody pressed a key for that. */
  dropSpace(at) {
    this.replace(at, at + 1, "", false);
  }

  replace(start, end, text, isBrought) {
    this.text = this.text.slice(0, start) + text + this.text.slice(end);
    this.brought = this.brought.slice(0, start).concat(Array(text.length).fill(isBrought), this.brought.slice(end));
  }

  /** Keystrokes that the same would have taken without suggestions. */
  without() {
    return this.own + characters(this.text.split("").filter((_, i) => this.brought[i]).join(""));
  }

  saved() {
    return this.without() - this.pressed;
  }
}
