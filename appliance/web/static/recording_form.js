// What is recorded of a camera: a small form in its card.

import { ask } from "./api.js";
import { make, say } from "./elements.js";
import { MODES } from "./figures.js";

const HINTS = {
  continuous: "Everything is kept, as long as there is room and its days last.",
  motion: "Kept is the time in which something moves, with the seconds before and after.",
  events: "Kept is the time of events, with the seconds before and after.",
  off: "Nothing of this camera is kept. It can still be watched, and its events still come.",
};
const ROLLS = { pre_roll_s: ["Seconds before", 60], post_roll_s: ["Seconds after", 600] };

/** `element` is the form, hidden until `open(camera)`; `onClose()` is told when it closes. */
export class RecordingForm {
  #camera = null;
  #onClose;

  constructor(camera, onClose) {
    this.#onClose = onClose;
    const id = (name) => `recording-${camera.id}-${name}`;
    const field = (name, label, input, hint) => {
      const title = make("label", { htmlFor: id(name), textContent: label });
      input.setAttribute("aria-describedby", id("problem"));
      return make("div", { className: "field" }, title, Object.assign(input, { id: id(name) }), hint);
    };
    this.mode = make("select", { on: { change: () => this.#explain() } }, ...Object.entries(MODES).map(([value, text]) => make("option", { value, textContent: text })));
    this.hint = make("p", { className: "hint" });
    this.rolls = Object.entries(ROLLS).map(([name, [label, most]]) => {
      const input = make("input", { name, type: "number", min: "0", max: String(most), step: "any", inputMode: "decimal" });
      return { name, label, most, input, field: field(name, label, input) };
    });
    this.days = make("input", { name: "keep_days", type: "number", min: "0", step: "any", inputMode: "decimal", placeholder: "as long as there is room" });
    const daysHint = make("p", { className: "hint", textContent: "Empty: as the configuration says for all cameras." });
    this.sound = make("input", { name: "sound", type: "checkbox", id: id("sound") });
    const soundLabel = make("label", { className: "check" }, this.sound, "With sound");
    const soundHint = make("p", { className: "hint", textContent: "In some places the law forbids to record what people say." });
    this.schedule = make("p", { className: "hint" });
    this.problem = make("p", { id: id("problem"), className: "error", hidden: true });
    this.problem.setAttribute("role", "alert");
    this.save = make("button", { type: "submit", className: "primary", textContent: "Save" });
    const cancel = make("button", { type: "button", textContent: "Cancel", on: { click: () => this.close() } });
    this.element = make(
      "form",
      { className: "form recording-form", noValidate: true, hidden: true, aria: { label: "Recording" } },
      field("mode", "Record", this.mode, this.hint),
      make("div", { className: "pair" }, ...this.rolls.map((roll) => roll.field)),
      field("keep_days", "Keep for so many days at most", this.days, daysHint),
      make("div", { className: "field" }, soundLabel, soundHint),
      this.schedule,
      this.problem,
      make("div", { className: "actions" }, this.save, cancel),
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  open(camera) {
    const { mode, keep_days: days, sound, schedule } = camera.recording;
    this.#camera = camera;
    this.mode.value = mode;
    for (const { name, input } of this.rolls) input.value = camera.recording[name];
    this.days.value = days ?? "";
    this.sound.checked = sound;
    const entries = schedule.length === 1 ? "A schedule entry" : `${schedule.length} schedule entries`;
    say(this.schedule, schedule.length === 0 ? "" : `${entries} may say otherwise at times; the API changes that.`);
    this.schedule.hidden = schedule.length === 0;
    this.problem.hidden = true;
    this.element.hidden = false;
    this.#explain();
    this.mode.focus();
  }

  close() {
    this.element.hidden = true;
    this.#onClose();
  }

  #explain() {
    const mode = this.mode.value;
    say(this.hint, HINTS[mode]);
    // A schedule may still record around motion and events.
    const matters = mode === "motion" || mode === "events" || this.#camera.recording.schedule.length > 0;
    for (const { field } of this.rolls) field.hidden = !matters;
  }

  async #submit() {
    this.problem.hidden = true;
    this.save.disabled = true;
    try {
      await ask("PATCH", `/cameras/${this.#camera.id}`, { recording: this.#values() });
      this.close();
    } catch (problem) {
      say(this.problem, problem.message);
      this.problem.hidden = false;
    } finally {
      this.save.disabled = false;
    }
  }

  #values() {
    const rolls = this.rolls.map(({ name, label, most, input }) => [name, number(input, label, most)]);
    const days = this.days.validity.badInput || this.days.value !== "" ? number(this.days, "Days", 36_500) : null;
    if (days === 0) throw new Error("Days: write more than 0, or leave it empty.");
    return { mode: this.mode.value, ...Object.fromEntries(rolls), keep_days: days, sound: this.sound.checked };
  }
}

function number(input, label, most) {
  const value = input.value === "" ? NaN : Number(input.value);
  if (!(value >= 0 && value <= most)) throw new Error(`${label}: write a number from 0 to ${most}.`);
  return value;
}
