// The curve of learning: the figure on held-out works against the seconds spent, drawn as SVG, and said in
// words for those who do not see it. The form is anywidget's: render({ model, el }). The model holds `points`
// ([seconds, figure]), `unit`, and `marks` (the seconds at which takes were shown).
const SVG = "http://www.w3.org/2000/svg";
const [W, H, LEFT, BOTTOM] = [640, 200, 52, 28];

function svg(tag, props = {}, text = "") {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(props)) node.setAttribute(key, value);
  if (text) node.textContent = text;
  return node;
}

export const clock = (seconds) => (seconds < 90 ? `${Math.round(seconds)} s` : seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`);

export function render({ model, el }) {
  const draw = () => {
    const known = model.get("points") ?? [];
    const called = model.get("unit") ?? "";
    el.hidden = known.length < 2;
    if (known.length < 2) return;
    const [first, last] = [known[0], known.at(-1)];
    const words = `Error on held-out works${called ? `, ${called}` : ""}: ${first[1].toFixed(3)} at first, ${last[1].toFixed(3)} after ${clock(last[0])}. Less is better.`;
    const values = known.map((point) => point[1]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const span = high - low || 1;
    const x = (s) => LEFT + ((W - LEFT - 12) * s) / (last[0] || 1);
    const y = (v) => 12 + ((H - BOTTOM - 18) * (high - v)) / span;
    const picture = svg("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": words });
    for (const value of [low, high]) {
      picture.append(svg("line", { x1: LEFT, x2: W - 12, y1: y(value), y2: y(value), class: "rule" }));
      picture.append(svg("text", { x: LEFT - 8, y: y(value) + 4, class: "at end" }, value.toFixed(2)));
    }
    picture.append(svg("text", { x: LEFT, y: H - 6, class: "at" }, "0"));
    picture.append(svg("text", { x: W - 12, y: H - 6, class: "at end" }, clock(last[0])));
    for (const s of model.get("marks") ?? []) if (s <= last[0]) picture.append(svg("line", { x1: x(s), x2: x(s), y1: H - BOTTOM - 5, y2: H - BOTTOM + 1, class: "take-at" }));
    picture.append(svg("polyline", { points: known.map(([s, v]) => `${x(s).toFixed(1)},${y(v).toFixed(1)}`).join(" "), class: "path" }));
    picture.append(svg("circle", { cx: x(last[0]), cy: y(last[1]), r: 4, class: "now" }));
    const said = document.createElement("p");
    said.className = "help";
    said.textContent = words;
    el.replaceChildren(picture, said);
  };
  model.on("change:points", draw);
  draw();
}

export default { render };
