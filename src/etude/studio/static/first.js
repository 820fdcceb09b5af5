// The first run: a sample or a drop becomes works, a model and takes, and the page follows the three jobs.
import { ask, curve, dropping, early, every, find, follow, get, go, sayError } from "./together.js";

const budget = () => find("#budget").value;
const begun = (jobs) => go(`/first?jobs=${jobs.map((job) => job.id).join(",")}`);

for (const button of every("[data-sample]")) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    try { begun(await ask("first", { sample: button.dataset.sample, budget: budget() })); } catch (error) { sayError(error); button.disabled = false; }
  });
}

let dropped = "";
dropping("own", async (drop) => {
  dropped = drop;
  const { files, media } = await get(`drops/${drop}`);
  const [most] = media;
  find("#own-found").textContent = most ? `${files} files; the ${most[1]} that are ${most[0]} will be learned from.` : "None of these files is a kind that Etude reads.";
  find("#own-form").hidden = !most;
  if (most) find("#own-maker").focus();
});
find("#own-form")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = Object.fromEntries(new FormData(event.target));
  try { begun(await ask("first", { ...said, drop: dropped, budget: budget(), consent: "yes" })); } catch (error) { sayError(error); }
});

const steps = every("[data-job]");
const drawn = find("#curve") ? curve(find("#curve")) : null;
const shown = find("#early") ? early(find("#early")) : null;
for (const step of steps) {
  const bar = find("progress", step);
  follow(step.dataset.job, {
    said: (event) => {
      if (event.share !== undefined) {
        bar.value = event.share;
        find(".line", step).textContent = `${event.stage}, ${Math.round(100 * event.share)} % of the time spent`;
      }
      else if (event.total) bar.value = event.done / event.total;
      if (event.takes) { shown?.add(event); drawn?.mark(event.spent_s); }
      if (typeof event.unseen === "number") drawn?.add(event.spent_s, event.unseen, event.unit);
    },
    state: (job) => {
      step.dataset.state = job.state;
      find(".line", step).textContent = job.line;
      find(".why", step).textContent = `${job.message} ${job.hint}`.trim();
      if (job.state === "done") bar.value = 1;
      if (job.state === "done" && step === steps.at(-1)) {
        find("h1").textContent = "Your first takes are here";
        find("#see").hidden = false;
        find("#see").focus();
      }
    },
  });
}
