// The Audit page: an audit as a job, models beside each other, works taken back.
import { ask, every, find, finished, go, later, sayError } from "./base.js";
import { Model } from "./widgets/model.js";
import frontier from "./widgets/frontier.js";
import { withdraw } from "./withdrawing.js";

const root = find("#audit");
find("#model")?.addEventListener("change", (event) => go(`/audit?model=${encodeURIComponent(event.target.value)}`));

async function wait(job) {
  const [state, button] = [find("#state"), find("#look button")];
  button.disabled = true;
  try {
    await finished(job, (event) => { if (event.total) state.textContent = `${event.name || "Looking"}: ${event.done + 1} of ${event.total}`; });
    later("The audit is here.");
  } catch (error) { state.textContent = ""; button.disabled = false; sayError(error); }
}

find("#look")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  try {
    const job = await ask("audit", { model: root.dataset.model, takes: Number(form.takes.value), seconds: Number(form.seconds.value) });
    find("#state").textContent = "Making takes to look at. You may close this page; the work goes on.";
    await wait(job.id);
  } catch (error) { sayError(error); }
});
if (root?.dataset.job) wait(root.dataset.job);

for (const link of every(".brief a")) link.addEventListener("click", () => { find(link.hash).open = true; });
if (location.hash.startsWith("#s-")) { const part = find(location.hash); if (part) part.open = true; }
for (const button of every("[data-withdraw]")) button.addEventListener("click", () => withdraw([button.dataset.withdraw], root.dataset.version, button));

const box = find("#frontier");
if (box) {
  const model = new Model({ points: JSON.parse(box.dataset.points), chosen: "" });
  model.on("change:chosen", (id) => go(`/audit?model=${encodeURIComponent(id)}`));
  frontier.render({ model, el: box });
}
