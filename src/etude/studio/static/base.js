// What every page uses: requests that say why they failed, elements without markup in strings, files on their
// way, and the news of the queue. Titles and texts are a stranger's: they become text nodes, never markup.

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (key === "on") for (const [name, act] of Object.entries(value)) node.addEventListener(name, act);
    else if (key === "data") Object.assign(node.dataset, value);
    else if (key in node && key !== "list") node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

export const find = (selector, root = document) => root.querySelector(selector);
export const every = (selector, root = document) => [...root.querySelectorAll(selector)];

export class Refused extends Error {
  constructor(status, said) {
    super(said.error || `The studio answered ${status}.`);
    this.status = status;
    this.hint = said.hint || "";
  }
}

async function answered(response) {
  const said = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, said);
  return said;
}

export async function ask(path, body, version) {
  const headers = { "content-type": "application/json" };
  if (version !== undefined) headers["if-match"] = version;
  return answered(await fetch(`/api/${path}`, { method: "POST", headers, body: JSON.stringify(body) }));
}

export async function get(path) {
  return answered(await fetch(`/api/${path}`));
}

// One sentence at the foot of the page; `act`: a button beside it, [its name, what it does].
export function say(text, { error = false, act = null } = {}) {
  const box = find("#notices");
  const note = el("div", { className: error ? "notice error" : "notice" }, el("p", {}, text));
  if (act) note.append(el("button", { type: "button", textContent: act[0], on: { click: act[1] } }));
  note.append(el("button", { type: "button", className: "quiet", textContent: "Close", on: { click: () => note.remove() } }));
  box.append(note);
  while (box.children.length > 3) box.firstChild.remove();
  if (!error) setTimeout(() => note.remove(), 12000);
  return note;
}

export function sayError(error) {
  say(`${error.message} ${error.hint || ""}`.trim(), { error: true });
  if (error.status === 412) later("The page was loaded again: it shows what is there now.");
}

// Load the page anew, and say something on the new one; `undo`: the version of the works for which it can be taken back.
export function later(text, undo = "") {
  try { sessionStorage.setItem("etude-said", text); if (undo) sessionStorage.setItem("etude-undo", undo); } catch { /* a browser that keeps nothing */ }
  location.reload();
}

export function go(path, text = "") {
  try { if (text) sessionStorage.setItem("etude-said", text); } catch { /* as above */ }
  location.assign(path);
}

// The last change of what is written about works is taken back, or made again.
export async function undo_works(version, redo = false) {
  try {
    const done = await ask("works/undo", { redo }, version);
    const left = done.left ? ` ${done.left} were changed since, and stay as they are.` : "";
    later(`${redo ? "Written down again for" : "As before:"} ${done.changed} ${done.changed === 1 ? "work" : "works"} (${done.act}).${left}`);
  } catch (error) { sayError(error); }
}

// ---- jobs

const OVER = ["done", "failed", "stopped"];

// Follow a job: `said(event, number)` for what its worker says, `state(job)` for how it stands. While the page
// is hidden nothing is asked for; then it goes on from the last number.
export function follow(id, { said = () => {}, state = () => {}, after = 0 } = {}) {
  let source = null;
  let last = after;
  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource(`/api/jobs/${id}/events?after=${last}`);
    source.addEventListener("said", (event) => { last = Number(event.lastEventId); said(JSON.parse(event.data), last); });
    source.addEventListener("state", (event) => state(JSON.parse(event.data)));
  };
  const close = () => { source?.close(); source = null; };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  open();
  return close;
}

// The answer of a job, once it has one. Refused where it failed or was stopped without one.
export function finished(id, said = () => {}) {
  return new Promise((done, failed) => {
    const close = follow(id, {
      said,
      state: (job) => {
        if (!OVER.includes(job.state)) return;
        close();
        if (job.state === "done" || job.answer?.schema) {
          if (job.state === "failed") failed(new Refused(400, { error: job.message, hint: job.hint }));
          else done(job.answer ?? {});
        } else failed(new Refused(400, { error: job.message || "It was stopped.", hint: job.hint }));
      },
    });
  });
}

// ---- files

const files = async (entry, into) => {
  if (entry.isFile) into.push(await new Promise((yes, no) => entry.file(yes, no)));
  else if (entry.isDirectory) {
    const reader = entry.createReader();
    for (;;) {
      const part = await new Promise((yes, no) => reader.readEntries(yes, no));
      if (!part.length) break;
      for (const one of part) await files(one, into);
    }
  }
};

// Send files one by one; the name of the drop that holds them.
export async function send(list, progress = () => {}) {
  const { drop } = await ask("drops", {});
  let done = 0;
  for (const file of list) {
    progress(done, list.length, file.name);
    await answered(await fetch(`/api/drops/${drop}`, { method: "PUT", headers: { "x-name": encodeURIComponent(file.name) }, body: file }));
    done += 1;
  }
  progress(done, list.length, "");
  return drop;
}

// A place to drop files on, or to choose them in: `taken(drop, files)` when all of them came.
export function dropping(id, taken) {
  const box = find(`[data-drop="${id}"]`);
  if (!box) return;
  const state = find(".drop-state", box);
  const take = async (list) => {
    const wanted = list.filter((file) => !file.name.startsWith("."));
    if (!wanted.length) return;
    box.classList.add("busy");
    try {
      const drop = await send(wanted, (done, of, name) => { state.textContent = done < of ? `${done + 1} of ${of}: ${name}` : `${of === 1 ? wanted[0].name : `${of} files`} received`; });
      await taken(drop, wanted);
    } catch (error) { state.textContent = ""; sayError(error); } finally { box.classList.remove("busy"); }
  };
  for (const input of every("input[type=file]", box)) input.addEventListener("change", () => { take([...input.files]); });
  box.addEventListener("dragover", (event) => { event.preventDefault(); box.classList.add("over"); });
  box.addEventListener("dragleave", () => box.classList.remove("over"));
  box.addEventListener("drop", async (event) => {
    event.preventDefault();
    box.classList.remove("over");
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const found = [];
    for (const entry of entries) await files(entry, found);
    take(entries.length ? found : [...event.dataTransfer.files]);
  });
}

// ---- a dialog, one at a time: a title, what stands in it, and what happens when it is agreed to

export function dialog(title, inside, agree, act) {
  const box = find("#dialog");
  const form = el("form", { method: "dialog" });
  const submit = el("button", { className: "main", type: "submit", textContent: agree });
  const cancel = el("button", { type: "button", className: "quiet", textContent: "Cancel", on: { click: () => box.close() } });
  form.append(el("h2", { id: "dialog-title", textContent: title }), ...inside, el("p", { className: "buttons" }, submit, cancel));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    try { await act(form); box.close(); } catch (error) { sayError(error); } finally { submit.disabled = false; }
  });
  box.replaceChildren(form);
  box.showModal();
  return form;
}

export const field = (label, input, id) => {
  input.id = id;
  return el("div", { className: "field" }, el("label", { htmlFor: id, textContent: label }), input);
};

// What a form of controls says: name -> value, where something was said.
export function controls(root) {
  const out = {};
  for (const input of every("[name]", root)) {
    if (input.type === "checkbox") { if (input.checked) out[input.name] = true; }
    else if (input.value.trim()) out[input.name] = input.value.trim();
  }
  return out;
}

export function sliders(root = document) {
  for (const slide of every("input[type=range][data-for]", root)) {
    const number = root.querySelector(`#${slide.dataset.for}`);
    slide.addEventListener("input", () => { number.value = slide.value; });
    number.addEventListener("input", () => { if (number.value) slide.value = number.value; });
  }
}

// ---- what every page shows: news kept for it, and the queue

function queue() {
  const list = find("#queue-list");
  if (!list) return;
  let source = null;
  const show = (jobs) => {
    const live = jobs.filter((job) => !OVER.includes(job.state));
    find("#queue-count").textContent = live.length ? `${live.length} ${live.length === 1 ? "job" : "jobs"} at work` : "Nothing running";
    find("#queue").classList.toggle("busy", live.length > 0);
    list.replaceChildren(...jobs.slice().reverse().map((job) => el("li", { data: { state: job.state } },
      el("strong", { textContent: job.title }), ` ${job.line}`,
      job.message ? el("p", { className: "why", textContent: `${job.message} ${job.hint}` }) : "",
      OVER.includes(job.state) ? "" : el("button", { type: "button", className: "quiet", textContent: "Stop", "aria-label": `Stop ${job.title}`, on: { click: () => ask(`jobs/${job.id}/stop`, {}).catch(sayError) } }))));
  };
  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource("/api/live");
    source.addEventListener("jobs", (event) => show(JSON.parse(event.data)));
  };
  const close = () => { source?.close(); source = null; };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  open();
}

try {
  const said = sessionStorage.getItem("etude-said");
  const undo = sessionStorage.getItem("etude-undo");
  for (const key of ["etude-said", "etude-undo"]) sessionStorage.removeItem(key);
  if (said) say(said, { act: undo && ["Undo", () => undo_works(undo)] });
} catch { /* a browser that keeps nothing */ }
// A small picture is shown as it is, pixel by pixel, not smeared.
function crisp(image) {
  if (image.naturalWidth && image.naturalWidth <= 96) image.classList.add("small");
}
for (const image of every("img.tile")) {
  if (image.complete) crisp(image);
  else image.addEventListener("load", () => crisp(image));
}
queue();
sliders();
