// What leaves the studio: a credential is read word by word before anybody signs; a dropped file is checked.
import { ask, dropping, el, every, field, find, finished, later, sayError } from "./base.js";

for (const piece of every("[data-piece]")) {
  const box = find(".signing", piece);
  find("[data-do=sign]", piece).addEventListener("click", () => {
    const name = el("input", { type: "text", maxLength: 120, placeholder: find("#signers option") ? "as before" : "your name, as everybody will read it", autocomplete: "name" });
    name.setAttribute("list", "signers");
    const show = el("button", { type: "button", className: "main", textContent: "Show what it would say" });
    const words = el("pre", { className: "credential", tabIndex: 0, hidden: true });
    words.setAttribute("aria-label", "What becomes public");
    const yes = el("button", { type: "button", className: "main", textContent: "Sign this", hidden: true });
    const state = el("p", {});
    box.replaceChildren(field("Sign as", name, `as-${piece.id}`), show, state, words, yes);
    name.focus();
    const run = async (button, body, then) => {
      button.disabled = true;
      state.textContent = "A moment …";
      try { then(await finished((await ask("sign", { piece: piece.dataset.piece, name: name.value.trim(), ...body })).id)); state.textContent = ""; } catch (error) { state.textContent = ""; sayError(error); } finally { button.disabled = false; }
    };
    name.addEventListener("input", () => { words.hidden = yes.hidden = true; });
    show.addEventListener("click", () => (!name.value.trim() && !find("#signers option") ? name.focus() : run(show, {}, (found) => {
      words.textContent = found.text;
      words.hidden = yes.hidden = false;
      yes.textContent = `Sign this as ${name.value.trim() || "before"}`;
      words.focus();
    })));
    yes.addEventListener("click", () => run(yes, { yes: true }, (done) => later(`Signed by ${done.signer}. The key's fingerprint begins with ${done.fingerprint.slice(0, 8)}.`)));
  });
}

dropping("verify", async (drop) => {
  const box = find("#verified");
  box.textContent = "Looking …";
  try {
    const found = await finished((await ask("verify", { drop })).id);
    box.replaceChildren(el("h3", { textContent: found.state.replace("-", " "), data: { state: found.code === 0 ? "good" : "open" } }), el("pre", { className: "credential", tabIndex: 0, textContent: found.text }));
  } catch (error) { box.textContent = ""; sayError(error); }
});
