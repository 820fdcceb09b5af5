// Takes at the cursor, not yet part of the text: the chosen one in pale letters where it would stand, and all
// of them as cards below the line. Nothing of it is in the document until one is taken.
import { el } from "./base.js";
import { diff } from "./diff.js";
import { Decoration, EditorView, Prec, StateEffect, StateField, WidgetType, keymap } from "./vendor/codemirror.js";

export const shown = StateEffect.define(); // { at, until, takes, active } or null

class Pale extends WidgetType {
  constructor(text) { super(); this.text = text; }
  eq(other) { return other.text === this.text; }
  toDOM() { return el("span", { className: "pale", textContent: this.text, "aria-hidden": "true" }); }
}

class Cards extends WidgetType {
  constructor(ghost, acts) { super(); Object.assign(this, { ghost, acts }); }
  eq(other) { return other.ghost === this.ghost; }
  ignoreEvent() { return true; }
  toDOM() {
    const { takes, active, gone } = this.ghost;
    const list = el("ul", { className: "ghosts", role: "listbox", "aria-label": "Takes for this place" }, ...takes.map((take, i) => {
      const words = el("p", { className: "words" }, ...(gone ? diff(gone, take.words).map(([kind, text]) => (kind === "same" ? text : el(kind === "gone" ? "del" : "ins", { textContent: text }))) : [take.words.trim()]));
      take.drawn?.(words);
      return el("li", { role: "option", className: "ghost", "aria-selected": String(i === active), id: `ghost-${i}`, data: { take: take.id }, on: { mousedown: (event) => event.preventDefault(), click: () => this.acts.choose(i) } }, words);
    }));
    const button = (name, act, main) => el("button", { type: "button", className: main ? "main" : "", textContent: name, on: { click: act } });
    return el("div", { className: "ghost-box", contentEditable: "false" }, list, el("p", { className: "buttons" },
      button("Take it", () => this.acts.accept(), true), button("Others", () => this.acts.again()), button("Put aside", () => this.acts.dismiss()),
      el("a", { href: `/desk/${takes[active].id}#trace`, target: "_blank", textContent: "What does it owe?" })));
  }
}

// `acts`: accept(ghost), again(ghost), dismiss(ghost). Gives the extension and what the page calls.
export function ghosts(acts) {
  let view = null;
  const now = () => view.state.field(field);
  const on = {
    choose: (i) => { const ghost = now(); if (ghost) view.dispatch({ effects: shown.of({ ...ghost, active: (i + ghost.takes.length) % ghost.takes.length }) }); view.focus(); },
    accept: () => { const ghost = now(); if (ghost) acts.accept(ghost, ghost.takes[ghost.active]); view.focus(); },
    again: () => { const ghost = now(); if (ghost) acts.again(ghost); },
    dismiss: () => { const ghost = now(); view.dispatch({ effects: shown.of(null) }); if (ghost) acts.dismiss(ghost); view.focus(); },
  };
  const field = StateField.define({
    create: () => null,
    update(value, transaction) {
      for (const effect of transaction.effects) if (effect.is(shown)) return effect.value;
      if (value && transaction.docChanged) return null; // whoever types on has decided
      return value;
    },
    provide: (self) => EditorView.decorations.from(self, (ghost) => {
      if (!ghost) return Decoration.none;
      const { doc } = ghost;
      const parts = [];
      if (ghost.until > ghost.at) parts.push(Decoration.mark({ class: "going" }).range(ghost.at, ghost.until));
      parts.push(Decoration.widget({ widget: new Pale(ghost.takes[ghost.active].words), side: 1 }).range(ghost.until));
      parts.push(Decoration.widget({ widget: new Cards(ghost, on), side: 2, block: true }).range(doc.lineAt(ghost.until).to));
      return Decoration.set(parts, true);
    }),
  });
  const when = (act) => () => { if (!now()) return false; act(); return true; };
  const keys = Prec.highest(keymap.of([
    { key: "Tab", run: when(on.accept) }, { key: "Enter", run: when(on.accept) }, { key: "Escape", run: when(on.dismiss) },
    { key: "ArrowDown", run: when(() => on.choose(now().active + 1)) }, { key: "ArrowUp", run: when(() => on.choose(now().active - 1)) },
  ]));
  return { extension: [field, keys], set: (editor) => { view = editor; }, now, dismiss: on.dismiss };
}
