// What a person does with a take, wherever it is shown.
import { ask, controls, dialog, el, field, find, finished, later, say, sayError, send, sliders } from "./base.js";

export function accept(take, then) {
  const title = el("input", { type: "text", maxLength: 120, placeholder: "as the take itself says" });
  const note = el("input", { type: "text", maxLength: 1000, placeholder: "optional, for yourself" });
  dialog("Keep this take as a piece", [field("Title", title, "accept-title"), field("Note", note, "accept-note")], "Accept", async () => {
    const piece = await ask("accept", { take, title: title.value, note: note.value });
    then(`Kept as “${piece.title}”.`);
  });
}

export async function reject(take, then) {
  try { await ask("reject", { take }); then("Rejected; undo brings it back."); } catch (error) { sayError(error); }
}

export function edit(take, typed, words) {
  const input = typed ? el("textarea", { rows: 16, value: words, dir: "auto" }) : el("input", { type: "file", required: true });
  dialog("Your version of this take", [
    field(typed ? "Text" : "A file of your version", input, "edit-input"),
    el("p", { className: "help", textContent: "The take stays as it is; your version becomes a new take from it." }),
  ], "Keep my version", async () => {
    const file = typed ? new File([input.value], `version${typed}`) : input.files[0];
    const drop = await send([file]);
    await ask("edit", { take, drop });
    later("Your version is a new take.");
  });
}

export function branch(take) {
  const count = el("input", { type: "number", min: 1, max: 16, value: 4 });
  const rows = find("#changes") ? document.importNode(find("#changes").content, true) : "";
  const more = el("div", { className: "fields" }, rows);
  const form = dialog("New takes from this one", [field("How many", count, "branch-count"), more], "Branch", async () => {
    const job = await ask("branch", { take, n: Number(count.value), controls: controls(more) });
    const note = say("Branching …");
    finished(job.id).then(() => later("New takes are here."), (error) => { note.remove(); sayError(error); });
  });
  sliders(form);
}

export async function undo(redo, version) {
  try {
    const done = await ask("undo", { redo }, version);
    later(`${done.redone ? "Done again" : "Undone"}: ${done.act} of ${done.take}.`);
  } catch (error) { sayError(error); }
}

export async function trace(take, box) {
  try {
    const job = await ask("trace", { ref: take });
    box.textContent = "Looking for what it owes. The first time this takes a while …";
    await finished(job.id, (said) => { if (said.total) box.textContent = `Looking through the works: ${said.done + 1} of ${said.total}`; });
    location.reload();
  } catch (error) { box.textContent = ""; sayError(error); }
}
