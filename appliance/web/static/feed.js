// What happened: open alerts, and events newest first, each with its picture.

import { ask, get } from "./api.js";
import { ago, byId, lasting, make, say, sureButton, tight, time } from "./elements.js";

const PAGE = 30;
const MOST_SHOWN = 300;

const SEVERITIES = { low: "Low", medium: "Medium", high: "High", critical: "Critical" };

function severity(word) {
  return make("span", { className: "severity", textContent: SEVERITIES[word] ?? word });
}

function course(event) {
  if (event.state === "open") return "still there";
  if (event.state === "interrupted") return "cut off by a restart";
  return `for ${lasting(event.started_at, event.ended_at)}`;
}

/** One event; made anew whenever it changes, but its picture only when that is another one. */
class EventRow {
  #tell;
  #gone;
  #nameOf;
  #play;

  constructor(event, nameOf, tell, gone, play) {
    this.#play = play;
    this.#nameOf = nameOf;
    this.#tell = tell;
    this.#gone = gone;
    this.thumb = make("div", { className: "thumb" });
    this.text = make("div", { className: "event-text" });
    this.why = make("details", { className: "why" });
    this.buttons = make("span", { className: "buttons" });
    const foot = make("div", { className: "event-foot" }, this.why, this.buttons);
    this.element = make("li", { className: "event" }, this.thumb, this.text, foot);
    this.element.row = this;
    this.update(event);
  }

  update(event) {
    const before = this.event;
    this.event = event;
    this.element.dataset.severity = event.severity;
    this.element.classList.toggle("reviewed", event.reviewed);
    if (before === undefined || before.picture !== event.picture) this.#picture();
    this.#words();
    if (before === undefined || before.risk_score !== event.risk_score) this.#reasons();
    if (before === undefined || before.reviewed !== event.reviewed) this.#offer();
  }

  #picture() {
    const { picture, label } = this.event;
    if (picture === null) {
      this.thumb.replaceChildren(this.event.state === "open" ? "No picture yet" : "No picture");
      return;
    }
    const image = make("img", { alt: `Picture of the ${label}`, loading: "lazy", decoding: "async" });
    image.addEventListener("error", () => this.thumb.replaceChildren("Picture is gone"));
    image.src = picture;
    this.thumb.replaceChildren(image);
  }

  #words() {
    const { event } = this;
    const line = make("p", { className: "event-line" }, severity(event.severity), time(event.started_at));
    const summary = make("p", { className: "event-summary", textContent: tight(event.summary || event.label) });
    const where = make("p", { className: "event-line muted", textContent: tight(`${this.#nameOf(event.camera_id)} · ${course(event)}`) });
    this.text.replaceChildren(line, summary, where);
  }

  #reasons() {
    const { risk_score: score, risk_factors: factors } = this.event;
    const rows = factors.map(({ points, detail }) =>
      make("li", {}, make("span", { textContent: points >= 0 ? `+${points}` : `−${-points}` }), make("span", { textContent: detail })),
    );
    this.why.replaceChildren(make("summary", { textContent: `Risk ${score} of 100` }), make("ul", {}, ...rows));
  }

  #offer() {
    const { id, reviewed, summary, label } = this.event;
    const what = summary || label;
    const play = make("button", { type: "button", className: "small", textContent: "▶ Play", aria: { label: `Play: ${what}` } });
    play.addEventListener("click", () => this.#play(this.event));
    const mark = make("button", {
      type: "button",
      className: "small",
      textContent: reviewed ? "✓ Reviewed" : "Reviewed",
      aria: { pressed: String(reviewed), label: `Reviewed: ${what}` },
    });
    mark.addEventListener("click", () =>
      this.#try(async () => this.update((await ask("PATCH", `/events/${id}`, { reviewed: !this.event.reviewed })).data)),
    );
    const remove = sureButton("Delete", "Really delete?", `Delete the event: ${what}`, () =>
      this.#try(async () => {
        await ask("DELETE", `/events/${id}`);
        this.#gone(id);
      }),
    );
    const hadFocus = this.buttons.contains(document.activeElement);
    this.buttons.replaceChildren(play, mark, remove);
    if (hadFocus) mark.focus();
  }

  async #try(work) {
    try {
      await work();
    } catch (problem) {
      this.#tell(problem.message);
    }
  }
}

/** The list of events. */
export class Feed {
  #rows = new Map();
  #list = byId("event-list");
  #older = byId("older");
  #next = null;
  #nameOf;
  #tell;
  #play;

  /** `play(event)` shows an event's clip. */
  constructor(nameOf, tell, play) {
    this.#nameOf = nameOf;
    this.#tell = tell;
    this.#play = play;
    this.#older.addEventListener("click", () => this.#showOlder());
  }

  /** Fetch the newest events and return the cursor of that snapshot. */
  async load() {
    const { data, cursor } = await get(`/events?limit=${PAGE}`);
    const wanted = new Set(data.items.map((event) => event.id));
    for (const id of [...this.#rows.keys()]) if (!wanted.has(id)) this.remove(id);
    for (const event of data.items) this.put(event);
    this.#setNext(data.next);
    this.#count();
    return cursor;
  }

  /** Show an event, or what has changed of it; `isNews` is set for one that has just begun. */
  put(event, isNews = false) {
    const known = this.#rows.get(event.id);
    if (known !== undefined) {
      known.update(event);
      return;
    }
    const row = new EventRow(event, this.#nameOf, this.#tell, (id) => this.remove(id), this.#play);
    this.#rows.set(event.id, row);
    if (isNews) {
      row.element.classList.add("new");
      this.#announce(event);
    }
    this.#list.insertBefore(row.element, this.#placeOf(event));
    this.#trim();
    this.#count();
  }

  remove(id) {
    this.#rows.get(id)?.element.remove();
    this.#rows.delete(id);
    this.#count();
  }

  has(id) {
    return this.#rows.has(id);
  }

  #placeOf(event) {
    for (const element of this.#list.children) if (comesBefore(event, element.row.event)) return element;
    return null;
  }

  #trim() {
    if (this.#rows.size <= MOST_SHOWN) return;
    this.remove(this.#list.lastElementChild.row.event.id);
  }

  async #showOlder() {
    this.#older.disabled = true;
    try {
      const { data } = await get(`/events?limit=${PAGE}&page=${encodeURIComponent(this.#next)}`);
      for (const event of data.items) this.put(event);
      this.#setNext(this.#rows.size >= MOST_SHOWN ? null : data.next);
    } catch (problem) {
      this.#tell(problem.message);
    } finally {
      this.#older.disabled = false;
    }
  }

  #setNext(token) {
    this.#next = token;
    this.#older.hidden = token === null;
  }

  #announce(event) {
    const word = SEVERITIES[event.severity] ?? event.severity;
    byId("announcer").textContent = `${word}: ${event.summary || event.label} at ${this.#nameOf(event.camera_id)}, ${ago(event.started_at)}`;
  }

  #count() {
    byId("feed-empty").hidden = this.#rows.size > 0;
    say(byId("feed-count"), this.#rows.size === 0 ? "" : `newest ${this.#rows.size}`);
  }
}

// Newest first; ids break ties, as the server does it.
function comesBefore(one, other) {
  if (one.started_at !== other.started_at) return one.started_at > other.started_at;
  return one.id > other.id;
}

/** Open alerts: what the owner wanted to be told of and nobody has looked at yet. */
export class Alerts {
  #shown = new Map();
  #nameOf;
  #tell;

  constructor(nameOf, tell) {
    this.#nameOf = nameOf;
    this.#tell = tell;
  }

  /** Fetch the open alerts and return the cursor of that snapshot. */
  async load() {
    const { data, cursor } = await get("/alerts?state=open&limit=50");
    for (const id of [...this.#shown.keys()]) this.#remove(id);
    for (const alert of data.items.reverse()) this.put(alert);
    return cursor;
  }

  put(alert) {
    this.#remove(alert.id);
    if (alert.state === "open") {
      const element = this.#make(alert);
      this.#shown.set(alert.id, { element, eventId: alert.event_id });
      byId("alert-list").prepend(element);
    }
    this.#count();
  }

  /** An event is gone, and its alerts with it. */
  eventGone(eventId) {
    for (const [id, shown] of [...this.#shown]) if (shown.eventId === eventId) this.#remove(id);
    this.#count();
  }

  #remove(id) {
    this.#shown.get(id)?.element.remove();
    this.#shown.delete(id);
  }

  #make(alert) {
    const what = alert.summary || alert.label;
    const line = make("p", { className: "event-line" }, severity(alert.severity), time(alert.created_at));
    const text = make("p", { className: "event-summary", textContent: tight(what) });
    const where = make("p", { className: "event-line muted", textContent: `${this.#nameOf(alert.camera_id)} · rule ${alert.rule_name}` });
    const buttons = make("span", { className: "buttons" }, this.#button(alert, "acknowledge", "Acknowledge"), this.#button(alert, "dismiss", "Dismiss"));
    return make("li", { className: "alert", data: { severity: alert.severity } }, line, text, where, buttons);
  }

  #button(alert, verb, text) {
    const label = `${text}: ${alert.summary || alert.label}`;
    const button = make("button", { type: "button", className: "small", textContent: text, aria: { label } });
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        this.put((await ask("POST", `/alerts/${alert.id}/${verb}`)).data);
      } catch (problem) {
        this.#tell(problem.message);
        button.disabled = false;
      }
    });
    return button;
  }

  #count() {
    byId("alerts").hidden = this.#shown.size === 0;
    say(byId("alerts-title"), this.#shown.size === 1 ? "1 alert" : `${this.#shown.size} alerts`);
  }
}
