// A sketch: strokes with the pressure of a pen, a picture to draw on, strokes taken back.
import { find } from "./base.js";

export function sketching(changed) {
  const canvas = find("#sketch");
  const ink = canvas.getContext("2d");
  const strokes = [];
  let ground = null;
  let stroke = null;

  const line = ({ colour, points }) => {
    ink.strokeStyle = ink.fillStyle = colour;
    ink.lineCap = ink.lineJoin = "round";
    points.forEach((point, i) => {
      const last = points[Math.max(0, i - 1)];
      ink.lineWidth = point.width;
      ink.beginPath();
      ink.moveTo(last.x, last.y);
      ink.lineTo(point.x + 0.01, point.y);
      ink.stroke();
    });
  };
  const paint = () => {
    ink.fillStyle = "#ffffff";
    ink.fillRect(0, 0, canvas.width, canvas.height);
    if (ground) {
      const scale = Math.max(canvas.width / ground.width, canvas.height / ground.height);
      ink.drawImage(ground, (canvas.width - ground.width * scale) / 2, (canvas.height - ground.height * scale) / 2, ground.width * scale, ground.height * scale);
    }
    strokes.forEach(line);
  };
  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    const press = event.pointerType === "pen" ? 0.25 + 1.5 * event.pressure : 1;
    return { x: ((event.clientX - box.left) * canvas.width) / box.width, y: ((event.clientY - box.top) * canvas.height) / box.height, width: Number(find("#nib").value) * press };
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    stroke = { colour: find("#ink").value, points: [point(event)] };
    strokes.push(stroke);
    paint();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!stroke) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) stroke.points.push(point(one));
    paint();
  });
  canvas.addEventListener("pointerup", () => { if (stroke) { stroke = null; changed(); } });
  find("#sketch-undo").addEventListener("click", () => { strokes.pop(); paint(); changed(); });
  find("#sketch-clear").addEventListener("click", () => { strokes.length = 0; ground = null; paint(); changed(); });
  const take = async (file) => { if (!file) return; ground = await createImageBitmap(file); paint(); changed(); };
  find("#sketch-file").addEventListener("change", (event) => take(event.target.files[0]));
  canvas.addEventListener("dragover", (event) => event.preventDefault());
  canvas.addEventListener("drop", (event) => { event.preventDefault(); take(event.dataTransfer.files[0]); });
  paint();
  return {
    get empty() { return !ground && !strokes.length; },
    file: () => new Promise((done) => canvas.toBlob((blob) => done(new File([blob], "sketch.png")), "image/png")),
  };
}
