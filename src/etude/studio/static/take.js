// One take: what of it stands word for word in works, at once; and the whole trace, when it is asked for.
import { trace } from "./acts.js";
import { ask, el, every, find, get, go, sayError } from "./base.js";
import { Model } from "./widgets/model.js";
import marks from "./widgets/marks.js";
import { withdraw } from "./withdrawing.js";

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
for (const button of every("[data-withdraw]")) button.addEventListener("click", () => withdraw([button.dataset.withdraw], find(".owed").dataset.version, button));

// The words of the take with their marks in the place of the plain ones; a passage is quoted when it is chosen.
async function marked(box) {
  const { text } = await get(`takes/${take}/text`);
  const found = await ask("marks", { text: text.slice(0, 50000), model: box.dataset.model });
  if (!found.borrowed.length) { box.append(el("p", { className: "help", textContent: `Nothing of ${found.least} ${found.unit} or more in a row stands in the works.` })); return; }
  const model = new Model({ text, borrowed: found.borrowed, voice: [], chosen: -1, titles: {} });
  const source = el("div", { className: "source", role: "status" });
  marks.render({ model, el: box });
  box.append(source);
  find(".whole > .words")?.setAttribute("hidden", "");
  model.on("change:chosen", async (number) => {
    const one = found.borrowed[number];
    try {
      const passage = await get(`passage/${one.work}/${one.at}-${one.until}`);
      model.set("titles", { ...model.get("titles"), [one.work]: passage.title });
      source.replaceChildren(el("figure", { className: "passage" }, el("figcaption", {}, el("a", { href: `/collection/${one.work}` }, el("cite", { textContent: passage.title })), passage.maker ? ` by ${passage.maker}` : "", `, ${passage.place}`), el("blockquote", {}, `… ${passage.before}`, el("mark", { textContent: passage.words }), `${passage.after} …`)));
    } catch (error) { sayError(error); }
  });
}
if (find("#marked")) marked(find("#marked")).catch(sayError);
