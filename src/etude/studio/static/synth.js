// Notes as sound, made in the page: a plain struck string of a few partials for each note, nothing loaded.
import { ends, notes } from "./widgets/roll.js";

const TPQ = 24;
let context = null;

const ready = () => {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
  return context;
};

// Seconds of a tick, by the tempos of a score.
export function clock(score) {
  const tempos = score.tempos.length ? score.tempos : [[0, 100]];
  return (tick) => tempos.reduce((sum, [from, tempo], i) => {
    const to = Math.min(tick, tempos[i + 1]?.[0] ?? tick);
    return to > from ? sum + ((to - from) / TPQ) * (60 / tempo) : sum;
  }, 0);
}

function note(out, pitch, at, length, loud) {
  const hz = 440 * 2 ** ((pitch - 69) / 12);
  const level = out.context.createGain();
  level.gain.setValueAtTime(0, at);
  level.gain.linearRampToValueAtTime(loud, at + 0.008);
  level.gain.setTargetAtTime(loud * 0.35, at + 0.01, 0.35);
  level.gain.setTargetAtTime(0, at + length, 0.06);
  level.connect(out);
  for (const [multiple, share] of [[1, 1], [2, 0.35], [3, 0.14], [4, 0.06]]) {
    const voice = out.context.createOscillator();
    const gain = out.context.createGain();
    voice.frequency.value = hz * multiple;
    gain.gain.value = share;
    voice.connect(gain).connect(level);
    voice.start(at);
    voice.stop(at + length + 0.5);
  }
}

// One note, to hear what was chosen.
export function strike(pitch) {
  try { const now = ready(); const out = now.createGain(); out.gain.value = 0.5; out.connect(now.destination); note(out, pitch, now.currentTime + 0.01, 0.25, 0.22); } catch { /* a browser without sound */ }
}

// A score from a tick on, as far as `until`: `moved(tick)` as it sounds, -1 at the end. Gives what stops it.
export function play(score, { from = 0, until = Infinity, moved = () => {} } = {}) {
  const now = ready();
  const out = now.createGain();
  out.gain.value = 0.5;
  const press = now.createDynamicsCompressor();
  out.connect(press).connect(now.destination);
  const seconds = clock(score);
  const [start, zero] = [now.currentTime + 0.08, seconds(from)];
  const last = Math.min(until, ends(score));
  for (const one of notes(score)) {
    if (one.onset < from || one.onset >= last || score.tracks[one.track][2]) continue;
    const [a, b] = [seconds(one.onset), seconds(Math.min(last, one.onset + one.duration))];
    note(out, one.pitch, start + a - zero, Math.max(0.05, b - a - 0.02), 0.05 + (0.2 * one.velocity) / 127);
  }
  let going = true;
  const frame = () => {
    if (!going) return;
    const gone = now.currentTime - start + zero;
    let [a, b] = [from, last];
    while (b - a > 0.5) { const middle = (a + b) / 2; if (seconds(middle) < gone) a = middle; else b = middle; }
    if (gone >= seconds(last)) { stop(); return; }
    moved(a);
    requestAnimationFrame(frame);
  };
  const stop = () => { if (!going) return; going = false; out.disconnect(); press.disconnect(); moved(-1); };
  requestAnimationFrame(frame);
  return stop;
}
