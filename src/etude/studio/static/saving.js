// Every change of a draft on its way to disk: gathered while one types, sent in a row, and never over what
// another window wrote.
import { ask } from "./base.js";

const PAUSE = 700; // ms without a key before it is sent
const LONGEST = 4000; // ms of typing without a pause

export class Saving {
  // `text` gives what is in the editor now; `state` is told how it stands, `depth` when undo may have changed.
  constructor(name, loaded, { text, state, depth }) {
    Object.assign(this, { name, text, state, depth, old: loaded.text, version: loaded.version, undo: loaded.undo, redo: loaded.redo, timer: 0, first: 0, take: "", dirty: false, line: Promise.resolve(), stopped: null, still: false });
  }

  start() {
    this.state("Saved");
    addEventListener("beforeunload", (event) => { if (this.dirty && !this.stopped) { this.flush().catch(() => {}); event.preventDefault(); } });
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.flush().catch(() => {}); });
  }

  changed() {
    if (this.still || this.stopped) return;
    this.dirty = true;
    this.state("…");
    this.first ||= Date.now();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush().catch(() => {}), Date.now() - this.first > LONGEST ? 0 : PAUSE);
  }

  // Everything that was done until now, on disk.
  flush() {
    clearTimeout(this.timer);
    this.first = 0;
    const done = this.line.then(() => this.send());
    this.line = done.catch(() => {});
    return done;
  }

  async send() {
    if (this.stopped) throw this.stopped;
    if (!this.dirty) return;
    const { old, take } = this;
    const now = this.text();
    this.dirty = false;
    this.take = "";
    if (old === now) { this.state("Saved"); return; }
    let [start, a, b] = [0, old.length, now.length];
    while (start < Math.min(a, b) && old[start] === now[start]) start += 1;
    while (a > start && b > start && old[a - 1] === now[b - 1]) { a -= 1; b -= 1; }
    const half = (text, place) => place > 0 && place < text.length && /[\uD800-\uDBFF]/.test(text[place - 1]) && /[\uDC00-\uDFFF]/.test(text[place]);
    if (half(old, start)) start -= 1; // never between the halves of a sign
    if (half(old, a)) { a += 1; b += 1; }
    try {
      this.known(await ask("draft/put", { name: this.name, version: this.version, at: start, gone: old.slice(start, a), here: now.slice(start, b), take }));
      this.old = now;
      this.state(this.dirty ? "…" : "Saved");
    } catch (error) {
      this.dirty = true;
      this.take ||= take;
      if (error.status === 412) this.stopped = error;
      this.state(`Not saved: ${error.message} ${error.hint ?? ""}`);
      if (!this.stopped) this.timer = setTimeout(() => this.flush().catch(() => {}), 3000);
      throw error;
    }
  }

  known(said) {
    Object.assign(this, { version: said.version, undo: said.undo, redo: said.redo });
    this.depth();
  }

  // One step of the draft's own history, after all that was asked before it; the text then, or null where there
  // is none.
  step(forwards) {
    const done = this.line.then(() => this.send()).then(async () => {
      if (forwards ? !this.redo : !this.undo) return null;
      return this.came(await ask("draft/undo", { name: this.name, redo: forwards }));
    });
    this.line = done.catch(() => {});
    return done;
  }

  // What the server made of the draft.
  came(found) {
    this.old = found.text;
    this.known(found);
    return found.text;
  }

  // Put what came from disk into the editor, which is no change of the person's.
  quiet(act) {
    this.still = true;
    try { act(); } finally { this.still = false; }
  }
}
