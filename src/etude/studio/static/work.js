// One work: taken back, with what that would touch shown first.
import { find } from "./base.js";
import { withdraw } from "./withdrawing.js";

const root = find("#work");
find("#withdraw").addEventListener("click", (event) => withdraw([root.dataset.work], root.dataset.version, event.target));
