// Making elements, and saying times in words. Nothing here ever takes HTML: text stays text.

/** Make an element: `properties` are set on it, with `data`, `aria` and `on` as objects of their own. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  const { data = {}, aria = {}, on = {}, ...rest } = properties;
  Object.assign(element, rest);
  Object.assign(element.dataset, data);
  for (const [name, value] of Object.entries(aria)) element.setAttribute(`aria-${name}`, value);
  for (const [type, listener] of Object.entries(on)) element.addEventListener(type, listener);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** Change a text only if it is another one: a screen reader hears each change. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60]];

/** `3 minutes ago`. */
export function ago(iso) {
  const seconds = Math.round((Date.parse(iso) - Date.now()) / 1000);
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return Math.abs(seconds) < 5 ? "just now" : relative.format(seconds, "second");
}

/** `40 s`, `3 min`, `2 h 5 min`. */
export function lasting(fromIso, toIso) {
  const seconds = Math.max(1, Math.round((Date.parse(toIso) - Date.parse(fromIso)) / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A number stays on one line with its unit. */
export function tight(text) {
  return text.replace(/(\d) (s|min|h)\b/g, "$1\u00a0$2");
}

/** A `<time>` that is kept right by `refreshTimes`. */
export function time(iso) {
  const title = new Date(iso).toLocaleString();
  return make("time", { dateTime: iso, title, textContent: ago(iso) });
}

export function refreshTimes() {
  for (const element of document.querySelectorAll("time")) say(element, ago(element.dateTime));
}

/** A button that asks once more before it does something that cannot be undone. */
export function sureButton(text, question, label, act) {
  const button = make("button", { type: "button", className: "small", textContent: text, aria: { label } });
  const calm = () => {
    button.classList.remove("sure");
    button.textContent = text;
    button.setAttribute("aria-label", label);
  };
  button.addEventListener("blur", calm);
  button.addEventListener("click", async () => {
    if (!button.classList.contains("sure")) {
      button.classList.add("sure");
      button.textContent = question;
      button.setAttribute("aria-label", `${label}: ${question}`);
      return;
    }
    button.disabled = true;
    try {
      await act();
    } finally {
      button.disabled = false;
      calm();
    }
  });
  return button;
}
