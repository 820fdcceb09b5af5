// Key takes in an order, and the loop that goes through them.
import { ask, el, every, find, finished, go, later, say, sayError } from "./base.js";

const root = find("#timeline");
const { model } = root.dataset;
const most = Number(root.dataset.most);
const store = `etude-line-${model}`;
let line = [];
try { line = JSON.parse(sessionStorage.getItem(store) ?? "[]").filter((one) => typeof one === "string").slice(0, most); } catch { /* a browser that keeps nothing */ }

function paint(focus = -1) {
  try { sessionStorage.setItem(store, JSON.stringify(line)); } catch { /* as above */ }
  find("#line").replaceChildren(...line.map((take, i) => {
    const item = el("li", { tabIndex: 0, draggable: true, data: { at: i } }, el("img", { src: `/content/${take}/tile`, alt: `Key take ${i + 1} of ${line.length}`, draggable: false }),
      el("button", { type: "button", className: "quiet", textContent: "×", "aria-label": `Take key take ${i + 1} off`, on: { click: () => off(i) } }));
    item.addEventListener("keydown", (event) => {
      if (event.key === "ArrowRight" || event.key === "ArrowLeft") { event.preventDefault(); move(i, i + (event.key === "ArrowRight" ? 1 : -1)); }
      if ((event.key === "Delete" || event.key === "Backspace") && event.target === item) { event.preventDefault(); off(i); }
    });
    item.addEventListener("dragstart", (event) => { event.dataTransfer.setData("text/plain", String(i)); event.dataTransfer.effectAllowed = "move"; });
    item.addEventListener("dragover", (event) => event.preventDefault());
    item.addEventListener("drop", (event) => { event.preventDefault(); move(Number(event.dataTransfer.getData("text/plain")), i); });
    return item;
  }));
  if (focus >= 0) find(`#line [data-at="${Math.min(focus, line.length - 1)}"]`)?.focus();
  find("#preview").disabled = line.length < 2;
  find("#go").textContent = line.length > 1 ? `Make a loop through ${line.length}` : "Make a loop of its own";
}

function move(from, to) {
  if (!(from >= 0) || to < 0 || to >= line.length || from === to) return;
  const [take] = line.splice(from, 1);
  line.splice(to, 0, take);
  paint(to);
}

function off(i) { line.splice(i, 1); paint(i); }

for (const button of every("[data-key]")) {
  button.addEventListener("click", () => {
    if (line.length >= most) { say(`${most} key takes are the most.`); return; }
    line.push(button.dataset.key);
    paint();
  });
}
find("#clear").addEventListener("click", () => { line = []; paint(); });

// The key takes one after the other, at the pace that they will have in the clip.
let timer = 0;
find("#preview").addEventListener("click", (event) => {
  const on = event.target.getAttribute("aria-pressed") === "false";
  event.target.setAttribute("aria-pressed", String(on));
  find("#flip").hidden = !on;
  clearInterval(timer);
  if (!on) return;
  let at = 0;
  const show = () => { if (line.length) find("#flip img").src = `/content/${line[at++ % line.length]}/tile`; };
  show();
  timer = setInterval(show, Math.max(150, (1000 * Number(find("#seconds").value)) / Math.max(1, line.length)));
});

find("#model")?.addEventListener("change", (event) => go(`/timeline?model=${encodeURIComponent(event.target.value)}`));
find("#ask").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = find("#go");
  button.disabled = true;
  try {
    const job = await ask("loop", { model, through: line.length > 1 ? line : [], tenths: Math.round(10 * Number(find("#seconds").value)), rate: Number(find("#rate").value) });
    find("#state").textContent = "Making the loop …";
    await finished(job.id);
    later("The clip is here, provisional.");
  } catch (error) { find("#state").textContent = ""; button.disabled = false; sayError(error); }
});
paint();
