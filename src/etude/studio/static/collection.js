// Works: drop them, choose some, write about many at once, take them out.
import { ask, dialog, dropping, el, every, find, finished, get, later, say, sayError } from "./base.js";
import { withdraw } from "./withdrawing.js";

const root = find("#collection");
const version = () => root.dataset.version;

// ---- adding

let dropped = "";
dropping("add", async (drop) => {
  dropped = drop;
  const { files, media } = await get(`drops/${drop}`);
  find("#add-found").textContent = media.length ? media.map(([name, n]) => `${n} ${name}`).join(", ") : `${files} files, none of a kind that Etude reads`;
  find("#add-medium").replaceChildren(...media.map(([name, n]) => el("option", { value: name, textContent: `${name} (${n})` })));
  find("#add-medium-row").hidden = media.length < 2;
  find("#add-form").hidden = !media.length;
  if (media.length) find("#add-collection").focus();
});

find("#add-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const button = find("button", form);
  button.disabled = true;
  const result = find("#add-result");
  try {
    const job = await ask("add", { ...Object.fromEntries(new FormData(form)), drop: dropped });
    result.textContent = "Reading …";
    const added = await finished(job.id, (said) => { if (said.total) result.textContent = `Reading ${said.done + 1} of ${said.total} …`; });
    report(result, added, form.collection.value);
    form.hidden = true;
  } catch (error) { result.textContent = ""; sayError(error); } finally { button.disabled = false; }
});

function report(result, added, name) {
  const rows = [...added.skipped.map((row) => ["Left out", row]), ...added.warnings.map((row) => ["Note", row])];
  const twice = added.duplicates.filter((row) => row.kind !== "equal");
  result.replaceChildren(
    el("p", {}, el("strong", { textContent: `${added.works.length} works added` }), added.known ? `, ${added.known} known already` : "", ". "),
    el("p", {}, el("a", { className: "button main", href: `/collection?name=${encodeURIComponent(name)}`, textContent: "See them" })),
    rows.length ? el("details", { open: added.skipped.length > 0 }, el("summary", { textContent: `${rows.length} files with a word to say` }),
      el("ul", { className: "reasons" }, ...rows.slice(0, 200).map(([kind, row]) => el("li", {}, el("strong", { textContent: `${kind}: ` }), el("bdi", { textContent: row.file.split("/").at(-1) }), ` ${row.reason}`)))) : "",
    twice.length ? el("details", {}, el("summary", { textContent: `${twice.length} look like works that are there` }),
      el("ul", { className: "reasons" }, ...twice.slice(0, 200).map((row) => el("li", {}, el("bdi", { textContent: row.file.split("/").at(-1) }), " is like ", el("bdi", { textContent: row.title }))))) : "",
  );
}

for (const button of every("[data-sample]")) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const job = await ask("samples", { sample: button.dataset.sample });
      say(`Adding ${button.dataset.sample} …`);
      await finished(job.id);
      location.assign(`/collection?name=${encodeURIComponent(button.dataset.sample)}`);
    } catch (error) { sayError(error); button.disabled = false; }
  });
}

// Works that went to the trash can come back from here, too.
function removed(works) {
  for (const id of works) find(`#works [data-id="${id}"]`)?.remove();
  say(`${works.length} ${works.length === 1 ? "work is" : "works are"} in the trash.`, { act: ["Bring back", async () => {
    try { await ask("works/restore", { works }); later("They are back."); } catch (error) { sayError(error); }
  }] });
  get("versions").then((now) => { root.dataset.version = now.works; }, () => {});
  counted();
}

// ---- many at once

const boxes = every("#works input[type=checkbox]");
const chosen = () => boxes.filter((box) => box.isConnected).filter((box) => box.checked).map((box) => box.value);
const bulk = find("#bulk");

function counted() {
  const n = chosen().length;
  find("#chosen").textContent = n ? `${n} chosen` : "None chosen";
  for (const button of every("button", bulk)) button.disabled = !n;
  for (const box of boxes) box.closest("li").classList.toggle("chosen", box.checked);
  find("#all").indeterminate = n > 0 && n < boxes.length;
}

if (bulk) {
  for (const box of boxes) box.addEventListener("change", counted);
  find("#all").addEventListener("change", (event) => { for (const box of boxes) box.checked = event.target.checked; counted(); });
  bulk.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = Object.fromEntries([...new FormData(bulk)].filter(([, value]) => value));
    if ("where_unknown" in said) said.where_unknown = true;
    if (!Object.keys(said).some((key) => key !== "where_unknown")) { say("Nothing to write down: fill in a maker, a licence, consent or an attribute."); return; }
    try {
      const done = await ask("works/edit", { works: chosen(), ...said }, version());
      later(`Written down for ${done.changed} ${done.changed === 1 ? "work" : "works"}.`, done.version);
    } catch (error) { sayError(error); }
  });
  find("#withdraw").addEventListener("click", (event) => withdraw(chosen(), version(), event.target));
  find("#remove").addEventListener("click", async () => {
    const works = chosen();
    try {
      const would = await ask("works/remove", { works, try: true }, version());
      const models = new Set(would.works.flatMap((gone) => gone.models));
      const parts = [`${would.works.length} works go to the trash and out of their collections.`];
      if (models.size) parts.push(`${models.size} models learned from them, and know them still; ${would.takes} takes and ${would.pieces.length} pieces were made by these.`);
      dialog("Remove these works?", parts.map((text) => el("p", { textContent: text })), "Remove", async () => {
        await ask("works/remove", { works }, version());
        removed(works);
      });
    } catch (error) { sayError(error); }
  });
  counted();
}
