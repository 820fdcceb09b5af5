// What two versions share, word by word: a list of ["same" | "gone" | "new", words].
const parts = (text) => text.match(/\s+|[^\s]+/g) ?? [];

export function diff(before, after) {
  const [a, b] = [parts(before), parts(after)];
  if (a.length * b.length > 1e6) return [["gone", before], ["new", after]];
  const width = b.length + 1;
  const best = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      best[i * width + j] = a[i] === b[j] ? best[(i + 1) * width + j + 1] + 1 : Math.max(best[(i + 1) * width + j], best[i * width + j + 1]);
    }
  }
  const out = [];
  const add = (kind, text) => { if (out.at(-1)?.[0] === kind) out.at(-1)[1] += text; else out.push([kind, text]); };
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) { add("same", a[i]); i += 1; j += 1; }
    else if (j >= b.length || (i < a.length && best[(i + 1) * width + j] >= best[i * width + j + 1])) { add("gone", a[i]); i += 1; }
    else { add("new", b[j]); j += 1; }
  }
  return joined(out);
}

// Blanks alone between two changes belong to both: two words changed in a row are one change.
function joined(rows) {
  const out = [];
  for (let k = 0; k < rows.length;) {
    if (rows[k][0] === "same") { out.push(rows[k]); k += 1; continue; }
    let [gone, fresh] = ["", ""];
    while (k < rows.length && (rows[k][0] !== "same" || (!rows[k][1].trim() && k + 1 < rows.length))) {
      if (rows[k][0] !== "new") gone += rows[k][1];
      if (rows[k][0] !== "gone") fresh += rows[k][1];
      k += 1;
    }
    if (gone) out.push(["gone", gone]);
    if (fresh) out.push(["new", fresh]);
  }
  return out;
}
