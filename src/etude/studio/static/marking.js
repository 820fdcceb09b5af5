// Marks in the editor: what stands word for word in the works, and what the model says of each word. After a
// change only the window around it is asked for; what stands elsewhere moves along with the text.
import { ask, el, get } from "./base.js";
import { Decoration, EditorView, StateEffect, StateField, hoverTooltip } from "./vendor/codemirror.js";

const AROUND = 300; // characters on each side of a change: longer runs are asked for again, wider
const PART = 12000; // of a whole text at once

const replaced = StateEffect.define(); // { from, to, marks }
const emptied = StateEffect.define();

const drawn = (mark, kind) => Decoration.mark({ class: kind(mark), mark });

function layer(kind, name) {
  const field = StateField.define({
    create: () => Decoration.none,
    update(value, transaction) {
      let marks = value.map(transaction.changes);
      for (const effect of transaction.effects) {
        if (effect.is(emptied) && effect.value === name) marks = Decoration.none;
        if (!effect.is(replaced) || effect.value.name !== name) continue;
        const { from, to } = effect.value;
        marks = marks.update({
          filterFrom: from, filterTo: to, filter: (a, b) => b <= from || a >= to,
          add: effect.value.marks.filter((mark) => mark.to > mark.from).map((mark) => drawn(mark, kind).range(mark.from, mark.to)), sort: true,
        });
      }
      return marks;
    },
    provide: (self) => EditorView.decorations.from(self),
  });
  return field;
}

export const borrowed = layer(() => "m-borrowed", "borrowed");
export const voice = layer((mark) => `m-voice m-voice-${mark.level}`, "voice");

const level = (word) => {
  if (word.voice === null) return word.memory >= 0.98 ? 2 : word.memory >= 0.9 ? 1 : 0;
  return word.voice <= -1 ? -1 : word.voice >= 3 ? 2 : word.voice >= 1 ? 1 : 0;
};

// The marks at a place, the longest first.
export function at(state, place) {
  const found = [];
  state.field(borrowed).between(place, place, (from, to, value) => { found.push({ ...value.spec.mark, from, to }); });
  return found.sort((a, b) => b.length - a.length);
}

const passages = new Map();
export async function source(mark) {
  const key = `${mark.work}/${mark.at}-${mark.until}`;
  if (!passages.has(key)) passages.set(key, await get(`passage/${key}`));
  return passages.get(key);
}

export function said(mark, passage) {
  const others = mark.works > 1 ? `, and ${mark.works - 1} ${mark.works === 2 ? "other work" : "other works"}` : "";
  return el("figure", { className: "passage" },
    el("figcaption", {}, `${mark.length} words as in `, el("cite", { textContent: passage.title }), passage.maker ? ` by ${passage.maker}` : "", `, ${passage.place}${others}`),
    el("blockquote", {}, passage.before ? `… ${passage.before}` : "", el("mark", { textContent: passage.words }), passage.after ? `${passage.after} …` : ""));
}

const hover = hoverTooltip(async (view, place) => {
  const mark = at(view.state, place)[0];
  if (!mark) return null;
  const dom = said(mark, await source(mark));
  return { pos: mark.from, end: mark.to, above: true, create: () => ({ dom }) };
}, { hoverTime: 250 });

export class Marking {
  constructor(model, { failed = () => {}, told = () => {} } = {}) {
    Object.assign(this, { model, failed, told, dirty: null, busy: false, since: null, on: true, key: 0 });
    this.extensions = [borrowed, voice, hover, EditorView.updateListener.of((update) => { if (update.docChanged) this.changed(update); })];
  }

  start(view) {
    this.view = view;
    if (view.state.doc.length) this.whole();
  }

  // From the beginning, part by part, so that nothing that is typed meanwhile waits for long.
  async whole() {
    for (let from = 0; this.on && from < this.view.state.doc.length; from += PART) {
      while (this.busy || this.dirty) await new Promise((done) => setTimeout(done, 30));
      this.busy = true;
      await this.ask(from, Math.min(this.view.state.doc.length, from + PART));
      this.busy = false;
      this.next();
    }
    this.told("whole");
  }

  changed(update) {
    if (this.since) this.since = this.since.composeDesc(update.changes.desc);
    let dirty = this.dirty && { from: update.changes.mapPos(this.dirty.from, -1), to: update.changes.mapPos(this.dirty.to, 1) };
    update.changes.iterChangedRanges((a, b, from, to) => { dirty = dirty ? { from: Math.min(dirty.from, from), to: Math.max(dirty.to, to) } : { from, to }; });
    this.dirty = dirty;
    this.key ||= performance.now();
    this.next();
  }

  next() {
    if (!this.on || this.busy || !this.dirty) return;
    const { from, to } = this.dirty;
    this.dirty = null;
    this.busy = true;
    const began = this.key;
    this.key = 0;
    this.ask(from, to).finally(() => {
      performance.measure("marks", { start: began || performance.now() });
      this.busy = false;
      this.next();
    });
  }

  // A window around from..to that begins and ends between words, and cuts no mark that stands there.
  window(from, to, around) {
    const { doc } = this.view.state;
    let [low, high] = [Math.max(0, from - around), Math.min(doc.length, to + around)];
    this.view.state.field(borrowed).between(low, high, (a, b) => { low = Math.min(low, a); high = Math.max(high, b); });
    const before = doc.sliceString(Math.max(0, low - 80), low).match(/\S*$/)[0].length;
    const after = doc.sliceString(high, high + 80).match(/^\S*/)[0].length;
    return [low - before, high + after];
  }

  async ask(from, to, around = AROUND) {
    const { view } = this;
    const [low, high] = this.window(from, to, around);
    const text = view.state.doc.sliceString(low, high);
    this.since = view.state.changes().desc;
    let found;
    try { found = await ask("marks", { model: this.model, text }); } catch (error) { this.on = false; this.failed(error); return; }
    const { since } = this;
    this.since = null;
    const cut = found.borrowed.some((mark) => (low > 0 && mark.start < 60 && !text.slice(0, mark.start).trim()) || (high < view.state.doc.length && !text.slice(mark.end).trim()));
    if (cut && around < 5000 && since.empty) { await this.ask(from, to, around * 4); return; }
    const place = (mark) => ({ ...mark, from: since.mapPos(low + mark.start, 1), to: since.mapPos(low + mark.end, -1) });
    view.dispatch({ effects: replaced.of({ name: "borrowed", from: since.mapPos(low, 1), to: since.mapPos(high, -1), marks: found.borrowed.map(place) }) });
  }

  show(on) {
    this.on = on;
    if (on) this.whole();
    else this.view.dispatch({ effects: emptied.of("borrowed") });
  }

  // What the model says of the words around the cursor.
  async hear() {
    const { view } = this;
    const { head } = view.state.selection.main;
    const [low, high] = this.window(head, head, 900);
    const text = view.state.doc.sliceString(low, high);
    if (!text.trim()) return null;
    const { doc } = view.state;
    const found = await ask("marks", { model: this.model, text, voice: true });
    if (view.state.doc !== doc) return found; // it was typed on meanwhile; the next pause asks again
    const marks = found.voice.map((word) => ({ ...word, from: low + word.start, to: low + word.end, level: level(word) })).filter((word) => word.level);
    view.dispatch({ effects: replaced.of({ name: "voice", from: low, to: high, marks }) });
    return found;
  }

  deaf() { this.view.dispatch({ effects: emptied.of("voice") }); }
}
