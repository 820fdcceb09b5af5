// A work is taken back: first what that would touch, in words; then, if the person agrees, for good.
import { ask, dialog, el, field, find, finished, go, say, sayError } from "./base.js";

const line = (text) => el("li", { textContent: text });
const count = (n, one) => `${n.toLocaleString("en")} ${one}${n === 1 ? "" : "s"}`;

// What a withdrawal touches, as sentences: the same for what would be and what was.
export function touched(found) {
  const out = found.works.map((work) => `“${work.title}”${work.maker ? ` by ${work.maker}` : ""}${work.collections.length ? ` leaves ${work.collections.join(", ")}` : ""}${work.only ? "; it is the only work of its maker here" : ""}.`);
  for (const name of found.empty ?? []) out.push(`The collection ${name} becomes empty.`);
  for (const model of found.models) {
    out.push(`The model ${model.id} learned from ${model.works.toLocaleString("en")} of them${model.memory ? ", and its memory holds them word for word, until now" : ""}. ${model.cost}`);
    if (model.before) out.push(`It recites of ${count(model.before.passages, "passage")}: median ${model.before.median}, most ${model.before.most} of ${model.before.of} ${model.before.unit}${model.after ? `; afterwards most ${model.after.most}` : ""}.`);
  }
  if (!found.models.length) out.push("No model learned from it.");
  for (const piece of found.pieces.slice(0, 12)) out.push(`The piece “${piece.title}” owes to it${piece.longest ? `: ${piece.longest} ${piece.unit} stand in both` : ""}. It stays; its fate is yours.`);
  if (found.pieces.length > 12) out.push(`${found.pieces.length - 12} more pieces owe to it.`);
  if (found.takes.length) out.push(`${count(found.takes.length, "take")} that hold long runs of it ${found.dry_run ? "will be" : "were"} cleared.`);
  return out;
}

export async function withdraw(works, version, button) {
  button?.setAttribute("disabled", "");
  const note = say("Looking at what this would touch …");
  try {
    const job = await ask("withdraw", { works, try: true });
    const found = await finished(job.id, (event) => { if (event.total) find("p", note).textContent = `${event.name || "Looking"}: ${event.done + 1} of ${event.total}`; });
    note.remove();
    const then = el("select", {}, el("option", { value: "mark", textContent: "keep the models, marked" }), el("option", { value: "relearn", textContent: "let them learn again without it" }), el("option", { value: "delete", textContent: "delete the models" }));
    const reason = el("input", { type: "text", maxLength: 1000, placeholder: "optional; kept in the log and the receipt" });
    dialog("Withdraw for good?", [
      el("p", { textContent: "This cannot be undone: the work leaves works, collections, memories, caches, trash and log, which keeps its hash alone." }),
      el("ul", { className: "consequences" }, ...touched(found).map(line)),
      found.models.length ? field("And the models that learned from it", then, "withdraw-then") : "",
      field("Why", reason, "withdraw-reason"),
    ], "Withdraw for good", async () => {
      const done = await ask("withdraw", { works, then: then.value, reason: reason.value }, version);
      const waiting = say("Withdrawing …");
      finished(done.id).then((answer) => {
        waiting.remove();
        dialog("Withdrawn", [el("ul", { className: "consequences" }, ...touched(answer).map(line), ...answer.models.filter((one) => one.relearned).map((one) => line(`Learned again as ${one.relearned}. ${one.compared}`)), ...answer.notes.map(line)),
          el("p", {}, el("a", { className: "button", href: `/content/receipt/${works[0]}`, download: "", textContent: "The receipt" }), " for whoever asked. Save it now: it is kept until the next withdrawal.")], "Done", () => go(location.pathname + location.search));
      }, (error) => { waiting.remove(); sayError(error); });
    });
  } catch (error) { note.remove(); sayError(error); } finally { button?.removeAttribute("disabled"); }
}
