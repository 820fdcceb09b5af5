// One take: trace it.
import { trace } from "./acts.js";
import { ask, find, go, sayError } from "./base.js";

const take = find("#take").dataset.take;
const start = () => {
  let box = find("#tracing");
  if (!box) {
    box = document.createElement("p");
    box.setAttribute("role", "status");
    find("#trace").before(box);
  }
  find("#trace").disabled = true;
  trace(take, box).finally(() => { find("#trace").disabled = false; });
};
find("#trace").addEventListener("click", start);
if (location.hash === "#trace") {
  history.replaceState(null, "", location.pathname);
  if (!find("iframe.trace")) start();
}
find("#work-on")?.addEventListener("click", async () => {
  try { go(`/draft/${encodeURIComponent((await ask("draft/new", { source: take })).name)}`); } catch (error) { sayError(error); }
});
