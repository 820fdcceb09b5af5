// What a widget is told and tells, outside of a notebook: the part of anywidget's model that our widgets use.
export class Model {
  constructor(values = {}) {
    this.values = { ...values };
    this.listeners = new Map();
    this.fresh = new Set();
  }

  get(name) { return this.values[name]; }

  set(name, value) {
    if (this.values[name] === value) return;
    this.values[name] = value;
    this.fresh.add(name);
    for (const act of this.listeners.get(`change:${name}`) ?? []) act(value);
  }

  on(event, act) { this.listeners.set(event, [...(this.listeners.get(event) ?? []), act]); }

  off(event, act) { this.listeners.set(event, (this.listeners.get(event) ?? []).filter((one) => one !== act)); }

  save_changes() {
    const said = [...this.fresh];
    this.fresh.clear();
    for (const act of this.listeners.get("saved") ?? []) act(said);
  }
}
