// `npm install && npm run build`: src/etude/studio/static/vendor/codemirror.js, and its line in VENDOR.toml.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const vendor = new URL("../../src/etude/studio/static/vendor/", import.meta.url);
const here = new URL(".", import.meta.url).pathname;
const packages = ["@codemirror/commands", "@codemirror/language", "@codemirror/state", "@codemirror/view", "@lezer/common", "@lezer/highlight", "@marijn/find-cluster-break", "crelt", "style-mod", "w3c-keyname"];
const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url)));
const known = packages.map((name) => ({ name, ...read(`node_modules/${name}/package.json`) }));
if (known.some((one) => one.license !== "MIT")) throw new Error("Not all of these are under the MIT licence.");
const licence = readFileSync(new URL("node_modules/@codemirror/state/LICENSE", import.meta.url), "utf8").trim();
await build({
  entryPoints: [`${here}codemirror.js`], bundle: true, format: "esm", minify: true, target: "es2022", legalComments: "none",
  outfile: new URL("codemirror.js", vendor).pathname,
  banner: { js: `/* CodeMirror 6 (codemirror.net), MIT licence: see LICENSE.codemirror beside this file. */` },
  plugins: [{ name: "style", setup: (b) => {
    b.onResolve({ filter: /^style-mod$/ }, () => ({ path: `${here}style-mod.js` }));
    b.onResolve({ filter: /^style-mod\/src/ }, () => ({ path: `${here}node_modules/style-mod/src/style-mod.js` }));
  } }],
});
writeFileSync(new URL("LICENSE.codemirror", vendor), `${licence}\n`);
const sha256 = createHash("sha256").update(readFileSync(new URL("codemirror.js", vendor))).digest("hex");
const versions = known.map((one) => `${one.name} ${one.version}`).join(", ");
writeFileSync(new URL("VENDOR.toml", vendor), `# Files of third parties in this folder; a test holds them to these lines. Built by tools/studio/build.js.\n\n["codemirror.js"]\nof = "${versions}"\nlicence = "MIT"\nlicence_file = "LICENSE.codemirror"\nsha256 = "${sha256}"\n`);
