// One camera, large: its main stream, with the boxes of what was detected.

import { Boxes } from "./boxes.js";
import { byId, make, say } from "./elements.js";
import { Screen } from "./screen.js";

const WORDS_EVERY_MS = 1000;
const MOST_LAG_MS = 60000;

export class LargeView {
  #dialog = byId("large-view");
  #title = byId("large-view-title");
  #stage = byId("large-view-stage");
  #time = byId("large-view-time");
  #boxesButton = byId("large-view-boxes");
  #soundButton = byId("large-view-sound");
  #camera = null;
  #screen = null;
  #boxes = null;
  #wallUs = 0;
  #timer = 0;

  constructor() {
    byId("large-view-close").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => this.#end());
    this.#dialog.addEventListener("click", (event) => event.target === this.#dialog && this.#dialog.close());
    this.#boxesButton.addEventListener("click", () => this.#setBoxes(this.#boxesButton.getAttribute("aria-pressed") !== "true"));
    this.#soundButton.addEventListener("click", () => this.#setSound(this.#soundButton.getAttribute("aria-pressed") !== "true"));
    document.addEventListener("visibilitychange", () => this.#screen?.setSeen(!document.hidden));
  }

  open(camera) {
    this.#end();
    this.#soundButton.setAttribute("aria-pressed", "false");
    this.#fill(camera, false);
    this.#dialog.dataset.camera = camera.id;
    this.#dialog.showModal();
    this.#screen.setSeen(true);
    this.#timer = setInterval(() => this.#say(), WORDS_EVERY_MS);
    this.#say();
  }

  #fill(camera, sound) {
    this.#camera = camera;
    const canvas = make("canvas", { className: "boxes", aria: { hidden: "true" } });
    this.#screen = new Screen({ sound }, (wallUs) => this.#frame(wallUs));
    this.#boxes = new Boxes(canvas, camera.id);
    this.#screen.element.append(canvas);
    this.#stage.replaceChildren(this.#screen.element);
    this.#update(camera);
    if (this.#boxesButton.getAttribute("aria-pressed") === "true") this.#boxes.start();
  }

  /** Take a camera's new state, if it is the one that is shown. */
  update(camera) {
    if (this.#camera?.id === camera.id) this.#update(camera);
  }

  remove(id) {
    if (this.#camera?.id === id) this.#dialog.close();
  }

  #update(camera) {
    this.#camera = camera;
    say(this.#title, camera.name);
    this.#screen.update(camera);
  }

  #end() {
    clearInterval(this.#timer);
    this.#empty();
    this.#camera = null;
  }

  #empty() {
    this.#boxes?.stop();
    this.#screen?.gone();
    this.#boxes = this.#screen = null;
    this.#wallUs = 0;
  }

  #setSound(on) {
    this.#soundButton.setAttribute("aria-pressed", String(on));
    if (this.#camera === null) return;
    this.#empty();
    this.#fill(this.#camera, on);
    this.#screen.setSeen(true);
  }

  #setBoxes(on) {
    this.#boxesButton.setAttribute("aria-pressed", String(on));
    if (on) this.#boxes?.start();
    else this.#boxes?.stop();
  }

  #frame(wallUs) {
    this.#wallUs = wallUs;
    if (this.#boxesButton.getAttribute("aria-pressed") === "true") this.#boxes.draw(wallUs);
  }

  #say() {
    const live = this.#screen.element.dataset.live;
    if (live === "playing") say(this.#time, this.#timeWords());
    else if (live === "connecting") say(this.#time, "Connecting …");
    else say(this.#time, ["About one picture a second", this.#screen.reason].filter((part) => part !== "").join(". "));
    if (live !== "playing") this.#boxes.clear();
  }

  #timeWords() {
    const lag = Date.now() - this.#wallUs / 1000;
    const time = new Date(this.#wallUs / 1000).toLocaleTimeString();
    // A screen whose clock is another one than the box's cannot tell.
    return lag < 0 || lag > MOST_LAG_MS ? time : `${time}, ${(lag / 1000).toFixed(1)} s ago`;
  }
}
