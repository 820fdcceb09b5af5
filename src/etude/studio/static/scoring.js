// The desk for music: a roll whose every change is kept on disk, sound made in the page, and takes as lanes
// under it that can be heard and taken.
import { ask, controls, dialog, el, every, field, find, get, go, say, sayError, send } from "./base.js";
import { Keyboard, available } from "./keyboard.js";
import { Saving } from "./saving.js";
import { play, strike } from "./synth.js";
import { Model } from "./widgets/model.js";
import roll, { barlines, notes, stored } from "./widgets/roll.js";

const root = find("#draft");
const { name, model } = root.dataset;
const loaded = await get(`draft/${encodeURIComponent(name)}`);
const form = find("#ask");
const desk = new Model({ score: JSON.parse(loaded.text), edited: true, bars: null, voice: 0, at: -1, grid: 6 });

// ---- saving, undo and redo

const saving = new Saving(name, loaded, {
  text: () => JSON.stringify(desk.get("score")),
  state: (text) => { find("#saved").textContent = text; },
  depth: () => { find("#undo").disabled = !saving.undo; find("#redo").disabled = !saving.redo; show_score(); },
});
const stand = () => { find("#undo").disabled = !saving.undo; find("#redo").disabled = !saving.redo; };
const put = (text) => saving.quiet(() => { desk.set("score", JSON.parse(text)); about(); });

async function step(forwards) {
  try { const text = await saving.step(forwards); if (text !== null) put(text); } catch (error) { sayError(error); }
}

// ---- the roll, the voices, the bars

desk.on("change:score", () => { about(); if (!saving.still) { saving.changed(); saving.flush().catch(sayError); } });
desk.on("change:heard", (note) => strike(note.pitch));
desk.on("change:bars", (bars) => {
  const box = every("[data-gap]").find((one) => one.dataset.gap === "bars");
  if (box) box.value = bars ? `${bars[0]}:${bars[1]}` : "";
  wanted();
});
roll.render({ model: desk, el: find("#roll") });

function about() {
  const score = desk.get("score");
  const [count, bars] = [notes(score).length, barlines(score).length - 1];
  find("#about").textContent = `${count} ${count === 1 ? "note" : "notes"}, ${bars} bars${score.title ? `; ${score.title}` : ""}`;
}

function voices() {
  const box = find("#voices");
  const gap = every("[data-gap]").find((one) => one.dataset.gap === "voices");
  box.replaceChildren(find("legend", box), ...desk.get("score").tracks.map(([called], i) => {
    const label = called || `voice ${i + 1}`;
    const write = el("input", { type: "radio", name: "voice", checked: i === desk.get("voice"), on: { change: () => { desk.set("voice", i); } } });
    const keep = el("input", { type: "checkbox", "aria-label": `Keep ${label} while the others are made anew`, data: { keep: called || String(i + 1) }, on: { change: () => {
      const kept = every("[data-keep]:checked", box).map((one) => one.dataset.keep);
      if (gap) gap.value = kept.length === desk.get("score").tracks.length ? "" : kept.join(", ");
      wanted();
    } } });
    return el("p", { className: "voice" }, el("label", { className: "check" }, write, el("span", { className: `swatch v${i % 6}` }), el("bdi", { textContent: label })), gap ? el("label", { className: "check" }, keep, "keep") : "");
  }));
}

function wanted() {
  const said = every("[data-gap]").filter((one) => one.value.trim()).map((one) => (one.dataset.gap === "bars" ? `fill the bars ${one.value.replace(":", " to ")}` : `${one.dataset.gap}: keep ${one.value}`));
  const words = find("#go span");
  if (words) words.textContent = said.length ? said.join(", ").replace(/^./, (sign) => sign.toUpperCase()) : "Go on from the end";
}
every("[data-gap]").forEach((one) => one.addEventListener("input", wanted));
find("#grid").addEventListener("change", (event) => desk.set("grid", Number(event.target.value)));

// ---- sound

let stop = null;
function sound(score, button, told) {
  const was = stop;
  stop?.();
  if (was?.button === button) return;
  button.textContent = "Stop";
  const lines = barlines(score);
  const bars = told ? desk.get("bars") : null;
  const from = bars ? lines[bars[0] - (score.pickup ? 0 : 1)] : 0;
  try {
    stop = play(score, { from, moved: (tick) => {
      if (told) desk.set("at", tick);
      if (tick < 0) { button.textContent = "Play"; stop = null; }
    } });
    stop.button = button;
  } catch (error) { button.textContent = "Play"; sayError(error); }
}
find("#play").addEventListener("click", () => sound(desk.get("score"), find("#play"), true));
document.addEventListener("keydown", (event) => {
  if (event.key === " " && (event.target === document.body || event.target.matches(".roll-box"))) { event.preventDefault(); find("#play").click(); }
  if ((event.ctrlKey || event.metaKey) && !event.target.matches("input, textarea")) {
    if (event.key === "z") { event.preventDefault(); step(event.shiftKey); }
    if (event.key === "y") { event.preventDefault(); step(true); }
  }
});

// ---- the engraved score, made by the server of what is on disk

function show_score() {
  const box = find("#engraved");
  if (box.open) find("#score").src = `/content/draft/${encodeURIComponent(name)}/score?v=${saving.version}`;
}
find("#engraved").addEventListener("toggle", () => saving.flush().then(show_score, sayError));

// ---- takes as lanes

let asking = 0;
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const mine = (asking += 1);
  const state = find("#asking");
  find("#go").disabled = true;
  state.textContent = "Making takes …";
  try {
    await saving.flush();
    const like = Object.fromEntries(every("[data-like]", form).filter((one) => one.value).map((one) => [one.dataset.like, one.value]));
    const gaps = Object.fromEntries(every("[data-gap]", form).filter((one) => one.value.trim()).map((one) => [one.dataset.gap, one.value.trim()]));
    const made = await ask("draft/takes", { name, model, n: Number(form.n.value), like, controls: Object.assign({}, ...every(".fields", form).map((part) => controls(part)), gaps) });
    if (mine !== asking) return;
    state.textContent = [...made.notes, `${made.takes.length} ${made.takes.length === 1 ? "take" : "takes"}, provisional; what is new is outlined.`].join(" ");
    lanes(made.takes);
  } catch (error) { state.textContent = ""; sayError(error); } finally { find("#go").disabled = false; }
});

function lanes(takes) {
  find("#lanes").hidden = false;
  const before = desk.get("score");
  find("#lanes ol").replaceChildren(...takes.map((take, i) => {
    const score = JSON.parse(take.words);
    const box = el("div", { className: "lane-roll" });
    const listen = el("button", { type: "button", textContent: "Play", "aria-label": `Play take ${i + 1}`, on: { click: () => sound(score, listen, false) } });
    const use = el("button", { type: "button", className: "main", textContent: "Take it", "aria-label": `Take take ${i + 1}`, on: { click: () => taken(take) } });
    const see = el("button", { type: "button", textContent: "Lay over", "aria-pressed": "false", "aria-label": `Lay take ${i + 1} over the roll`, on: { click: () => {
      const on = see.getAttribute("aria-pressed") === "false";
      every("#lanes [aria-pressed]").forEach((one) => one.setAttribute("aria-pressed", "false"));
      see.setAttribute("aria-pressed", String(on));
      desk.set("ghost", on ? score : null);
    } } });
    const lane = el("li", { className: "lane", data: { take: take.id } }, box, el("p", { className: "help" }, take.line), el("p", { className: "acts" }, listen, see, use, el("a", { href: `/desk/${take.id}#trace`, target: "_blank", textContent: "What does it owe?" })));
    roll.render({ model: new Model({ score, before, small: true, at: -1, bars: null }), el: box });
    return lane;
  }));
  find("#lanes").scrollIntoView({ block: "nearest" });
}

function taken(take) {
  desk.set("ghost", null);
  saving.take = take.id;
  desk.set("score", JSON.parse(take.words));
  voices();
  say("Taken into the draft; undo takes it back.");
}

// ---- an attached keyboard: written behind what was written last, else at the chosen bar, else at the end

let place = null;
const keys = new Keyboard({
  heard: strike,
  state: (text) => { find("#midi-state").textContent = text; },
  played: (made, on) => {
    const score = desk.get("score");
    const bars = desk.get("bars");
    const known = notes(score);
    const track = Math.min(desk.get("voice"), score.tracks.length - 1);
    place ??= bars ? barlines(score)[bars[0] - (score.pickup ? 0 : 1)] : Math.max(0, ...known.filter((note) => note.track === track).map((note) => note.onset + note.duration));
    desk.set("score", stored(score, [...known, ...made.map((note) => ({ ...note, track, onset: place + note.onset }))]));
    place += on;
    find("#midi-state").textContent = `Written: ${made.length} ${made.length === 1 ? "note" : "notes"}`;
  },
});
if (available()) {
  find("#keyboard").hidden = false;
  find("#midi-open").addEventListener("click", async () => {
    try { await keys.open(); find("#midi-mode").disabled = false; } catch { say("The browser did not let the studio hear the keyboard: allow MIDI for this page.", { error: true }); }
  });
  find("#midi-mode").addEventListener("change", (event) => {
    keys.grid = desk.get("grid");
    keys.tempo = desk.get("score").tempos[0]?.[1] ?? 100;
    if (event.target.value !== "off") place = null;
    keys.set(event.target.value);
  });
}

// ---- files in and out

const link = find("#midi");
link.addEventListener("dragstart", (event) => {
  event.dataTransfer.setData("DownloadURL", `audio/midi:${name}.mid:${link.href}`);
  event.dataTransfer.effectAllowed = "copy";
});
document.addEventListener("dragover", (event) => { if ([...event.dataTransfer.types].includes("Files")) event.preventDefault(); });
document.addEventListener("drop", async (event) => {
  const file = event.dataTransfer.files[0];
  if (!file) return;
  event.preventDefault();
  find("#saved").textContent = `Reading ${file.name} …`;
  try {
    await saving.flush();
    put(saving.came(await ask("draft/taken", { name, version: saving.version, drop: await send([file]) })));
    voices();
    find("#saved").textContent = "Saved";
    say(`${file.name} is in the draft; undo takes it back.`);
  } catch (error) { find("#saved").textContent = ""; sayError(error); }
});

find("#model")?.addEventListener("change", async (event) => { await saving.flush().catch(() => {}); go(`/draft/${encodeURIComponent(name)}?model=${encodeURIComponent(event.target.value)}`); });
find("#undo").addEventListener("click", () => step(false));
find("#redo").addEventListener("click", () => step(true));
find("#keep").addEventListener("click", async () => {
  try { await saving.flush(); } catch (error) { sayError(error); return; }
  const title = el("input", { type: "text", maxLength: 120, placeholder: "as the score says" });
  dialog("Keep this draft as a piece", [field("Title", title, "keep-title"), el("p", { className: "help", textContent: "The takes in it become its lineage, and what you changed counts as yours. The draft stays." })], "Keep", async () => {
    const piece = await ask("draft/keep", { name, title: title.value });
    say(`Kept as “${piece.title}”.`, { act: ["See it", () => go(`/deliver#${piece.id}`)] });
  });
});

saving.start();
stand();
voices();
about();
root.dataset.ready = "yes";
