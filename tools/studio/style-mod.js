// In the place of style-mod in the bundle: its rules as constructed style sheets, which a strict policy allows
// where <style> is refused, and in a layer, so that the studio's own sheet prevails.
import { StyleModule as Rules } from "style-mod/src/style-mod.js";

const mounted = new WeakMap();

export class StyleModule extends Rules {
  static mount(root, modules) {
    const known = mounted.get(root) ?? mounted.set(root, new Set()).get(root);
    const fresh = (Array.isArray(modules) ? modules : [modules]).filter((one) => !known.has(one));
    for (const one of fresh) {
      known.add(one);
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(`@layer codemirror {\n${one.getRules()}\n}`);
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    }
  }
}
