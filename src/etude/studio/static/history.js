// The history: an act on a take is undone from its own line.
import { ask, every, find, later, sayError } from "./base.js";

const root = find("#history");
find("#kind").addEventListener("change", (event) => event.target.form.requestSubmit());
for (const button of every("[data-take]", root)) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const done = await ask("history/undo", { take: button.dataset.take, redo: button.dataset.redo === "yes" }, root.dataset.version);
      later(`${done.redone ? "Done again" : "Undone"}: ${done.act} of ${done.take}.`);
    } catch (error) { button.disabled = false; sayError(error); }
  });
}
