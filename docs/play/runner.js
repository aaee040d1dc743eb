// Python for a page: one request at a time, in order. What takes too long is stopped, and Python
// starts anew, without the names that were made in it.
const PATIENCE = 60; // seconds

export class Runner extends EventTarget {
  // state: "starting", "ready", "busy", "failed"; every change is an event "state".
  constructor() {
    super();
    this.waiting = new Map();
    this.count = 0;
    this.begin();
  }

  begin() {
    this.worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data }) => this.hear(data);
    this.worker.onerror = (event) => this.fail(event.message || "its files could not be loaded");
    this.ready = false;
    this.change("starting");
  }

  change(state, why = "") {
    this.state = state;
    this.why = why;
    this.dispatchEvent(new Event("state"));
  }

  fail(why) {
    this.change("failed", why);
    this.drop(`Python did not start: ${why}. Load the page again.`);
  }

  hear({ id, reply, problem, ready, failed }) {
    if (failed) return this.fail(failed);
    if (ready) {
      this.ready = true;
      // from now on without a network too, where the browser allows it (see cache.js)
      navigator.serviceWorker?.register(new URL("cache.js", import.meta.url)).catch(() => {});
      for (const asked of this.waiting.values()) this.watch(asked);
    } else if (problem) {
      return this.stop(`Python broke down: ${problem}.`); // page.py has an answer to everything else
    } else {
      const asked = this.waiting.get(id);
      this.waiting.delete(id);
      clearTimeout(asked.timer);
      asked.give(JSON.parse(reply));
    }
    this.change(this.waiting.size ? "busy" : "ready");
  }

  // The reply to a request; an Error where Python broke down or was stopped.
  ask(request, patience = PATIENCE) {
    const id = ++this.count;
    return new Promise((give, refuse) => {
      if (this.state === "failed") return refuse(new Error(`Python did not start: ${this.why}.`));
      const asked = { give, refuse, patience };
      this.waiting.set(id, asked);
      if (this.ready) this.watch(asked);
      this.worker.postMessage({ id, request: JSON.stringify(request) });
      if (this.ready) this.change("busy");
    });
  }

  // Time runs from when Python is there.
  watch(asked) {
    asked.timer = setTimeout(() => this.stop(`It took more than ${asked.patience} s and was stopped.`), 1000 * asked.patience);
  }

  stop(why = "It was stopped.") {
    this.worker.terminate();
    this.drop(why);
    this.begin();
  }

  drop(why) {
    const dropped = [...this.waiting.values()];
    this.waiting.clear();
    for (const { timer, refuse } of dropped) {
      clearTimeout(timer);
      refuse(new Error(why));
    }
  }
}

// What a cell or a program shows, as elements: {kind, text} by kind.
const SHOWN = {
  html: (text) => Object.assign(document.createElement("div"), { innerHTML: text }),
  svg: (text) => Object.assign(new Image(), { src: `data:image/svg+xml,${encodeURIComponent(text)}`, alt: "Picture" }),
  text: (text) => Object.assign(document.createElement("pre"), { textContent: text }),
};

export function elementOf({ kind, text }) {
  const element = (SHOWN[kind] ?? SHOWN.text)(text);
  element.classList.add("output", `output-${kind}`);
  // what may be wider than its place is reached with the keyboard
  if (element.localName === "pre") Object.assign(element, { tabIndex: 0, role: "group", ariaLabel: kind });
  return element;
}
