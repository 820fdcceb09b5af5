// A piano roll: notes that are seen, moved, added and taken away, by mouse and by keyboard. The form is
// anywidget's: render({ model, el }). The model holds `score` (as Etude stores one), `voice` (which track is
// written in), `bars` ([first, last] from 1, or null), `ghost` (notes of another score, drawn pale), `edited`
// (whether notes can be changed) and `at` (the tick that sounds now, or -1).
const SVG = "http://www.w3.org/2000/svg";
const [ROW, HEAD, LEFT, TICK] = [11, 22, 38, 0.95]; // px: a semitone, the ruler, the names; px a tick
const TPQ = 24;
const NAMES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];

export const called = (pitch) => `${NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;

const draw = (tag, props = {}, ...children) => {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(props)) node.setAttribute(key, value);
  node.append(...children);
  return node;
};

// Notes as objects, and back as they are stored.
export function notes(score) {
  return score.tracks.flatMap(([, , , flat], track) => {
    const out = [];
    for (let i = 0; i < flat.length; i += 4) out.push({ track, onset: flat[i], pitch: flat[i + 1], duration: flat[i + 2], velocity: flat[i + 3] });
    return out;
  });
}

export function stored(score, list) {
  const { form, ...rest } = score; // what a tune was made by no longer says how it goes
  const tracks = score.tracks.map(([name, program, drum], track) => {
    const own = list.filter((note) => note.track === track).sort((a, b) => a.onset - b.onset || a.pitch - b.pitch);
    return [name, program, drum, own.flatMap((note) => [note.onset, note.pitch, note.duration, note.velocity])];
  });
  return { ...rest, tracks };
}

export const ends = (score) => Math.max(TPQ * 4, ...notes(score).map((note) => note.onset + note.duration));

// Where bars begin, one more than there are bars.
export function barlines(score) {
  const last = ends(score);
  const lines = [0];
  let at = score.pickup || 0;
  if (at) lines.push(at);
  while (at < last) {
    const [, beats, unit] = score.meters.findLast(([tick]) => tick <= at) ?? [0, 4, 4];
    at += (beats * 4 * TPQ) / unit;
    lines.push(at);
  }
  return lines;
}

export function render({ model, el }) {
  const shadow = el.shadowRoot ?? el;
  let chosen = -1;
  let drag = null;
  const box = document.createElement("div");
  box.className = "roll-box";
  box.tabIndex = 0;
  box.setAttribute("role", "application");
  const said = document.createElement("p");
  said.className = "help roll-said";
  said.setAttribute("role", "status");
  shadow.replaceChildren(box, said);

  let list = [];
  let [low, high, lines] = [48, 72, [0]];
  const y = (pitch) => HEAD + (high - pitch) * ROW;
  const x = (tick) => LEFT + tick * TICK;
  const grid = () => model.get("grid") ?? TPQ / 4;
  const voices = () => model.get("score").tracks;
  const barOf = (tick) => Math.max(1, lines.findLastIndex((line) => line <= tick) + (model.get("score").pickup ? 0 : 1));

  function words(note) {
    return `${called(note.pitch)}, bar ${barOf(note.onset)}, ${voices()[note.track][0] || `voice ${note.track + 1}`}, ${note.duration / TPQ} ${note.duration === TPQ ? "quarter" : "quarters"}`;
  }

  function paint() {
    const score = model.get("score");
    list = notes(score);
    lines = barlines(score);
    const ghost = model.get("ghost") ? notes(model.get("ghost")) : [];
    const pitches = [...list, ...ghost].map((note) => note.pitch);
    low = Math.max(0, Math.min(55, ...pitches) - 3);
    high = Math.min(127, Math.max(72, ...pitches) + 3);
    const width = x(lines.at(-1)) + 12;
    const height = HEAD + (high - low + 1) * ROW + 4;
    const small = model.get("small");
    const svg = draw("svg", { viewBox: `0 0 ${width} ${height}`, class: "roll", width: small ? "100%" : width, height: small ? 84 : height, preserveAspectRatio: small ? "none" : "xMinYMin", role: "img", "aria-label": `${list.length} notes in ${score.tracks.length} voices, ${lines.length - 1} bars` });
    for (let pitch = low; pitch <= high; pitch += 1) {
      if ([1, 3, 6, 8, 10].includes(pitch % 12)) svg.append(draw("rect", { x: LEFT, y: y(pitch), width: width - LEFT, height: ROW, class: "black" }));
      if (pitch % 12 === 0 && !small) svg.append(draw("text", { x: LEFT - 6, y: y(pitch) + ROW - 2, class: "name" }, called(pitch)));
    }
    const bars = model.get("bars");
    if (bars) {
      const [from, to] = [lines[first(bars[0])], lines[Math.min(lines.length - 1, first(bars[1]) + 1)]];
      svg.append(draw("rect", { x: x(from), y: 0, width: (to - from) * TICK, height, class: "chosen-bars" }));
    }
    lines.forEach((line, i) => {
      svg.append(draw("line", { x1: x(line), x2: x(line), y1: HEAD - 6, y2: height, class: "bar" }));
      const number = i + (score.pickup ? 0 : 1);
      if (i < lines.length - 1 && number > 0 && !small) svg.append(draw("text", { x: x(line) + 4, y: HEAD - 8, class: "number" }, String(number)));
    });
    const key = (note) => `${note.track} ${note.onset} ${note.pitch} ${note.duration}`;
    const known = new Set((model.get("before") ? notes(model.get("before")) : []).map(key));
    for (const note of ghost) svg.append(draw("rect", { x: x(note.onset), y: y(note.pitch) + 1, width: Math.max(3, note.duration * TICK - 1), height: ROW - 2, rx: 2, class: "note pale" }));
    list.forEach((note, i) => {
      const fresh = model.get("before") && !known.has(key(note));
      const rect = draw("rect", { x: x(note.onset), y: y(note.pitch) + 1, width: Math.max(3, note.duration * TICK - 1), height: ROW - 2, rx: 2, class: `note v${note.track % 6}${i === chosen ? " on" : ""}${fresh ? " fresh" : ""}`, "data-note": i });
      rect.append(draw("title", {}, words(note)));
      svg.append(rect);
    });
    if (model.get("at") >= 0) svg.append(draw("line", { x1: x(model.get("at")), x2: x(model.get("at")), y1: 0, y2: height, class: "now" }));
    const { scrollLeft, scrollTop } = box;
    box.replaceChildren(svg);
    Object.assign(box, { scrollLeft, scrollTop });
    box.setAttribute("aria-label", `Piano roll, ${list.length} notes${chosen >= 0 && list[chosen] ? `; chosen: ${words(list[chosen])}` : ""}`);
  }

  const first = (bar) => (model.get("score").pickup ? bar : bar - 1);

  // What is done to the notes becomes a new score; the chosen note stays chosen.
  function keep(next, mark) {
    const at = mark ?? list[chosen];
    model.set("score", stored(model.get("score"), next));
    chosen = at ? notes(model.get("score")).findIndex((note) => ["track", "onset", "pitch", "duration"].every((one) => note[one] === at[one])) : -1;
    model.save_changes();
    paint();
    tell();
  }

  function tell() {
    const note = list[chosen];
    said.textContent = note ? words(note) : model.get("edited") ? "Arrows choose a note; with Ctrl they move it; + and − make it longer and shorter; N adds one; Delete takes it away." : "";
    if (note) { model.set("heard", note); model.save_changes(); }
  }

  function choose(i) {
    chosen = i;
    paint();
    tell();
    const rect = box.querySelector(".note.on");
    if (!rect) return;
    const [left, top] = [Number(rect.getAttribute("x")), Number(rect.getAttribute("y"))];
    if (left < box.scrollLeft + LEFT || left > box.scrollLeft + box.clientWidth - 40) box.scrollLeft = left - box.clientWidth / 3;
    if (top < box.scrollTop || top > box.scrollTop + box.clientHeight - 20) box.scrollTop = top - box.clientHeight / 2;
  }

  const change = (how) => {
    const note = list[chosen];
    if (!note || !model.get("edited")) return;
    const next = { ...note, ...how };
    next.pitch = Math.min(127, Math.max(0, next.pitch));
    next.onset = Math.max(0, next.onset);
    next.duration = Math.max(grid(), next.duration);
    keep(list.map((one, i) => (i === chosen ? next : one)), next);
  };

  const spot = (event) => {
    const bounds = box.firstChild.getBoundingClientRect();
    const tick = (event.clientX - bounds.left - LEFT) / TICK;
    return { tick, pitch: high - Math.floor((event.clientY - bounds.top - HEAD) / ROW), top: event.clientY - bounds.top < HEAD };
  };
  const bar_at = (tick) => Math.min(lines.length - 1, Math.max(1, barOf(tick)));

  box.addEventListener("pointerdown", (event) => {
    if (model.get("small")) return;
    const here = spot(event);
    if (here.tick < 0) return;
    if (here.top) {
      const bar = bar_at(here.tick);
      model.set("bars", [bar, bar]);
      drag = { bars: bar };
    } else if (event.target.dataset.note !== undefined) {
      const i = Number(event.target.dataset.note);
      const note = list[i];
      choose(i);
      const edge = (note.onset + note.duration - here.tick) * TICK < 7;
      if (model.get("edited")) drag = { from: here, note: { ...note }, edge };
    } else if (model.get("edited") && event.detail === 2) {
      const made = { track: model.get("voice") ?? 0, onset: Math.floor(here.tick / grid()) * grid(), pitch: here.pitch, duration: TPQ, velocity: 80 };
      keep([...list, made], made);
    } else choose(-1);
    box.setPointerCapture(event.pointerId);
    paint();
  });
  box.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const here = spot(event);
    if (drag.bars) { const bar = bar_at(here.tick); model.set("bars", [Math.min(bar, drag.bars), Math.max(bar, drag.bars)]); paint(); return; }
    const by = Math.round((here.tick - drag.from.tick) / grid()) * grid();
    drag.next = drag.edge ? { ...drag.note, duration: Math.max(grid(), drag.note.duration + by) } : { ...drag.note, onset: Math.max(0, drag.note.onset + by), pitch: drag.note.pitch + here.pitch - drag.from.pitch };
    const rect = box.querySelector(".note.on");
    rect?.setAttribute("x", x(drag.next.onset));
    rect?.setAttribute("y", y(drag.next.pitch) + 1);
    rect?.setAttribute("width", Math.max(3, drag.next.duration * TICK - 1));
  });
  box.addEventListener("pointerup", () => {
    const done = drag;
    drag = null;
    if (done?.bars) model.save_changes();
    else if (done?.next) { const { next } = done; change({ onset: next.onset, pitch: next.pitch, duration: next.duration }); }
  });

  box.addEventListener("keydown", (event) => {
    if (model.get("small") || event.metaKey) return;
    const note = list[chosen];
    const step = event.shiftKey ? 12 : 1;
    const order = list.map((one, i) => i).sort((a, b) => list[a].onset - list[b].onset || list[a].track - list[b].track);
    const place = order.indexOf(chosen);
    const go = (by) => choose(order[Math.min(order.length - 1, Math.max(0, place < 0 ? (by > 0 ? 0 : order.length - 1) : place + by))]);
    const keys = {
      ArrowRight: () => (event.ctrlKey ? change({ onset: note.onset + grid() }) : go(1)),
      ArrowLeft: () => (event.ctrlKey ? change({ onset: note.onset - grid() }) : go(-1)),
      ArrowUp: () => (event.ctrlKey && note ? change({ pitch: note.pitch + step }) : beside(1)),
      ArrowDown: () => (event.ctrlKey && note ? change({ pitch: note.pitch - step }) : beside(-1)),
      "+": () => note && change({ duration: note.duration + grid() }), "=": () => note && change({ duration: note.duration + grid() }),
      "-": () => note && change({ duration: note.duration - grid() }),
      Delete: () => note && model.get("edited") && keep(list.filter((one, i) => i !== chosen), null),
      Backspace: () => note && model.get("edited") && keep(list.filter((one, i) => i !== chosen), null),
      n: () => {
        if (!model.get("edited")) return;
        const made = { track: note?.track ?? model.get("voice") ?? 0, onset: note ? note.onset + note.duration : 0, pitch: note?.pitch ?? 60, duration: note?.duration ?? TPQ, velocity: 80 };
        keep([...list, made], made);
      },
      b: () => { if (note) { const bar = bar_at(note.onset); const old = model.get("bars"); model.set("bars", event.shiftKey && old ? [Math.min(old[0], bar), Math.max(old[1], bar)] : [bar, bar]); model.save_changes(); paint(); } },
      Escape: () => { model.set("bars", null); model.save_changes(); choose(-1); },
    };
    const act = keys[event.key] ?? keys[event.key.toLowerCase()];
    if (!act || (event.ctrlKey && !event.key.startsWith("Arrow"))) return;
    event.preventDefault();
    act();
  });
  // The next note of another voice that sounds at the same time.
  const beside = (by) => {
    const note = list[chosen];
    if (!note) { choose(list.length ? 0 : -1); return; }
    const there = list.map((one, i) => [one, i]).filter(([one, i]) => i !== chosen && one.onset < note.onset + note.duration && one.onset + one.duration > note.onset && (one.pitch - note.pitch) * by > 0);
    there.sort(([a], [b]) => (a.pitch - b.pitch) * by);
    if (there.length) choose(there[0][1]);
  };

  const again = () => { if (!drag) paint(); };
  for (const name of ["score", "bars", "ghost", "edited", "small"]) model.on(`change:${name}`, again);
  model.on("change:at", () => {
    const line = box.querySelector(".now");
    const at = model.get("at");
    if (at < 0) { line?.remove(); return; }
    const here = line ?? draw("line", { y1: 0, y2: HEAD + (high - low + 1) * ROW, class: "now" });
    here.setAttribute("x1", x(at));
    here.setAttribute("x2", x(at));
    if (!line) box.firstChild.append(here);
    if (x(at) > box.scrollLeft + box.clientWidth - 60) box.scrollLeft = x(at) - LEFT;
  });
  paint();
  tell();
  const sounding = notes(model.get("score"));
  if (sounding.length && !model.get("small")) box.scrollTop = Math.max(0, y(Math.max(...sounding.map((note) => note.pitch))) - 60);
}

export default { render };
