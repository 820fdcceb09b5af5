// An attached keyboard through Web MIDI: heard as it is played, and written into the score, step by step or in
// time. Browsers without it show nothing of this. `played` gets notes { pitch, onset, duration, velocity } in
// ticks from the place where writing began.
const TPQ = 24;
const TOGETHER = 80; // ms: what is struck within is a chord

export const available = () => typeof navigator.requestMIDIAccess === "function";

// Notes with their time in ms, put on a grid at a tempo: what was played in time.
export function quantised(notes, tempo, grid) {
  if (!notes.length) return [];
  const zero = Math.min(...notes.map((note) => note.from));
  const ticks = (ms) => (ms / 60000) * tempo * TPQ;
  const even = (tick) => Math.round(tick / grid) * grid;
  return notes.map((note) => {
    const onset = even(ticks(note.from - zero));
    return { pitch: note.pitch, velocity: note.velocity, onset, duration: Math.max(grid, even(ticks(note.to - zero)) - onset) };
  });
}

export class Keyboard {
  // `heard(pitch)` for each key that goes down; `played(notes, ticks)` for what is to be written and how far the
  // place moves on; `state(text)` in words.
  constructor({ heard, played, state }) {
    Object.assign(this, { heard, played, state, mode: "off", held: new Map(), chord: [], take: [], grid: 6, tempo: 100, timer: 0 });
  }

  async open() {
    const access = await navigator.requestMIDIAccess({ sysex: false });
    const join = () => {
      const inputs = [...access.inputs.values()];
      for (const input of inputs) input.onmidimessage = (event) => this.message(event.data, event.timeStamp || performance.now());
      this.state(inputs.length ? `${inputs.map((input) => input.name || "A keyboard").join(", ")}: play` : "No keyboard is attached; plug one in.");
      return inputs.length;
    };
    access.onstatechange = join;
    return join();
  }

  message([status, pitch, velocity], at) {
    const kind = status & 0xf0;
    if (kind === 0x90 && velocity > 0) this.down(pitch, velocity, at);
    else if (kind === 0x80 || kind === 0x90) this.up(pitch, at);
  }

  down(pitch, velocity, at) {
    this.heard(pitch);
    if (this.mode === "off") return;
    this.held.set(pitch, { pitch, velocity, from: at });
    if (this.mode !== "steps") return;
    if (this.chord.length && at - this.chord[0].from > TOGETHER) this.step();
    this.chord.push({ pitch, velocity, from: at });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.step(), TOGETHER);
  }

  up(pitch, at) {
    const note = this.held.get(pitch);
    this.held.delete(pitch);
    if (note && this.mode === "time") {
      this.take.push({ ...note, to: at });
      this.state(`${this.take.length} ${this.take.length === 1 ? "note" : "notes"} played; stop to write them down`);
    }
  }

  step() {
    clearTimeout(this.timer);
    const chord = this.chord.splice(0);
    if (chord.length) this.played(chord.map((note) => ({ pitch: note.pitch, velocity: note.velocity, onset: 0, duration: this.grid })), this.grid);
  }

  // What was played in time is written when it is stopped.
  set(mode) {
    this.step();
    const notes = this.take.splice(0);
    this.mode = mode;
    this.held.clear();
    const written = quantised(notes, this.tempo, this.grid);
    if (written.length) this.played(written, Math.max(...written.map((note) => note.onset + note.duration)));
  }
}
