"use strict";
// Over the roll: where the sound is. Nothing that this script shows is only here: the lists and tables of the page say the same.
(() => {
  const audio = document.querySelector("audio");
  const rolls = document.querySelectorAll("svg[data-from]");
  if (!audio || !rolls.length) return;
  const move = () => {
    for (const roll of rolls) {
      const [from, to, wide] = ["from", "to", "w"].map((key) => Number(roll.dataset[key]));
      const part = (audio.currentTime - from) / (to - from);
      roll.classList.toggle("playing", part >= 0 && part < 1 && audio.currentTime > 0);
      roll.querySelector(".now").setAttribute("transform", "translate(" + Math.max(0, Math.min(1, part)) * wide + " 0)");
    }
    if (!audio.paused) requestAnimationFrame(move);
  };
  for (const kind of ["play", "seeked", "pause"]) audio.addEventListener(kind, move);
})();
// Beside the text: where the token under the pointer (or in focus) came from.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const loupe = document.getElementById("loupe");
  if (!loupe || !data.tokens) return;
  const percent = (x) => (x < 0.001 ? "under 0.1 %" : (100 * x).toFixed(x < 0.0995 ? 1 : 0) + " %");
  const el = (name, words, cls) => {
    const e = document.createElement(name);
    if (words) e.textContent = words;
    if (cls) e.className = cls;
    return e;
  };
  let shown = null;
  const show = (piece) => {
    if (piece === shown) return;
    if (shown) shown.classList.remove("on");
    shown = piece;
    piece.classList.add("on");
    const [memory, rest, places] = data.tokens[Number(piece.dataset.t)];
    const head = el("p", "", "head");
    head.append(el("q", piece.textContent.trim() || "line break"), el("b", percent(memory) + " from the memory"));
    const meter = el("div", "", "gauge");
    const fill = el("span");
    fill.style.width = 100 * memory + "%";
    meter.append(fill);
    const list = el("ul");
    for (const [work, share, place] of places) {
      const item = el("li");
      item.append(el("b", percent(share)), el("cite", data.works[work]));
      if (place) item.append(el("span", place, "dim"));
      list.append(item);
    }
    if (rest >= 0.005) {
      const item = el("li");
      item.append(el("b", percent(rest)), el("span", "further places, not told apart"));
      list.append(item);
    }
    const parts = [head, meter, list];
    const passage = data.passages[Number(piece.dataset.p)];
    if (piece.dataset.p !== undefined && passage[4]) {
      const quote = el("blockquote");
      quote.append(el("span", passage[3], "dim"), el("mark", passage[4]), el("span", passage[5], "dim"));
      parts.push(el("p", "There it stands like this:", "dim"), quote);
    }
    loupe.replaceChildren(...parts);
    loupe.classList.add("open");
  };
  const pieceOf = (event) => event.target.closest && event.target.closest("[data-t]");
  for (const kind of ["pointerover", "focusin", "click"]) {
    document.addEventListener(kind, (event) => {
      const piece = pieceOf(event);
      if (piece) show(piece);
      else if (kind === "click" && !event.target.closest("#loupe")) loupe.classList.remove("open");
    });
  }
  document.addEventListener("keydown", (event) => event.key === "Escape" && loupe.classList.remove("open"));
})();
