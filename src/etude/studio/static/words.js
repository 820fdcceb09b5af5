// The desk for text: an editor whose every change is kept on disk, takes at the cursor, marks while one types.
import { ask, controls, dialog, el, every, field, find, get, go, say, sayError } from "./base.js";
import { ghosts, shown } from "./ghost.js";
import { Marking, at, said, source } from "./marking.js";
import { Saving } from "./saving.js";
import { EditorState, EditorView, Prec, defaultKeymap, drawSelection, history, historyKeymap, isolateHistory, keymap, placeholder, redo, redoDepth, undo, undoDepth } from "./vendor/codemirror.js";

const root = find("#draft");
const { name, model } = root.dataset;
const loaded = await get(`draft/${encodeURIComponent(name)}`);
const form = find("#ask");

// ---- saving, undo and redo

const saving = new Saving(name, loaded, {
  text: () => view.state.doc.toString(),
  state: (text) => { find("#saved").textContent = text; },
  depth: () => stand(),
});
const stand = () => {
  if (!view) return;
  find("#undo").disabled = !undoDepth(view.state) && !saving.undo;
  find("#redo").disabled = !redoDepth(view.state) && !saving.redo;
};

// One step back: in this sitting the editor knows it, and of earlier ones the draft's own history.
async function step(forwards) {
  ghost.now() && ghost.dismiss();
  if (forwards ? redoDepth(view.state) : undoDepth(view.state)) { (forwards ? redo : undo)(view); return; }
  try {
    const text = await saving.step(forwards);
    if (text !== null) put(text);
  } catch (error) { sayError(error); }
}

// The text as the server has it, with the smallest change, so that the cursor stays where it is.
function put(text) {
  const old = view.state.doc.toString();
  let [start, a, b] = [0, old.length, text.length];
  while (start < Math.min(a, b) && old[start] === text[start]) start += 1;
  while (a > start && b > start && old[a - 1] === text[b - 1]) { a -= 1; b -= 1; }
  saving.quiet(() => view.dispatch({ changes: { from: start, to: a, insert: text.slice(start, b) }, selection: { anchor: b }, scrollIntoView: true }));
  stand();
}

// ---- takes

const ghost = ghosts({
  accept: async (about, take) => {
    await saving.flush().catch(sayError);
    let { words } = take;
    const before = view.state.sliceDoc(Math.max(0, about.at - 1), about.at);
    if (/\s$/.test(before) && /^[ \t]/.test(words)) words = words.trimStart();
    saving.take = take.id;
    view.dispatch({ effects: shown.of(null), changes: { from: about.at, to: about.until, insert: words }, selection: { anchor: about.at + words.length }, annotations: isolateHistory.of("full"), scrollIntoView: true });
    saving.flush().catch(sayError);
  },
  again: (about) => ask_for(about.at, about.until, about.filled),
  dismiss: () => { find("#asking").textContent = "Put aside. They wait on the desk."; },
});

let asking = 0;
async function ask_for(from, to, filled) {
  const mine = (asking += 1);
  const state = find("#asking");
  const go_on = find("#go");
  go_on.disabled = true;
  state.textContent = filled ? "Filling what is selected …" : "Going on from the cursor …";
  try {
    await saving.flush();
    const like = Object.fromEntries(every("[data-like]", form).filter((one) => one.value).map((one) => [one.dataset.like, one.value]));
    const wanted = { name, model, n: Number(form.n.value), at: from, like, controls: Object.assign({}, ...every(".fields", form).map((part) => controls(part))) };
    if (filled) wanted.until = to;
    const long = find("#control-length");
    if (filled && long?.value === long?.defaultValue) delete wanted.controls.length; // about as long as what goes
    const { doc } = view.state;
    const made = await ask("draft/takes", wanted);
    if (mine !== asking) return;
    if (view.state.doc !== doc) { state.textContent = "You wrote on meanwhile: the takes wait on the desk."; return; }
    const takes = made.takes.filter((take) => take.words.trim());
    if (!takes.length) { state.textContent = "These takes were empty. Ask again."; return; }
    for (const take of takes) mark_take(take);
    view.dispatch({ effects: shown.of({ at: from, until: to, filled, gone: filled ? doc.sliceString(from, to) : "", takes, active: 0, doc }), selection: { anchor: to }, scrollIntoView: true });
    state.textContent = `${takes.length} ${takes.length === 1 ? "take" : "takes"} at the cursor, provisional.`;
    view.focus();
  } catch (error) { state.textContent = ""; sayError(error); } finally { go_on.disabled = false; }
}

// What of a take stands in the works, drawn over its words as soon as it is known.
function mark_take(take) {
  const marks = ask("marks", { model, text: take.words.trim() }).then((found) => found.borrowed, () => []);
  take.drawn = async (box) => {
    if (!globalThis.Highlight || !(await marks).length) return;
    const nodes = [];
    let length = 0;
    const walk = document.createTreeWalker(box, NodeFilter.SHOW_TEXT, (node) => (node.parentElement.localName === "del" ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
    while (walk.nextNode()) { nodes.push([length, walk.currentNode]); length += walk.currentNode.length; }
    const spot = (place) => { const [start, node] = nodes.findLast(([begin]) => begin <= place); return [node, Math.min(node.length, place - start)]; };
    const known = CSS.highlights.get("borrowed") ?? new Highlight();
    for (const mark of await marks) { const range = new Range(); range.setStart(...spot(mark.start)); range.setEnd(...spot(mark.end)); known.add(range); }
    CSS.highlights.set("borrowed", known);
  };
}

function start() {
  if (!form) return true;
  const { from, to } = view.state.selection.main;
  ask_for(from, to, to > from);
  return true;
}
form?.addEventListener("submit", (event) => { event.preventDefault(); start(); });
find("#model")?.addEventListener("change", async (event) => { await saving.flush().catch(() => {}); go(`/draft/${encodeURIComponent(name)}?model=${encodeURIComponent(event.target.value)}`); });

// ---- marks

const marking = model ? new Marking(model, { failed: sayError, told: (what) => { root.dataset.marked = what; } }) : null;
let heard = 0;
async function hear() {
  if (!find("#show-voice").checked) return;
  const line = find("#voice-line");
  try {
    const found = await marking.hear();
    if (found) line.textContent = found.has_voice ? "Stronger: your works made this word likelier; wavy: less likely than the base alone." : "This model stands on no base: the shade is the share of its memory of your works in each word.";
  } catch (error) { find("#show-voice").checked = false; sayError(error); }
}
find("#show-borrowed")?.addEventListener("change", (event) => marking.show(event.target.checked));
find("#show-voice")?.addEventListener("change", (event) => { if (event.target.checked) { find("#voice-line").textContent = "Opening the model …"; hear(); } else marking.deaf(); });

let looked = 0;
async function look() {
  const mark = marking && at(view.state, view.state.selection.main.head)[0];
  const box = find("#source");
  if (!box || !mark) return;
  try { box.replaceChildren(said(mark, await source(mark))); } catch (error) { sayError(error); }
}

// ---- the editor

const count = () => {
  const words = (view.state.doc.toString().match(/\S+/g) ?? []).length;
  find("#count").textContent = `${words.toLocaleString("en")} ${words === 1 ? "word" : "words"}`;
};
let counted = 0;
const view = new EditorView({
  parent: find("#editor"),
  state: EditorState.create({
    doc: loaded.text,
    extensions: [
      Prec.high(keymap.of([
        { key: "Mod-Enter", run: start }, { key: "Mod-z", run: () => { step(false); return true; } },
        { key: "Mod-y", run: () => { step(true); return true; } }, { key: "Mod-Shift-z", run: () => { step(true); return true; } },
        { key: "Mod-s", run: () => { saving.flush().catch(sayError); return true; } },
      ])),
      history(), keymap.of([...defaultKeymap, ...historyKeymap]), drawSelection(), EditorView.lineWrapping,
      placeholder("Write. Everything is kept as you go."),
      EditorView.contentAttributes.of({ "aria-label": `Draft ${name}`, spellcheck: "true", autocapitalize: "sentences" }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) {
          saving.changed();
          stand();
          clearTimeout(counted);
          counted = setTimeout(count, 400);
        }
        if (update.docChanged || update.selectionSet) {
          find("#go span") && (find("#go span").textContent = update.state.selection.main.empty ? "Continue here" : "Fill the selection");
          clearTimeout(looked);
          looked = setTimeout(look, 250);
          clearTimeout(heard);
          if (find("#show-voice")?.checked) heard = setTimeout(hear, 900);
        }
      }),
      marking?.extensions ?? [],
      ghost.extension,
    ],
  }),
});
find("#editor .empty")?.remove();
ghost.set(view);
saving.start();
marking?.start(view);
count();
stand();
view.focus();

find("#undo").addEventListener("click", () => step(false));
find("#redo").addEventListener("click", () => step(true));
find("#keep").addEventListener("click", async () => {
  try { await saving.flush(); } catch (error) { sayError(error); return; }
  const title = el("input", { type: "text", maxLength: 120, placeholder: "as the first line says" });
  dialog("Keep this draft as a piece", [field("Title", title, "keep-title"), el("p", { className: "help", textContent: "The takes in it become its lineage, and what you wrote counts as yours. The draft stays." })], "Keep", async () => {
    const piece = await ask("draft/keep", { name, title: title.value });
    say(`Kept as “${piece.title}”.`, { act: ["See it", () => go(`/deliver#${piece.id}`)] });
  });
});
