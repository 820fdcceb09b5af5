// The curve of a run on a page: its widget, and points as they come.
import { Model } from "./widgets/model.js";
import widget from "./widgets/curve.js";

export { clock } from "./widgets/curve.js";

export function curve(root, points = [], unit = "", marks = []) {
  const model = new Model({ points: [...points], unit, marks: [...marks] });
  widget.render({ model, el: root });
  return {
    add(seconds, value, of = "") {
      const known = model.get("points");
      if (of) model.set("unit", of);
      if (known.length && known.at(-1)[1] === value) return; // the figure stands until the next evaluation
      model.set("points", [...known, [seconds, value]]);
    },
    mark(seconds) { model.set("marks", [...model.get("marks"), seconds]); },
  };
}
