// A text with its marks: what stands word for word in works, and what a model says of each word. The form is
// anywidget's: render({ model, el }). The model holds `text`, `borrowed` and `voice` as `etude marks --json` gives
// them ([{ start, end, length, works, work }] and [{ start, end, memory, voice }], places as a browser counts
// them), `titles` (work -> title), and `chosen` (the number of a borrowed passage, set when one is chosen; -1 for
// none).
const level = (word) => (!word || word.voice === null || word.voice === undefined ? 0 : word.voice >= 2 ? 2 : word.voice >= 0.5 ? 1 : word.voice <= -0.5 ? -1 : 0);

export function render({ model, el }) {
  const page = document.createElement("div");
  page.className = "marked words";
  page.dir = "auto";
  const said = document.createElement("p");
  said.className = "help marks-said";
  said.setAttribute("role", "status");
  el.replaceChildren(page, said);

  // The text in pieces, each with the borrowed passage and the level of voice that it lies in.
  function pieces(text, borrowed, voice) {
    const cuts = new Set([0, text.length]);
    for (const one of [...borrowed, ...voice]) { cuts.add(Math.max(0, one.start)); cuts.add(Math.min(text.length, one.end)); }
    const order = [...cuts].sort((a, b) => a - b);
    return order.slice(0, -1).map((start, i) => {
      const inside = (one) => one.start <= start && order[i + 1] <= one.end;
      return { words: text.slice(start, order[i + 1]), mark: borrowed.findIndex(inside), level: level(voice.find(inside)) };
    });
  }

  const about = (one) => `${one.length} words in a row, as in ${model.get("titles")?.[one.work] ?? one.work}${one.works > 1 ? ` and ${one.works - 1} more` : ""}`;

  function paint() {
    const borrowed = model.get("borrowed") ?? [];
    const last = new Set();
    page.replaceChildren(...pieces(model.get("text") ?? "", borrowed, model.get("voice") ?? []).map(({ words, mark, level }) => {
      if (mark < 0 && !level) return document.createTextNode(words);
      const node = document.createElement(mark < 0 ? "span" : "mark");
      node.textContent = words;
      node.className = [mark < 0 ? "" : "m-borrowed", level ? `m-voice m-voice-${level}` : ""].filter(Boolean).join(" ");
      if (mark >= 0) {
        node.dataset.mark = mark;
        node.title = about(borrowed[mark]);
        if (!last.has(mark)) { node.tabIndex = 0; node.setAttribute("role", "button"); node.setAttribute("aria-label", `${words.trim()}: ${about(borrowed[mark])}`); }
        last.add(mark);
      }
      return node;
    }));
    tell();
  }

  function tell() {
    const count = (model.get("borrowed") ?? []).length;
    const one = (model.get("borrowed") ?? [])[model.get("chosen") ?? -1];
    said.textContent = one ? about(one) : `${count} ${count === 1 ? "passage stands" : "passages stand"} word for word in works; choose one to see where.`;
    for (const node of page.querySelectorAll("mark")) node.classList.toggle("on", Number(node.dataset.mark) === model.get("chosen"));
  }

  const choose = (node) => { if (!node) return; model.set("chosen", Number(node.dataset.mark)); model.save_changes(); tell(); };
  page.addEventListener("click", (event) => choose(event.target.closest("mark")));
  page.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { const node = event.target.closest("mark"); if (node) { event.preventDefault(); choose(node); } } });
  for (const name of ["text", "borrowed", "voice", "titles"]) model.on(`change:${name}`, paint);
  model.on("change:chosen", tell);
  paint();
}

export default { render };
