// Takes by a model that is still learning, the first on the left and the newest on the right. The form is
// anywidget's: render({ model, el }). The model holds `shown`: [{ step, spent_s, takes: [{ words, look, line }] }].
// What the takes say is a stranger's: it becomes text nodes.
import { clock } from "./curve.js";

const MOST = 420; // characters of a take on its card

function part(tag, className, text = "") {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}

function card({ step, spent_s, takes }) {
  const item = part("li", "early-one");
  const head = part("p", "early-when");
  head.append(part("strong", "", `After ${clock(spent_s)}`), `, step ${Number(step).toLocaleString("en")}`);
  item.append(head);
  const looks = part("div", "early-looks");
  for (const take of takes) {
    if (take.look) {
      const image = part("img", "");
      image.alt = take.line;
      image.decoding = "async";
      image.loading = "lazy";
      image.onload = () => { image.classList.toggle("small", image.naturalWidth <= 96); looks.classList.toggle("wide", image.naturalWidth > 1.6 * image.naturalHeight); };
      image.src = take.look;
      looks.append(image);
    } else {
      const words = part("div", "words", take.words.length > MOST ? `${take.words.slice(0, MOST)}…` : take.words);
      words.dir = "auto";
      item.append(words);
    }
  }
  if (looks.childElementCount) item.append(looks);
  return item;
}

export function render({ model, el }) {
  const list = part("ol", "early-list");
  list.tabIndex = 0;
  list.setAttribute("aria-label", "Takes while it learned, the newest last");
  el.replaceChildren(list);
  const draw = () => {
    const shown = model.get("shown") ?? [];
    el.hidden = !shown.length;
    const atEnd = list.scrollLeft + list.clientWidth > list.scrollWidth - 60;
    while (list.childElementCount > shown.length) list.lastChild.remove();
    for (const one of shown.slice(list.childElementCount)) list.append(card(one));
    if (atEnd) requestAnimationFrame(() => { list.scrollLeft = list.scrollWidth; });
  };
  model.on("change:shown", draw);
  draw();
}

export default { render };
