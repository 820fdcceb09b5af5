// Proposals for a collection: looked for by a job, accepted one by one, taken back.
import { ask, dialog, el, find, finished, get, go, say, sayError } from "./base.js";
import { Model } from "./widgets/model.js";
import map, { COLOURS } from "./widgets/map.js";

const root = find("#curate");
const { name } = root?.dataset ?? {};
let found = null;
let about = null;

const percent = (share) => `${(100 * share).toFixed(share < 0.0995 && share > 0 ? 1 : 0)} %`;
const count = (n, one) => `${n.toLocaleString("en")} ${n === 1 ? one : `${one}s`}`;
const section = (title, ...inside) => el("section", {}, el("h2", { textContent: title }), ...inside);
const list = (rows, props = {}) => el("ul", { className: "said", ...props }, ...rows.map((row) => el("li", {}, row)));

async function wait(job) {
  const state = find("#state");
  await finished(job, (event) => { if (event.total) state.textContent = `${event.name || "Looking"}: ${Math.min(event.done + 1, event.total)} of ${event.total}`; });
  state.textContent = "";
  const { answer } = await get(`jobs/${job}/answer`);
  return answer;
}

function asked() {
  const form = find("#look");
  const [key, value, share] = [form.key.value, form.value.value, form.share.value];
  const targets = !key ? [] : value && share ? [`${key}=${value}:${(Number(share) / 100).toFixed(3)}`] : [`${key}=parity`];
  return { name, targets, balance: form.balance.value };
}

async function look(extra = {}) {
  const button = find("#look button.main");
  button.disabled = true;
  find("#state").textContent = "Reading the works …";
  try {
    found = await wait((await ask("curate", { ...asked(), ...extra })).id);
    show();
    return found;
  } catch (error) { find("#state").textContent = ""; sayError(error); return null; } finally { button.disabled = false; }
}

// ---- proposals

async function accept(kind, button) {
  button.disabled = true;
  const done = await look({ only: [kind] });
  if (!done) { button.disabled = false; return; }
  say(done.done.join(" "), { act: ["Take back", back] });
  await look();
}

async function back() {
  try { say((await ask("curate/undo", { name })).done.join(" ")); await look(); } catch (error) { sayError(error); }
}

async function reserved(button) {
  const works = found.reserved.filter((one) => one.holds === "not allowed" && one.consent !== "no");
  button.disabled = true;
  try {
    await ask("works/edit", { works: works.map((one) => one.id), consent: "no" }, root.dataset.version);
    say(`Consent is written down as no for ${count(works.length, "work")}.`);
    await fresh();
    await look();
  } catch (error) { button.disabled = false; sayError(error); }
}

const fresh = async () => { root.dataset.version = (await get("versions")).works; };
const ACTS = {
  consent: () => el("a", { className: "button", href: `/collection?name=${encodeURIComponent(name)}&show=open`, textContent: "See them" }),
  reserved: () => el("button", { type: "button", textContent: "Respect it: consent no", on: { click: (event) => reserved(event.target) } }),
};

function proposals() {
  if (!found.proposals.length) return section("Proposed", el("p", { className: "empty", textContent: "Nothing: no near-duplicates across the split, no work without licence or consent, no reservations." }));
  return section("Proposed", el("ul", { className: "proposals" }, ...found.proposals.map((one) => el("li", { data: { kind: one.kind } }, el("p", { textContent: one.what }),
    el("p", { className: "buttons" }, one.apply ? el("button", { type: "button", className: "main", textContent: "Accept", "aria-label": `Accept: ${one.what}`, on: { click: (event) => accept(one.kind, event.target) } }) : ACTS[one.kind]?.() ?? el("code", { textContent: one.command }))))));
}

// ---- near-duplicates side by side

async function remove(member, item, button) {
  button.disabled = true;
  try {
    const works = [member.id];
    const would = await ask("works/remove", { works, try: true }, root.dataset.version);
    const models = new Set(would.works.flatMap((gone) => gone.models));
    dialog(`Remove “${member.title}”?`, [el("p", { textContent: `It goes to the trash and out of its collections.${models.size ? ` ${count(models.size, "model")} learned from it; ${would.takes} takes and ${would.pieces.length} pieces were made by these.` : ""}` })], "Remove", async () => {
      await ask("works/remove", { works }, root.dataset.version);
      await fresh();
      item.remove();
      say(`“${member.title}” is in the trash.`, { act: ["Bring back", async () => { try { await ask("works/restore", { works }); await fresh(); await look(); } catch (error) { sayError(error); } }] });
    });
  } catch (error) { sayError(error); } finally { button.disabled = false; }
}

const ROLES = { train: "learned from", critic: "for the critic", "held-out": "held out", divided: "divided", none: "" };

function twin(member, pictured) {
  const view = pictured ? el("img", { className: "tile", src: `/content/${member.id}/tile`, alt: member.title, loading: "lazy" }) : el("div", { className: "words", dir: "auto", textContent: "…" });
  if (!pictured) get(`works/${member.id}`).then((one) => { view.textContent = one.begins; }, () => { view.textContent = ""; });
  const item = el("li", {}, view, el("p", {}, el("a", { href: `/collection/${member.id}` }, el("bdi", { textContent: member.title }))),
    el("p", { className: "help", textContent: [member.maker, member.like >= 0.9995 ? "the same content" : `${percent(member.like)} alike`, ROLES[member.role]].filter(Boolean).join(", ") }),
    el("p", { className: "acts" }, el("button", { type: "button", className: "quiet", textContent: "Remove …", "aria-label": `Remove ${member.title}`, on: { click: (event) => remove(member, item, event.target) } })));
  return item;
}

function twins(pictured) {
  if (!found.twins.length) return "";
  const some = found.twins.slice(0, 24);
  return section("Near-duplicates, side by side", ...some.map((group) => el("div", { className: "twins" },
    el("p", { className: "help", textContent: [group.exact ? "The same content" : "Nearly the same", group.across ? "on both sides of the split, so that copying would look normal" : "", ...group.differ.map((one) => `described differently (${one})`)].filter(Boolean).join("; ") }),
    el("ul", { className: "beside" }, ...group.members.slice(0, 6).map((member) => twin(member, pictured))),
    group.members.length > 6 ? el("p", { className: "help", textContent: `and ${group.members.length - 6} more` }) : "")),
  found.twins.length > some.length ? el("p", { className: "dim", textContent: `and ${found.twins.length - some.length} more groups` }) : "");
}

// ---- the map

function landscape() {
  if (!found.places?.length) return "";
  const keys = ["maker", ...found.attributes.map((row) => row.key).filter((key) => key !== "maker")];
  const best = found.attributes.filter((row) => row.shares.length > 1 && row.shares.length <= COLOURS).sort((a, b) => b.as_even_as - a.as_even_as)[0]?.key ?? "maker";
  const model = new Model({ places: found.places, regions: found.regions, about: about ?? {}, by: best, chosen: "" });
  const box = el("div", { id: "map" });
  const by = el("select", { id: "map-by", on: { change: () => model.set("by", by.value) } }, ...keys.map((key) => el("option", { value: key, textContent: key, selected: key === best })));
  model.on("change:chosen", (id) => go(`/collection/${id}`));
  map.render({ model, el: box });
  if (!about) get(`collections/${encodeURIComponent(name)}`).then(({ works }) => { about = Object.fromEntries(works.map(([id, ...rest]) => [id, rest])); model.set("about", about); }, sayError);
  const regions = el("ol", { className: "regions" }, ...found.regions.map((region) => el("li", { value: region.number }, ...region.named.flatMap(([id, title], i) => [i ? ", " : "", el("a", { href: `/collection/${id}` }, el("bdi", { textContent: title }))]),
    el("span", { className: "help", textContent: ` ${percent(region.share)}${region.mostly ? `, ${region.mostly}` : ""}${region.thin ? "; thin" : ""}` }))));
  return section("The map", el("p", { className: "dim", textContent: `What is alike lies side by side${found.passage ? `; a point is a passage of about ${found.passage.toLocaleString("en")} ${found.unit}` : ""}. Rings mark thin regions.` }), el("div", { className: "field short" }, el("label", { htmlFor: "map-by", textContent: "Coloured by" }), by), box, el("details", { className: "more" }, el("summary", { textContent: `The ${found.regions.length} regions, by the works in their middle` }), regions));
}

// ---- what it holds

function holds() {
  const rows = found.attributes.filter((row) => row.shares.length > 1);
  if (!rows.length) return "";
  return section("What it holds", ...rows.map((row) => el("details", { className: "more", open: row.shares.length <= 8 }, el("summary", { textContent: `${row.key}: ${count(row.shares.length, "value")}, as diverse as ${row.as_even_as.toFixed(1)} equal ones${row.unsaid ? `; ${count(row.unsaid, "work")} say nothing` : ""}` }),
    el("ul", { className: "shares" }, ...row.shares.slice(0, 24).map((share) => el("li", {}, el("bdi", { textContent: share.value }), el("meter", { min: 0, max: 1, value: share.of_units, "aria-label": share.value }), el("span", { className: "n", textContent: `${percent(share.of_units)}, ${count(share.works, "work")}${share.target ? `; you want ${percent(share.target)}` : ""}` })))))));
}

function show() {
  const pictured = root.dataset.pictured === "yes";
  const more = found.collect.length ? section("Collect more of", list(found.collect)) : "";
  const against = found.contradictions.length ? section("Contradictions", list(found.contradictions)) : "";
  find("#found").replaceChildren(proposals(), more, against, twins(pictured), landscape(), holds());
  const keys = found.attributes.map((row) => row.key);
  for (const [id, first] of [["#key", 1], ["#balance", 3]]) {
    const select = find(id);
    const known = select.value;
    while (select.options.length > first) select.lastChild.remove();
    select.append(...keys.filter((key) => id === "#key" || key !== "maker").map((key) => el("option", { value: key, textContent: key })));
    select.value = known;
  }
  values();
}

function values() {
  const row = found?.attributes.find((one) => one.key === find("#key").value);
  const select = find("#value");
  const known = select.value;
  while (select.options.length > 1) select.lastChild.remove();
  select.append(...(row?.shares ?? []).map((share) => el("option", { value: share.value, textContent: share.value })));
  if ([...select.options].some((one) => one.value === known)) select.value = known;
}

if (root) {
  find("#key").addEventListener("change", values);
  find("#look").addEventListener("submit", (event) => { event.preventDefault(); look(); });
  find("#undo").addEventListener("click", back);
  if (root.dataset.job) wait(root.dataset.job).then((answer) => { if (answer?.places) { found = answer; show(); } else look(); }, sayError);
  else look();
}
