// A wall of small pictures that fills while one scrolls; several can be chosen, by mouse and by keyboard. The
// form is anywidget's: render({ model, el }). The model holds `looks` (URLs, in order), `labels` (words for
// those who do not see them), `chosen` (their numbers), and `wanted`, which is raised each time the end comes near.
export function render({ model, el }) {
  const list = document.createElement("ul");
  list.className = "wall-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-multiselectable", "true");
  list.setAttribute("aria-label", model.get("title") ?? "Pictures");
  const end = document.createElement("div");
  end.className = "wall-end";
  el.replaceChildren(list, end);
  let at = 0;

  const items = () => [...list.children];
  const tick = () => items().forEach((item, i) => {
    item.setAttribute("aria-selected", String(model.get("chosen").includes(i)));
    item.tabIndex = i === at ? 0 : -1;
  });
  const toggle = (i) => {
    const chosen = model.get("chosen");
    model.set("chosen", chosen.includes(i) ? chosen.filter((one) => one !== i) : [...chosen, i]);
    model.save_changes();
  };

  function paint() {
    const looks = model.get("looks");
    while (list.children.length > looks.length) list.lastChild.remove();
    looks.forEach((look, i) => {
      let item = list.children[i];
      if (!item) {
        item = document.createElement("li");
        item.setAttribute("role", "option");
        const image = document.createElement("img");
        image.decoding = "async";
        item.append(image);
        list.append(item);
      }
      const image = item.firstChild;
      if (image.src !== look) {
        image.src = look;
        image.alt = model.get("labels")?.[i] ?? `Picture ${i + 1}`;
        image.onload = () => image.classList.toggle("small", image.naturalWidth <= 96);
      }
    });
    tick();
  }

  list.addEventListener("click", (event) => {
    const item = event.target.closest("li");
    if (!item) return;
    at = items().indexOf(item);
    toggle(at);
    item.focus();
  });
  list.addEventListener("keydown", (event) => {
    const all = items();
    if (!all.length) return;
    const across = all.filter((one) => one.offsetTop === all[0].offsetTop).length;
    const move = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across }[event.key];
    if (move) at = Math.min(all.length - 1, Math.max(0, at + move));
    else if (event.key === "Home") at = 0;
    else if (event.key === "End") at = all.length - 1;
    else if (event.key === " " || event.key === "Enter") toggle(at);
    else return;
    event.preventDefault();
    tick();
    all[at].focus();
    if (at > all.length - 2 * across) more();
  });
  const more = () => { model.set("wanted", (model.get("wanted") ?? 0) + 1); model.save_changes(); };
  new IntersectionObserver((seen) => { if (seen.some((one) => one.isIntersecting)) more(); }, { rootMargin: "400px" }).observe(end);
  model.on("change:looks", paint);
  model.on("change:chosen", tick);
  paint();
}

export default { render };
