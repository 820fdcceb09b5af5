// What models can do against what they cost: energy of training across (as a logarithm), the figure on held-out
// works up and down, lower is better. The form is anywidget's: render({ model, el }). The model holds `points`
// ({ id, value, low, high, wh: [low, middle, high], unit, mine }) and `chosen` (an id, set when one is chosen).
const SVG = "http://www.w3.org/2000/svg";
const [W, H, LEFT, RIGHT, TOP, BOTTOM] = [640, 300, 60, 24, 18, 44];

const draw = (tag, props = {}, ...children) => {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(props)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};
const said = (wh) => (wh >= 1000 ? `${(wh / 1000).toPrecision(2)} kWh` : wh >= 0.1 ? `${Number(wh.toPrecision(2))} Wh` : `${Number((1000 * wh).toPrecision(2))} mWh`);

// The models of which none is both cheaper and better, cheapest first.
export function best(points) {
  const out = [];
  for (const one of [...points].sort((a, b) => a.wh[1] - b.wh[1] || a.value - b.value)) {
    if (!out.length || one.value < out.at(-1).value) out.push(one);
  }
  return out;
}

export function render({ model, el }) {
  const paint = () => {
    const points = model.get("points");
    const costs = points.map((one) => Math.log10(Math.max(1e-6, one.wh[1])));
    const [least, most] = [Math.floor(Math.min(...costs)), Math.ceil(Math.max(...costs) + 1e-9)];
    const ends = points.flatMap((one) => [one.low ?? one.value, one.high ?? one.value]);
    const pad = (Math.max(...ends) - Math.min(...ends) || 1) * 0.08;
    const [low, high] = [Math.min(...ends) - pad, Math.max(...ends) + pad];
    const x = (wh) => LEFT + ((W - LEFT - RIGHT) * (Math.log10(Math.max(1e-6, wh)) - least)) / (most - least || 1);
    const y = (value) => TOP + ((H - TOP - BOTTOM) * (high - value)) / (high - low);
    const words = points.map((one) => `${one.id}: ${one.value.toFixed(3)} ${one.unit} for ${said(one.wh[1])}`).join("; ");
    const svg = draw("svg", { viewBox: `0 0 ${W} ${H}`, role: "group", "aria-label": `Figure on held-out works against energy of training. ${words}` });
    for (let power = least; power <= most; power += 1) {
      svg.append(draw("line", { class: "rule", x1: x(10 ** power), x2: x(10 ** power), y1: TOP, y2: H - BOTTOM }), draw("text", { class: "at", x: x(10 ** power), y: H - BOTTOM + 18, "text-anchor": "middle" }, said(10 ** power)));
    }
    for (const value of [low + pad, (low + high) / 2, high - pad]) {
      svg.append(draw("line", { class: "rule", x1: LEFT, x2: W - RIGHT, y1: y(value), y2: y(value) }), draw("text", { class: "at", x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, value.toFixed(2)));
    }
    svg.append(draw("text", { class: "at", x: W - RIGHT, y: H - 6, "text-anchor": "end" }, "energy of training"), draw("text", { class: "at", x: LEFT, y: 11 }, `${points[0].unit}, less is better`));
    const front = best(points);
    if (front.length > 1) svg.append(draw("polyline", { class: "front", points: front.map((one) => `${x(one.wh[1])},${y(one.value)}`).join(" ") }));
    for (const one of points) {
      const words_ = `${one.id}: ${one.value.toFixed(3)} ${one.unit}, ${said(one.wh[1])}`;
      const group = draw("g", { class: `model${one.mine ? " mine" : ""}`, tabindex: 0, role: "button", "aria-label": words_ }, draw("title", {}, words_));
      if (one.low !== null && one.low !== undefined) group.append(draw("line", { class: "span", x1: x(one.wh[1]), x2: x(one.wh[1]), y1: y(one.low), y2: y(one.high) }));
      group.append(draw("line", { class: "span", x1: x(one.wh[0]), x2: x(one.wh[2]), y1: y(one.value), y2: y(one.value) }));
      group.append(draw("circle", { class: "dot", cx: x(one.wh[1]), cy: y(one.value), r: 6 }));
      const end = x(one.wh[1]) > W * 0.7;
      group.append(draw("text", { class: "name", x: x(one.wh[1]) + (end ? -10 : 10), y: y(one.value) - 9, "text-anchor": end ? "end" : "start" }, one.id));
      const choose = () => { model.set("chosen", one.id); model.save_changes(); };
      group.addEventListener("click", choose);
      group.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(); } });
      svg.append(group);
    }
    el.replaceChildren(svg);
  };
  model.on("change:points", paint);
  paint();
}

export default { render };
