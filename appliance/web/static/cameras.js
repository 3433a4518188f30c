// The cameras: one card each with state and newest frame, and the form that adds one.

import { ask } from "./api.js";
import { byId, make, say, sureButton } from "./elements.js";
import { decodingOf, factsOf, measuredOf, recordingOf, troublesOf } from "./figures.js";
import { LargeView } from "./large_view.js";
import { RecordingForm } from "./recording_form.js";
import { Screen, STATES } from "./screen.js";

/** One camera's card. Its picture is read only while somebody can see it; a click shows it large. */
class Card {
  #camera;
  #stats = null;
  #remove;
  #look;

  constructor(camera, remove, look, enlarge) {
    this.#remove = remove;
    this.#look = look;
    this.screen = new Screen({ small: true });
    this.watch = make("button", { type: "button", className: "watch", on: { click: () => enlarge(this.#camera) } });
    this.screen.element.append(this.watch);
    this.name = make("h3");
    this.state = make("span", { className: "state" }, make("span", { className: "dot", aria: { hidden: "true" } }), make("span"));
    this.reason = make("p", { className: "reason" });
    this.recording = make("p", { className: "recording" }, make("span", { className: "dot", aria: { hidden: "true" } }), make("span"));
    this.facts = make("p");
    this.decoding = make("p");
    this.measured = make("p", { className: "measured" });
    this.troubles = make("p", { className: "warning" });
    this.buttons = make("span", { className: "buttons" });
    const head = make("div", { className: "camera-head" }, this.name, this.state);
    const figures = make("div", { className: "figures" }, this.facts, this.decoding, this.measured, this.troubles);
    const foot = make("div", { className: "camera-foot" }, figures, this.buttons);
    this.form = new RecordingForm(camera, () => this.#formClosed());
    const body = make("div", { className: "camera-body" }, head, this.reason, this.recording, foot, this.form.element);
    this.element = make("li", { className: "camera", data: { camera: camera.id } }, this.screen.element, body);
    this.element.card = this;
    this.update(camera);
  }

  update(camera) {
    const before = this.#camera;
    this.#camera = camera;
    const [word, tone] = STATES[camera.status] ?? [camera.status, "idle"];
    say(this.name, camera.name);
    say(this.state.lastElementChild, word);
    this.state.dataset.tone = tone;
    say(this.reason, camera.status_reason);
    this.reason.hidden = camera.status_reason === "";
    this.#figures();
    this.watch.setAttribute("aria-label", `Watch ${camera.name} large`);
    this.screen.update(camera);
    if (before?.enabled !== camera.enabled || before?.name !== camera.name) this.#offer(camera);
  }

  measure(stats) {
    this.#stats = stats;
    this.#figures();
  }

  setSeen(seen) {
    this.screen.setSeen(seen);
  }

  gone() {
    this.screen.gone();
    this.element.remove();
  }

  #figures() {
    const [text, tone] = recordingOf(this.#camera, this.#stats);
    say(this.recording.lastElementChild, text);
    this.recording.dataset.tone = tone;
    const shown = [
      [this.facts, factsOf(this.#camera)],
      [this.decoding, decodingOf(this.#camera, this.#stats)],
      [this.measured, measuredOf(this.#camera, this.#stats)],
      [this.troubles, troublesOf(this.#stats)],
    ];
    for (const [line, text] of shown) {
      say(line, text);
      line.hidden = text === "";
    }
  }

  #offer(camera) {
    const look = make("button", { type: "button", className: "small", textContent: "Footage", aria: { label: `Footage of ${camera.name}` } });
    look.addEventListener("click", () => this.#look(camera.id));
    if (camera.managed_by === "file") {
      this.buttons.replaceChildren(look, make("span", { className: "muted", textContent: "Set in the configuration file" }));
      return;
    }
    const text = camera.enabled ? "Switch off" : "Switch on";
    const toggle = make("button", { type: "button", className: "small", textContent: text, aria: { label: `${text} ${camera.name}` } });
    toggle.addEventListener("click", async () => {
      toggle.disabled = true;
      await this.#try(() => ask("PATCH", `/cameras/${camera.id}`, { enabled: !camera.enabled }));
      toggle.disabled = false;
    });
    const remove = sureButton("Delete", "Really delete?", `Delete ${camera.name}`, () =>
      this.#try(async () => {
        await ask("DELETE", `/cameras/${camera.id}`);
        this.#remove(camera.id);
      }),
    );
    this.record = make("button", { type: "button", className: "small", textContent: "Recording", aria: { label: `Recording of ${camera.name}`, expanded: String(!this.form.element.hidden) } });
    this.record.addEventListener("click", () => this.#openForm());
    this.buttons.replaceChildren(look, this.record, toggle, remove);
  }

  #openForm() {
    if (!this.form.element.hidden) return this.form.close();
    this.record.setAttribute("aria-expanded", "true");
    return this.form.open(this.#camera);
  }

  #formClosed() {
    this.record.setAttribute("aria-expanded", "false");
    this.record.focus();
  }

  async #try(work) {
    try {
      await work();
    } catch (problem) {
      say(this.reason, problem.message);
      this.reason.hidden = false;
    }
  }
}

/** All cards, in the order of the list. */
export class Cameras {
  #cards = new Map();
  #names = new Map();
  #list = byId("camera-list");
  #large = new LargeView();
  #watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) entry.target.card.setSeen(entry.isIntersecting);
  });
  #onCount;
  #look;

  /** `look(id)` opens a camera's footage. */
  constructor(onCount, look) {
    this.#onCount = onCount;
    this.#look = look;
    document.addEventListener("visibilitychange", () => this.#visibility());
    addEventListener("pagehide", () => this.#each((card) => card.setSeen(false)));
  }

  name(id) {
    return this.#names.get(id) ?? id;
  }

  replace(cameras) {
    const wanted = new Set(cameras.map((camera) => camera.id));
    for (const id of [...this.#cards.keys()]) if (!wanted.has(id)) this.remove(id);
    for (const camera of cameras) this.put(camera);
    this.#onCount(this.#cards.size);
  }

  put(camera) {
    this.#names.set(camera.id, camera.name);
    this.#large.update(camera);
    const known = this.#cards.get(camera.id);
    if (known !== undefined) {
      known.update(camera);
      return;
    }
    const card = new Card(camera, (id) => this.remove(id), this.#look, (shown) => this.#large.open(shown));
    this.#cards.set(camera.id, card);
    this.#list.append(card.element);
    this.#watcher.observe(card.element);
    this.#onCount(this.#cards.size);
  }

  /** Show the figures of the moment; a camera that is not among them has none. */
  measure(cameras) {
    const stats = new Map(cameras.map((camera) => [camera.id, camera]));
    for (const [id, card] of this.#cards) card.measure(stats.get(id) ?? null);
  }

  remove(id) {
    const card = this.#cards.get(id);
    if (card === undefined) return;
    this.#watcher.unobserve(card.element);
    card.gone();
    this.#large.remove(id);
    this.#cards.delete(id);
    this.#onCount(this.#cards.size);
  }

  #visibility() {
    if (document.hidden) {
      this.#each((card) => card.setSeen(false));
      return;
    }
    // Observing again reports at once which cards are in view.
    this.#each((card) => {
      this.#watcher.unobserve(card.element);
      this.#watcher.observe(card.element);
    });
  }

  #each(work) {
    for (const card of this.#cards.values()) work(card);
  }
}

/** The form that adds a camera; without any camera it stays open and asks for the first. */
export class CameraForm {
  #form = byId("camera-form");
  #open = byId("add-camera");
  #cancel = byId("cancel-camera");
  #result = byId("camera-form-result");
  #first = false;
  #onAdded;

  constructor(onAdded) {
    this.#onAdded = onAdded;
    this.#open.addEventListener("click", () => this.#toggle(this.#form.hidden));
    this.#cancel.addEventListener("click", () => this.#toggle(false));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    byId("test-camera").addEventListener("click", () => this.#test());
  }

  setCount(count) {
    const first = count === 0;
    if (first === this.#first) return;
    this.#first = first;
    this.#open.hidden = first;
    this.#cancel.hidden = first;
    this.#form.hidden = !first;
    this.#open.setAttribute("aria-expanded", "false");
    say(byId("camera-form-title"), first ? "Add your first camera" : "Add a camera");
    const lead = "Nightjar watches cameras in your network that speak RTSP or send MJPEG over HTTP. Their pictures stay on this box.";
    say(byId("camera-form-lead"), first ? lead : "");
    byId("camera-form-lead").hidden = !first;
  }

  #toggle(open) {
    this.#form.hidden = !open;
    this.#open.setAttribute("aria-expanded", String(open));
    this.#clear();
    if (open) byId("camera-name").focus();
    else this.#open.focus();
  }

  #values() {
    const given = new FormData(this.#form);
    const text = (name) => String(given.get(name) ?? "");
    const address = withUser(text("address").trim(), text("user"), text("password"));
    const second = text("live_address").trim();
    return { name: text("name").trim(), address, decode: text("decode"), ...(second === "" ? {} : { live_address: second }) };
  }

  async #submit() {
    const camera = this.#values();
    const { name, address } = camera;
    this.#clear();
    if (name === "") return this.#wrong("name", "Give the camera a name, such as Front door.");
    if (!this.#hasAddress(address)) return undefined;
    return this.#while(async () => {
      const { data } = await ask("POST", "/cameras", camera);
      this.#form.reset();
      this.#onAdded(data);
      if (!this.#form.hidden) this.#toggle(false);
    });
  }

  async #test() {
    const { address } = this.#values();
    this.#clear();
    if (!this.#hasAddress(address)) return undefined;
    this.#tell("Connecting to the camera …", "wait");
    return this.#while(async () => {
      const { data } = await ask("POST", "/cameras/test", { address });
      this.#tell(data.message, data.ok ? "good" : "bad");
    });
  }

  #hasAddress(address) {
    if (address === "") this.#wrong("address", "Write where the camera is, such as rtsp://192.168.1.20/stream1.");
    return address !== "";
  }

  async #while(work) {
    const buttons = this.#form.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    try {
      await work();
    } catch (problem) {
      this.#tell("", "idle");
      const isAddress = problem.field === "address" || problem.status === 422;
      if (problem.field === "name" || problem.field === "live_address") this.#wrong(problem.field, problem.message);
      else if (isAddress) this.#wrong("address", problem.message);
      else this.#tell(problem.message, "bad");
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  }

  #wrong(field, text) {
    const input = byId(`camera-${field}`);
    const error = byId(`camera-${field}-error`);
    if (field === "live_address") byId("camera-more").open = true;
    input.setAttribute("aria-invalid", "true");
    error.textContent = text;
    error.hidden = false;
    input.focus();
  }

  #tell(text, tone) {
    this.#result.dataset.tone = tone;
    this.#result.textContent = text;
  }

  #clear() {
    this.#tell("", "idle");
    for (const field of ["name", "address", "live_address"]) {
      byId(`camera-${field}`).removeAttribute("aria-invalid");
      byId(`camera-${field}-error`).hidden = true;
    }
  }
}

// User and password go into the address percent-encoded, so that nobody has to know how that is done.
function withUser(address, user, password) {
  const parts = /^((?:rtsps?|https?):\/\/)(.*)$/i.exec(address);
  if (parts === null || (user === "" && password === "")) return address;
  return `${parts[1]}${encodeURIComponent(user)}:${encodeURIComponent(password)}@${parts[2]}`;
}
