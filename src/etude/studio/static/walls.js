// The wall: pictures as they would be made, more of them while one scrolls, turned by sliders while one
// drags. Nothing is kept until somebody says so; what is kept is made again, byte for byte.
import { ask, controls, dialog, el, every, field, find, go, say, sayError, send } from "./base.js";
import { sketching } from "./sketch.js";
import { Model } from "./widgets/model.js";
import wall from "./widgets/wall.js";

const model = find("#wall-page").dataset.model;
const form = find("#ask");
const PART = 12;
let recipe = null; // what all on the wall have in common: a seed, controls, a sketch
let rows = []; // { seed, index, and what it was asked with }
let turn = 0;
let busy = false;
let waiting = false;
let running = false;

const shown = new Model({ looks: [], labels: [], chosen: [], wanted: 0, title: "Pictures as the model would make them" });
wall.render({ model: shown, el: find("#wall") });

const asked = () => {
  const slide = every("[data-slide]", form).filter((one) => Number(one.value)).map((one) => `${one.dataset.slide}=${one.value}`).join(", ");
  const said = Object.assign({}, ...every(".fields", form).map((part) => controls(part)), slide ? { slide } : {});
  const like = Object.fromEntries(every("[data-like]", form).filter((one) => one.value).map((one) => [one.dataset.like, one.value]));
  return { model, like, controls: said };
};

// The wall anew: other pictures (`fresh`), or the same ones with what was changed since.
async function again({ fresh = false, extra = null } = {}) {
  const mine = (turn += 1);
  const old = recipe;
  recipe = { ...asked(), ...(old?.seed !== undefined && !fresh ? { seed: old.seed } : {}) };
  const kept = extra ?? (fresh ? null : old?.extra);
  recipe.extra = kept;
  if (kept) recipe.controls = { ...recipe.controls, ...kept };
  if (sketch && !sketch.empty) {
    recipe.drop = await send([await sketch.file()]);
    recipe.controls = { ...recipe.controls, strength: find("#strength").value };
  }
  const count = fresh || !rows.length ? PART : Math.min(rows.length, 24);
  if (fresh) { shown.set("chosen", []); rows = []; }
  await part(0, count, mine, true);
  if (!waiting) fill();
}

// So many pictures from an index on.
async function part(first, n, mine, instead) {
  if (mine !== turn || !recipe) return;
  busy = true;
  try {
    const { extra, ...said } = recipe;
    const made = await ask("glimpse", { ...said, n, first });
    if (mine !== turn) return;
    recipe.seed = made.seed;
    const fresh = made.indexes.map((index) => ({ said: { ...said, seed: made.seed }, index }));
    rows = instead ? fresh : [...rows, ...fresh];
    shown.set("labels", rows.map((row, i) => `Picture ${i + 1}, not kept: ${made.line}`));
    shown.set("looks", instead ? made.looks : [...shown.get("looks"), ...made.looks]);
    find("#state").textContent = "";
  } catch (error) { find("#state").textContent = ""; recipe = null; sayError(error); } finally { busy = false; }
}

// As many more as the window shows, and a little beyond.
async function fill() {
  while (!busy && recipe && rows.length && rows.length < 2000 && find(".wall-end").getBoundingClientRect().top < innerHeight + 400) {
    const [mine, length] = [turn, rows.length];
    await part(length, PART, mine, false);
    if (mine !== turn || rows.length === length) return;
  }
}
shown.on("change:wanted", fill);
const stand = () => {
  const { length } = shown.get("chosen");
  find("#keep").disabled = !length;
  find("#morph").disabled = length !== 2;
  find("#breed").disabled = length < 2;
  find("#wall-title").textContent = length ? `${length} chosen` : "Nothing of it is kept yet";
};
shown.on("change:chosen", stand);

// One request at a time while something is turned; the last state always comes.
async function live() {
  waiting = true;
  if (running) return;
  running = true;
  while (waiting) { waiting = false; const began = performance.now(); await again(); performance.measure("turned", { start: began }); }
  running = false;
}
every("[data-slide]", form).forEach((one) => one.addEventListener("input", live));
find("#level")?.addEventListener("click", () => { every("[data-slide]", form).forEach((one) => { one.value = 0; }); live(); });
find("#all-sliders")?.addEventListener("click", (event) => { every("[data-later]").forEach((one) => { one.hidden = false; }); event.target.remove(); });
form.addEventListener("change", (event) => { if (event.target.id === "model") go(`/wall?model=${encodeURIComponent(event.target.value)}`); else if (!event.target.matches("[data-slide], #sketch-file, #ink, #nib")) live(); });
form.addEventListener("submit", (event) => event.preventDefault());
find("#fresh").addEventListener("click", () => { find("#state").textContent = "Others …"; again({ fresh: true }); });

for (const slider of every(".slider")) {
  const { number } = slider.dataset;
  find("[data-do=strip]", slider).addEventListener("click", (event) => {
    const open = event.target.getAttribute("aria-expanded") === "true";
    event.target.setAttribute("aria-expanded", String(!open));
    find("img", slider)?.remove();
    if (!open) slider.append(el("img", { className: "strip", src: `/content/strip/${encodeURIComponent(model)}/${number}`, alt: `Four takes at -2, -1, 0, 1 and 2 of slider ${number}` }));
  });
  find("[data-do=name]", slider).addEventListener("click", () => {
    const word = el("input", { type: "text", maxLength: 40, required: true });
    dialog(`A name for slider ${number}`, [field("What it changes", word, "slider-word")], "Name it", async () => {
      await ask("sliders/name", { model, number: Number(number), name: word.value });
      find(".slider-name", slider).textContent = word.value;
    });
  });
}

// ---- keeping, breeding, morphing

async function kept(i) {
  const row = rows[i];
  row.take ??= (await ask("glimpse/keep", { ...row.said, n: row.n ?? 1, index: row.index })).take;
  return row.take;
}
async function keep_chosen() {
  const chosen = shown.get("chosen");
  if (!chosen.length) return;
  try {
    for (const i of chosen) await kept(i);
    shown.set("chosen", []);
    say(`${chosen.length === 1 ? "It is a take" : `They are ${chosen.length} takes`} on the desk now.`, { act: ["See", () => go(`/desk?model=${encodeURIComponent(model)}`)] });
  } catch (error) { sayError(error); }
}
async function breed() {
  try {
    const parents = [];
    for (const i of shown.get("chosen")) parents.push(await kept(i));
    find("#state").textContent = "Children …";
    await again({ fresh: true, extra: { mix: parents.join(", "), breed: true } });
    say(`Children of ${parents.length}; the parents are takes on the desk.`, { act: ["All others", () => again({ fresh: true })] });
  } catch (error) { sayError(error); }
}

const STEPS = 33;
const PARTS = [[13, 7], [6, 7], [20, 7], [0, 6], [27, 6]]; // [first, how many]: the middle comes first
let between = null;
async function morph() {
  const mine = {};
  between = mine;
  try {
    const pair = [];
    for (const i of shown.get("chosen").slice(0, 2)) pair.push(await kept(i));
    find("#state").textContent = "Between the two …";
    mine.said = { model, of: STEPS, controls: { mix: pair.join(", "), series: true } };
    mine.ready = Array(STEPS).fill(null);
    for (const [first, n] of PARTS) {
      const made = await ask("glimpse", { ...mine.said, first, n });
      if (between !== mine) return;
      mine.said.seed = made.seed;
      await Promise.all(made.looks.map(async (look, i) => { const image = new Image(); image.src = look; await image.decode(); mine.ready[made.indexes[i]] = image; }));
      if (find("#morphing").hidden) {
        find("#morphing").hidden = false;
        find("#morph-at").value = 16;
        find("#morph-at").focus();
      }
      at();
      const missing = mine.ready.filter((one) => !one).length;
      find("#state").textContent = missing ? `Between the two: ${STEPS - missing} of ${STEPS} pictures …` : "";
    }
  } catch (error) { find("#state").textContent = ""; sayError(error); }
}
// The picture at the slider's place; where it is not there yet, the nearest that is.
const nearest = () => {
  const place = Number(find("#morph-at").value);
  const ready = [...between.ready.keys()].filter((i) => between.ready[i]);
  return ready.reduce((best, i) => (Math.abs(i - place) < Math.abs(best - place) ? i : best), ready[0]);
};
function at() {
  const image = between.ready[nearest()];
  const look = find("#morph-look");
  look.src = image.src;
  look.classList.toggle("small", image.naturalWidth <= 96);
  find("#morph-at").setAttribute("aria-valuetext", `${Math.round((100 * Number(find("#morph-at").value)) / (STEPS - 1))} % of the way`);
}
find("#morph-at").addEventListener("input", at);
find("#morph-close").addEventListener("click", () => { between = null; find("#morphing").hidden = true; find("#state").textContent = ""; });
find("#morph-keep").addEventListener("click", async () => {
  try {
    const { of, ...said } = between.said;
    await ask("glimpse/keep", { ...said, n: of, index: nearest() });
    say("It is a take on the desk now.", { act: ["See", () => go(`/desk?model=${encodeURIComponent(model)}`)] });
  } catch (error) { sayError(error); }
});
find("#keep").addEventListener("click", keep_chosen);
find("#morph").addEventListener("click", morph);
find("#breed").addEventListener("click", breed);
find("#wall").addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const act = { k: keep_chosen, m: () => !find("#morph").disabled && morph(), b: () => !find("#breed").disabled && breed() }[event.key.toLowerCase()];
  if (act) { event.preventDefault(); act(); }
});

if (matchMedia("(max-width: 860px)").matches) every("details[open]", form).forEach((one) => { one.open = false; });
const sketch = sketching(live);
find("#state").textContent = "Opening the model …";
await again({ fresh: true });
find("#wall-page").dataset.ready = "yes";
