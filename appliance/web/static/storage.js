// Where footage is kept: each storage path's disk, what lies in it, and how long its room lasts.

import { get } from "./api.js";
import { byId, make, say } from "./elements.js";
import { bytesWords } from "./exports.js";

const EVERY_MS = 30_000;
const DAY_S = 86_400;

const STATES = {
  unchecked: ["Not looked at yet", "wait"],
  ok: ["Ok", "good"],
  unmounted: ["Not mounted", "bad"],
  wrong_disk: ["Another disk", "bad"],
  read_only: ["Read-only", "bad"],
  full: ["Full", "bad"],
  failing: ["Failing", "bad"],
  slow: ["Too slow", "warn"],
};
const CLASSES = {
  continuous: "continuous",
  motion: "motion",
  low: "low events",
  medium: "medium events",
  high: "high events",
  critical: "critical events",
  new: "newest, not sorted yet",
};

/** The panel; it looks again every half minute while the page is seen. */
export class StoragePanel {
  #list = byId("storage-list");
  #problem = byId("storage-problem");
  #rows = new Map();

  constructor() {
    setInterval(() => document.hidden || this.load(), EVERY_MS);
    document.addEventListener("visibilitychange", () => document.hidden || this.load());
  }

  async load() {
    try {
      const { data } = await get("/system/storage");
      this.#show(data.paths);
      this.#problem.hidden = true;
    } catch (problem) {
      say(this.#problem, problem.message);
      this.#problem.hidden = false;
    }
  }

  #show(paths) {
    for (const path of paths) {
      if (!this.#rows.has(path.path)) this.#rows.set(path.path, new Row(this.#list));
      this.#rows.get(path.path).show(path);
    }
  }
}

class Row {
  constructor(list) {
    this.name = make("h3");
    this.state = make("span", { className: "state" }, make("span", { className: "dot", aria: { hidden: "true" } }), make("span"));
    this.where = make("p", { className: "muted" });
    this.reason = make("p", { className: "warning" });
    this.bar = make("meter", { min: 0, max: 1 });
    this.lines = [this.where, this.reason, this.bar, ...["p", "p", "p"].map((tag) => make(tag))];
    list.append(make("li", { className: "panel path" }, make("div", { className: "camera-head" }, this.name, this.state), ...this.lines));
  }

  show(path) {
    const [word, tone] = STATES[path.state] ?? [path.state, "idle"];
    say(this.name, path.name);
    say(this.state.lastElementChild, word);
    this.state.dataset.tone = tone;
    const texts = [whereOf(path), path.reason, null, roomOf(path), footageOf(path), lastsOf(path)];
    this.lines.forEach((line, place) => {
      if (texts[place] === null) return;
      say(line, texts[place]);
      line.hidden = texts[place] === "";
    });
    const { capacity_bytes: capacity, free_bytes: free } = path;
    this.bar.hidden = !capacity || free === null;
    if (this.bar.hidden) return;
    this.bar.value = 1 - free / capacity;
    this.bar.setAttribute("aria-label", `${path.name}: ${Math.round(100 * this.bar.value)} % used`);
  }
}

function whereOf({ path, role }) {
  return `${path} · ${role === "cold" ? "takes what is moved from the others" : "recorded to"}`;
}

function roomOf({ capacity_bytes: capacity, free_bytes: free, reserve_bytes: reserve }) {
  if (capacity === null || free === null) return "How much room there is is not known.";
  const kept = reserve === null ? "" : `; ${bytesWords(reserve)} are to stay free`;
  return `${bytesWords(capacity - free)} used, ${bytesWords(free)} free of ${bytesWords(capacity)}${kept}.`;
}

function footageOf({ footage_bytes: sizes, protected_bytes: kept }) {
  const parts = Object.entries(CLASSES).filter(([name]) => sizes[name] > 0).map(([name, words]) => `${words} ${bytesWords(sizes[name])}`);
  if (parts.length === 0) return "No footage in it yet.";
  const whole = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  const safe = kept > 0 ? `. Protected: ${bytesWords(kept)}` : "";
  return `Footage: ${bytesWords(whole)} (${parts.join(", ")})${safe}.`;
}

function lastsOf({ role, bytes_per_s: pace, days_left: days }) {
  if (pace !== null && days === null) return "";
  if (pace === null) return role === "cold" ? "" : "How long the room lasts is known after some minutes of recording.";
  const at = `at the last hour’s ${bytesWords(pace * DAY_S)} a day`;
  if (days < 0.04) return `The free room is used up: the oldest footage makes room for the new, ${at}.`;
  return `The free room lasts ${days < 2 ? `${Math.round(days * 24)} hours` : `${Math.floor(days)} days`} ${at}; then the oldest footage makes room.`;
}
