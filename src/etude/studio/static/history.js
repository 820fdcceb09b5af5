// The history: an act on a take, and the last change of works, is undone from its own line.
import { ask, every, find, later, sayError, undo_works } from "./base.js";

const root = find("#history");
find("#kind").addEventListener("change", (event) => event.target.form.requestSubmit());
for (const button of every("[data-take]", root)) {
  button.addEventListener("click", async () => {
    if (button.dataset.take === "works") { undo_works(root.dataset.works, button.dataset.redo === "yes"); return; }
    button.disabled = true;
    try {
      const done = await ask("history/undo", { take: button.dataset.take, redo: button.dataset.redo === "yes" }, root.dataset.version);
      later(`${done.redone ? "Done again" : "Undone"}: ${done.act} of ${done.take}.`);
    } catch (error) { button.disabled = false; sayError(error); }
  });
}
