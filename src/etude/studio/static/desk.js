// The desk: make takes, and go through them by keyboard.
import { accept, branch, edit, reject, undo } from "./acts.js";
import { ask, controls, every, find, finished, go, later, say, sayError, send } from "./base.js";

const root = find("#desk");
const version = () => root.dataset.version;
const cards = () => every("#takes > li");

// ---- making

find("#model")?.addEventListener("change", (event) => go(`/desk?model=${encodeURIComponent(event.target.value)}`));

find("#make")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const button = find("button[type=submit]", form);
  button.disabled = true;
  const state = find("#making");
  try {
    const like = Object.fromEntries(every("[data-like]", form).filter((one) => one.value).map((one) => [one.dataset.like, one.value]));
    const said = { model: form.model.value, n: Number(form.n.value), source: form.source.value.trim(), like, controls: controls(find(".fields", form)) };
    const words = find("#begin")?.value ?? "";
    const file = words.trim() ? new File([words], `begin${root.dataset.typed}`) : find("#begin-file")?.files[0];
    if (file) said.drop = await send([file]);
    const job = await ask("make", said);
    state.textContent = "Making takes …";
    await finished(job.id, (one) => { if (one.total) state.textContent = `Making takes: ${one.name || ""} ${one.done + 1} of ${one.total}`; });
    go(`/desk?model=${encodeURIComponent(said.model)}`, `${said.n === 1 ? "A new take is" : "New takes are"} here.`);
  } catch (error) { state.textContent = ""; sayError(error); } finally { button.disabled = false; }
});

// ---- going through them

function focus(card) {
  for (const one of cards()) one.tabIndex = one === card ? 0 : -1;
  card.focus();
}

// A take that was decided on leaves the desk; the next one is in focus, and the page still knows the version.
async function gone(card, text) {
  const all = cards();
  const next = all[all.indexOf(card) + 1] ?? all[all.indexOf(card) - 1];
  say(text, { act: ["Undo", () => undo(false, version())] });
  try { root.dataset.version = (await (await fetch("/api/versions")).json()).desk; } catch { /* undo will say so */ }
  if (new URLSearchParams(location.search).get("show") === "all") { later(text); return; }
  card.remove();
  if (next) focus(next);
  else find("#undo").focus();
}

const acts = {
  accept: (card) => card.dataset.status === "proposed" && accept(card.dataset.take, (text) => gone(card, text)),
  reject: (card) => card.dataset.status === "proposed" && reject(card.dataset.take, (text) => gone(card, text)),
  edit: async (card) => {
    if (!root.dataset.typed || !find(".words", card)) { edit(card.dataset.take, "", ""); return; }
    const whole = await (await fetch(`/api/takes/${card.dataset.take}/text`)).json();
    edit(card.dataset.take, root.dataset.typed, whole.text);
  },
  branch: (card) => branch(card.dataset.take),
  trace: (card) => go(`/desk/${card.dataset.take}#trace`),
};
const keys = { a: "accept", r: "reject", e: "edit", b: "branch", t: "trace" };

find("#takes")?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) acts[button.dataset.do](button.closest("li"));
});

find("#takes")?.addEventListener("keydown", (event) => {
  const card = event.target;
  if (!card.matches("#takes > li") || event.altKey || event.metaKey) return;
  const all = cards();
  const at = all.indexOf(card);
  const across = all.filter((one) => one.offsetTop === all[0].offsetTop).length;
  const move = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across, j: 1, k: -1 }[event.key];
  const key = event.key.toLowerCase();
  if (event.ctrlKey) { if (key === "z") undo(event.shiftKey, version()); else return; }
  else if (move) focus(all[Math.min(all.length - 1, Math.max(0, at + move))]);
  else if (event.key === "Home" || event.key === "End") focus(all.at(event.key === "Home" ? 0 : -1));
  else if (event.key === "Enter") go(`/desk/${card.dataset.take}`);
  else if (key === "u") undo(false, version());
  else if (keys[key]) acts[keys[key]](card);
  else return;
  event.preventDefault();
});

find("#undo")?.addEventListener("click", () => undo(false, version()));
find("#redo")?.addEventListener("click", () => undo(true, version()));
