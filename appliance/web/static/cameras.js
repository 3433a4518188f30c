// The cameras: one card each with state and newest frame, and the form that adds one.

import { ask, picture, Problem } from "./api.js";
import { byId, make, say, sureButton } from "./elements.js";
import { decodingOf, factsOf, measuredOf, troublesOf } from "./figures.js";

const FRAME_EVERY_MS = 1000;
const FRAME_RETRY_MS = 3000;

const STATES = {
  connecting: ["Connecting", "wait"],
  online: ["Online", "good"],
  offline: ["Offline", "bad"],
  auth_failed: ["Wrong user or password", "bad"],
  no_video: ["No video", "warn"],
  ended: ["Ended", "idle"],
  disabled: ["Switched off", "idle"],
};

/** One camera's card. The frame is fetched about once a second, and only while somebody can see it. */
class Card {
  #camera;
  #stats = null;
  #seen = false;
  #fetch = null;
  #timer = 0;
  #url = null;
  #remove;

  constructor(camera, remove) {
    this.#remove = remove;
    this.image = make("img", { alt: "", hidden: true });
    this.words = make("p", { textContent: "No frame yet" });
    this.view = make("div", { className: "view" }, this.image, this.words);
    this.name = make("h3");
    this.state = make("span", { className: "state" }, make("span", { className: "dot", aria: { hidden: "true" } }), make("span"));
    this.reason = make("p", { className: "reason" });
    this.facts = make("p");
    this.decoding = make("p");
    this.measured = make("p", { className: "measured" });
    this.troubles = make("p", { className: "warning" });
    this.buttons = make("span", { className: "buttons" });
    const head = make("div", { className: "camera-head" }, this.name, this.state);
    const figures = make("div", { className: "figures" }, this.facts, this.decoding, this.measured, this.troubles);
    const foot = make("div", { className: "camera-foot" }, figures, this.buttons);
    const body = make("div", { className: "camera-body" }, head, this.reason, foot);
    this.element = make("li", { className: "camera" }, this.view, body);
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
    this.image.alt = `Newest frame of ${camera.name}`;
    if (before?.enabled !== camera.enabled || before?.name !== camera.name) this.#offer(camera);
    if (before !== undefined && before.status !== camera.status) this.#again(0);
  }

  measure(stats) {
    this.#stats = stats;
    this.#figures();
  }

  setSeen(seen) {
    this.#seen = seen;
    if (seen) this.#again(0);
    else this.#pause();
  }

  gone() {
    this.#seen = false;
    this.#pause();
    if (this.#url !== null) URL.revokeObjectURL(this.#url);
    this.element.remove();
  }

  #figures() {
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
    if (camera.managed_by === "file") {
      this.buttons.replaceChildren(make("span", { className: "muted", textContent: "Set in the configuration file" }));
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
    this.buttons.replaceChildren(toggle, remove);
  }

  async #try(work) {
    try {
      await work();
    } catch (problem) {
      say(this.reason, problem.message);
      this.reason.hidden = false;
    }
  }

  #again(wait) {
    clearTimeout(this.#timer);
    if (!this.#seen || document.hidden) return;
    this.#timer = setTimeout(() => this.#load(), wait);
  }

  #pause() {
    clearTimeout(this.#timer);
    this.#fetch?.abort();
    this.#fetch = null;
  }

  async #load() {
    if (this.#fetch !== null) return;
    if (this.#camera.status !== "online") {
      this.#stale(this.#whyNone());
      return;
    }
    const mine = new AbortController();
    this.#fetch = mine;
    let wait = FRAME_EVERY_MS;
    try {
      this.#show(await picture(`/cameras/${this.#camera.id}/frame.jpg?size=small`, mine.signal));
    } catch (error) {
      if (mine.signal.aborted) return;
      wait = FRAME_RETRY_MS;
      this.#stale(error instanceof Problem && error.status === 404 ? this.#whyNone() : "Nightjar does not answer");
    }
    if (this.#fetch === mine) this.#fetch = null;
    this.#again(wait);
  }

  #show(blob) {
    const old = this.#url;
    this.#url = URL.createObjectURL(blob);
    this.image.src = this.#url;
    this.image.hidden = false;
    this.words.hidden = true;
    this.view.classList.remove("stale");
    if (old !== null) URL.revokeObjectURL(old);
  }

  #stale(words) {
    this.view.classList.add("stale");
    say(this.words, this.image.hidden ? words : `Last frame. ${words}`);
    this.words.hidden = false;
  }

  #whyNone() {
    const { status } = this.#camera;
    return status === "online" ? "Waiting for the first frame" : (STATES[status] ?? [status])[0];
  }
}

/** All cards, in the order of the list. */
export class Cameras {
  #cards = new Map();
  #names = new Map();
  #list = byId("camera-list");
  #watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) entry.target.card.setSeen(entry.isIntersecting);
  });
  #onCount;

  constructor(onCount) {
    this.#onCount = onCount;
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
    const known = this.#cards.get(camera.id);
    if (known !== undefined) {
      known.update(camera);
      return;
    }
    const card = new Card(camera, (id) => this.remove(id));
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
