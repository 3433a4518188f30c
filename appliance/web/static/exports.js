// Taking footage away: ask for one MP4 file, see how far it is, fetch it.

import { ask, get } from "./api.js";
import { make, say, sureButton } from "./elements.js";

const LOOK_EVERY_MS = 1000;

const STATES = { waiting: "Waits for its turn", running: "Is being made", done: "Ready", failed: "Failed", cancelled: "Cancelled" };

/** `12.3 MB`. */
export function bytesWords(size) {
  if (size === null) return "size unknown";
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, size)) / 3));
  return `${(size / 1000 ** power).toFixed(power > 1 ? 1 : 0)} ${units[power]}`;
}

const local = (iso) => new Date(iso).toLocaleString([], { dateStyle: "short", timeStyle: "medium" });

/** The list of exports; it looks after those that are being made while it is shown. */
export class Exports {
  #timer = 0;
  #shown = false;
  #nameOf;
  #rows = new Map();

  constructor(nameOf) {
    this.#nameOf = nameOf;
    this.list = make("ul", { className: "exports" });
    this.problem = make("p", { className: "error", hidden: true });
    this.element = make("div", {}, this.problem, this.list);
  }

  show() {
    this.#shown = true;
    this.#look();
  }

  hide() {
    this.#shown = false;
    clearTimeout(this.#timer);
  }

  /** Ask for an export; throws a `Problem` when it is refused. */
  async add(wanted) {
    await ask("POST", "/exports", wanted);
    await this.#look();
  }

  async #look() {
    clearTimeout(this.#timer);
    try {
      const { data } = await get("/exports");
      this.#replace(data.items);
      this.problem.hidden = true;
      const active = data.items.some((one) => one.state === "waiting" || one.state === "running");
      if (active && this.#shown) this.#timer = setTimeout(() => this.#look(), LOOK_EVERY_MS);
    } catch (problem) {
      this.#complain(problem);
      if (this.#shown) this.#timer = setTimeout(() => this.#look(), 3 * LOOK_EVERY_MS);
    }
  }

  #complain(problem) {
    say(this.problem, problem.message);
    this.problem.hidden = false;
  }

  #replace(items) {
    const wanted = new Set(items.map((one) => one.id));
    for (const [id, row] of this.#rows) {
      if (wanted.has(id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
    items.forEach((one, place) => {
      if (!this.#rows.has(one.id)) this.#rows.set(one.id, this.#row());
      const row = this.#rows.get(one.id);
      if (this.list.children[place] !== row.element) this.list.insertBefore(row.element, this.list.children[place] ?? null);
      this.#fill(row, one);
    });
  }

  #row() {
    const row = { state: null, what: make("p"), how: make("p", { className: "muted" }), bar: make("progress", { max: 1, hidden: true }), buttons: make("span", { className: "buttons" }) };
    row.element = make("li", { className: "export" }, row.what, row.how, row.bar, row.buttons);
    return row;
  }

  #fill(row, one) {
    say(row.what, `${this.#nameOf(one.camera_id)}, ${local(one.from)} – ${new Date(one.to).toLocaleTimeString()}`);
    say(row.how, howOf(one));
    row.bar.hidden = one.state !== "running";
    row.bar.value = one.progress;
    row.bar.setAttribute("aria-label", "Progress of the export");
    if (row.state === one.state) return;
    row.state = one.state;
    row.element.dataset.state = one.state;
    row.buttons.replaceChildren(...this.#offers(one));
  }

  #offers(one) {
    const active = one.state === "waiting" || one.state === "running";
    const remove = async () => {
      try {
        await ask("DELETE", `/exports/${one.id}`);
        await this.#look();
      } catch (problem) {
        this.#complain(problem);
      }
    };
    if (active) {
      const cancel = make("button", { type: "button", className: "small", textContent: "Cancel" });
      cancel.addEventListener("click", remove);
      return [cancel];
    }
    const fetched = one.file === null ? [] : [make("a", { className: "button small", href: one.file, textContent: "Download", download: "" })];
    return [...fetched, sureButton("Delete", "Really delete?", "Delete this export", remove)];
  }
}

function howOf(one) {
  const words = [STATES[one.state] ?? one.state];
  if (one.state === "running") words[0] += ` (${Math.round(one.progress * 100)} %)`;
  if (one.reason !== "") words.push(one.reason);
  if (one.state === "done") words.push(bytesWords(one.size));
  else if (one.state === "waiting" || one.state === "running") words.push(`about ${bytesWords(one.size)}`);
  if (one.gaps.length > 0) words.push(one.gaps.length === 1 ? "1 gap closed up" : `${one.gaps.length} gaps closed up`);
  return words.join(" · ");
}
