// The list of drafts: begin one, remove one.
import { ask, dropping, every, find, go, later, sayError } from "./base.js";

find("#new")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = Object.fromEntries([...new FormData(event.target)].filter(([, value]) => value.trim()));
  try { go(`/draft/${encodeURIComponent((await ask("draft/new", said)).name)}`); } catch (error) { sayError(error); }
});

for (const row of every("[data-draft]")) {
  find("[data-do=remove]", row).addEventListener("click", async () => {
    try { await ask("draft/remove", { name: row.dataset.draft }); later("Moved to the trash, with its history."); } catch (error) { sayError(error); }
  });
}

dropping("begun", async (drop, files) => {
  const said = { drop, name: find("#new-name").value.trim() || files[0].name.replace(/\.[^.]*$/, "").replace(/[^\p{L}\p{N} _-]/gu, " ").trim().slice(0, 60) };
  go(`/draft/${encodeURIComponent((await ask("draft/new", said)).name)}`);
});
