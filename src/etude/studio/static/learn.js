// A run as it goes, and the next one: what it would take, then go.
import { ask, clock, controls, curve, early, el, every, find, finished, follow, go, say, sayError } from "./together.js";

const run = find("#run");
if (run) {
  const known = JSON.parse(run.dataset.shown);
  const drawn = curve(find("#curve"), JSON.parse(run.dataset.points), run.dataset.unit, known.map((one) => one.spent_s));
  const shown = early(find("#early"), known);
  const buttons = Object.fromEntries(every("[data-act]", run).map((button) => [button.dataset.act, button]));
  const stand = (state) => {
    const live = ["queued", "running"].includes(state);
    buttons.pause.hidden = buttons.stop.hidden = !live;
    buttons.resume.hidden = !["stopped", "failed"].includes(state);
    buttons.resume.textContent = state === "failed" ? "Try again" : "Go on";
    find("#run-desk").hidden = !["stopped", "done"].includes(state);
  };
  stand(run.dataset.state);
  let told = 0;
  follow(run.dataset.job, {
    after: Number(run.dataset.last),
    said: (event) => {
      if (event.event !== "progress") { if (event.text) find("#run-now").textContent = event.text; return; }
      find("#run-share").value = event.share ?? 0;
      if (event.takes) { shown.add(event); drawn.mark(event.spent_s); }
      if (typeof event.unseen === "number") drawn.add(event.spent_s, event.unseen, event.unit);
      if (Date.now() - told > 10000 || event.message) { told = Date.now(); find("#run-now").textContent = words(event); }
    },
    state: (job) => {
      stand(job.state);
      find("#run-line").textContent = job.line;
      find("#run-why").textContent = `${job.message} ${job.hint}`.trim();
      if (job.state === "done") { find("#run-share").value = 1; find("#run-now").textContent = "The model is ready."; }
    },
  });
  for (const [act, button] of Object.entries(buttons)) {
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        const job = await ask(`jobs/${run.dataset.job}/${act}`, {});
        find("#run-line").textContent = job.line;
        stand(job.state);
      } catch (error) { sayError(error); } finally { button.disabled = false; }
    });
  }
}

function words(event) {
  const parts = [`${event.stage[0].toUpperCase()}${event.stage.slice(1)}: ${Math.round(100 * (event.share ?? 0))} % of the budget spent.`];
  if (event.epoch) parts.push(`${event.epoch.toFixed(1)} passes over the works.`);
  if (event.kwh) parts.push(`About ${(1000 * event.kwh[1]).toFixed(1)} Wh so far.`);
  const ahead = event.forecast;
  if (ahead && ahead.gain_high > 0) parts.push(`Half as much time again would bring the error to between ${ahead.low.toFixed(2)} and ${ahead.high.toFixed(2)}.`);
  if (event.message) parts.push(`${event.message[0].toUpperCase()}${event.message.slice(1)}.`.replace(/\.\.$/, "."));
  return parts.join(" ");
}

const form = find("#learn");
find("#from")?.addEventListener("change", (event) => go(`/learn?from=${encodeURIComponent(event.target.value)}`));

function asked() {
  const said = new FormData(form);
  return {
    name: said.get("name"), collection: said.get("collection"), on: said.get("on") ?? "",
    budget: said.get("budget") === "money" ? `${said.get("amount")}${said.get("currency")}` : said.get("budget") || said.get("other") || "",
    tariff: said.get("tariff")?.trim() ?? "",
    options: find(".fields", form) ? controls(find(".fields", form)) : {},
  };
}

for (const name of ["other", "amount", "currency"]) find(`#learn [name=${name}]`)?.addEventListener("input", (event) => { event.target.closest("label").querySelector("[type=radio]").checked = true; });

const hours = (kwh) => (kwh >= 1 ? `${kwh.toPrecision(2)} kWh` : `${Number((1000 * kwh).toPrecision(2))} Wh`);
const coins = (money) => (money >= 0.1 ? money.toFixed(2) : String(Number(money.toPrecision(1))));

find("#plan")?.addEventListener("click", async (event) => {
  event.target.disabled = true;
  const box = find("#estimate");
  box.textContent = "Looking at the works …";
  try {
    const job = await ask("learn", { ...asked(), plan: true });
    const plan = await finished(job.id);
    const rows = [
      ["To learn from", `${plan.works.toLocaleString("en")} ${plan.works === 1 ? "part" : "parts"}; ${plan.held_out.length} works held out to measure by`],
      ["Size", `${plan.size}, ${plan.parameters.toLocaleString("en")} numbers to learn`],
      ["Passes over the works", `about ${plan.epochs.toFixed(1)}`],
      ["Memory", `about ${Math.round(plan.memory_mb).toLocaleString("en")} MB`],
      ["Time", plan.lasts_s === null || plan.lasts_s === undefined ? "as long as the steps take" : clock(plan.lasts_s)],
      ["Energy", plan.kwh ? `about ${hours(plan.kwh[1])} (${hours(plan.kwh[0])} to ${hours(plan.kwh[2])}), estimated` : "not known beforehand"],
      ...(plan.money ? [["It costs", `about ${coins(plan.money[1])} (${coins(plan.money[0])} to ${coins(plan.money[2])}) ${plan.currency}`]] : []),
      ["An earlier run", plan.resumes ? "is gone on with" : "none"],
      ...plan.notes.map((note) => ["Note", note]),
    ];
    box.replaceChildren(el("dl", { className: "facts" }, ...rows.map(([key, value]) => el("div", {}, el("dt", { textContent: key }), el("dd", { textContent: value })))));
  } catch (error) { box.textContent = ""; sayError(error); } finally { event.target.disabled = false; }
});

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  try { await ask("learn", asked()); go("/learn", "Begun. You may close this page; the work goes on."); } catch (error) { sayError(error); }
});
