// Takes on a page while a model learns: their widget, and new ones as they come.
import { Model } from "./widgets/model.js";
import widget from "./widgets/early.js";

export function early(root, shown = []) {
  const model = new Model({ shown });
  widget.render({ model, el: root.querySelector(".early-takes") });
  const stand = () => { root.hidden = !model.get("shown").length; };
  stand();
  return {
    add(event) {
      if (!event.takes?.length) return;
      model.set("shown", [...model.get("shown"), { step: event.step, spent_s: event.spent_s, takes: event.takes }]);
      stand();
    },
  };
}
