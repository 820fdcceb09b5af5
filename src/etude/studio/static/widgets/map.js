// A collection as a map: what is alike lies side by side. The form is anywidget's: render({ model, el }). The
// model holds `places` ([work, across, down, region], 0..1), `regions` ({ number, thin, named }), `about` (work ->
// [title, maker, attributes]), `by` (what points are coloured by) and `chosen` (a work, set when one is chosen).
const SVG = "http://www.w3.org/2000/svg";
const [W, H, EDGE] = [960, 560, 30];
export const COLOURS = 8;

const draw = (tag, props = {}, ...children) => {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(props)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};

// What a work says of a key; "" where it says nothing.
export const value = (about, key) => (!about ? "" : key === "maker" ? about[1] : (about[2][key] ?? ""));

// The commonest values, each with the number of its colour.
export function legend(places, about, by) {
  const counts = new Map();
  for (const id of new Set(places.map((one) => one[0]))) {
    const said = value(about[id], by);
    if (said) counts.set(said, (counts.get(said) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, COLOURS).map(([name, works], i) => ({ name, works, colour: i }));
}

export function render({ model, el }) {
  const picture = document.createElement("div");
  picture.className = "map-box";
  const words = document.createElement("p");
  words.className = "help map-words";
  words.setAttribute("role", "status");
  const key = document.createElement("ul");
  key.className = "map-key";
  el.replaceChildren(key, picture, words);

  const paint = () => {
    const { places, regions, about, by } = Object.fromEntries(["places", "regions", "about", "by"].map((name) => [name, model.get(name)]));
    const colours = legend(places, about ?? {}, by);
    const number = new Map(colours.map((one) => [one.name, one.colour]));
    const r = Math.max(2.2, Math.min(9, 90 / Math.sqrt(places.length || 1)));
    const svg = draw("svg", { viewBox: `0 0 ${W} ${H}`, class: "map", role: "img", "aria-label": `${places.length} points in ${regions.length} regions; the regions are named below` });
    const dots = draw("g", {});
    const middle = new Map();
    places.forEach(([work, x, y, region], i) => {
      const [cx, cy] = [EDGE + x * (W - 2 * EDGE), EDGE + y * (H - 2 * EDGE)];
      const colour = number.get(value(about?.[work], by));
      dots.append(draw("circle", { cx: cx.toFixed(1), cy: cy.toFixed(1), r: r.toFixed(1), class: `c${colour ?? "x"}`, "data-at": i }));
      middle.set(region, [...(middle.get(region) ?? []), [cx, cy]]);
    });
    svg.append(dots);
    for (const region of regions) {
      const all = middle.get(region.number) ?? [];
      if (!all.length) continue;
      const at = [0, 1].map((axis) => all.map((one) => one[axis]).sort((a, b) => a - b)[Math.floor(all.length / 2)]);
      if (region.thin) svg.append(draw("circle", { class: "ring", cx: at[0], cy: at[1], r: 26 }));
      svg.append(draw("text", { class: "rn", x: at[0], y: at[1] + 6, "text-anchor": "middle" }, String(region.number)));
    }
    const said = (event) => { const i = event.target.dataset?.at; return i === undefined ? null : places[Number(i)][0]; };
    svg.addEventListener("pointerover", (event) => { const work = said(event); if (work) words.textContent = [about?.[work]?.[0] ?? work, about?.[work]?.[1]].filter(Boolean).join(", "); });
    svg.addEventListener("click", (event) => { const work = said(event); if (work) { model.set("chosen", work); model.save_changes(); } });
    picture.replaceChildren(svg);
    key.replaceChildren(...colours.map((one) => {
      const item = document.createElement("li");
      const swatch = document.createElement("span");
      swatch.className = `swatch c${one.colour}`;
      const name = document.createElement("bdi");
      name.textContent = `${one.name} (${one.works})`;
      item.append(swatch, name);
      return item;
    }));
  };
  for (const name of ["places", "about", "by"]) model.on(`change:${name}`, paint);
  paint();
}

export default { render };
