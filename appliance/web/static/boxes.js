// The boxes of what was detected, drawn on the picture that they were found in.

const LONGEST_AGE_US = 700000;
const KEPT = 100;
const ON_BOX = "#211705";
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30000;

/** Hears one camera's detections while it is on, and draws those that belong to the picture that is shown. */
export class Boxes {
  #canvas;
  #camera;
  #socket = null;
  #failures = 0;
  #timer = 0;
  #heard = [];

  constructor(canvas, cameraId) {
    this.#canvas = canvas;
    this.#camera = cameraId;
  }

  start() {
    if (this.#socket === null) this.#connect();
  }

  stop() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#heard = [];
    this.clear();
  }

  clear() {
    const { width, height } = this.#canvas;
    this.#canvas.getContext("2d").clearRect(0, 0, width, height);
  }

  /** Draw what was found in the picture taken at `wallUs`, or shortly before. */
  draw(wallUs) {
    const rect = this.#canvas.getBoundingClientRect();
    const scale = devicePixelRatio;
    const [width, height] = [Math.round(rect.width * scale), Math.round(rect.height * scale)];
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
    this.clear();
    // Times are written in milliseconds.
    const found = this.#heard.findLast(({ atUs }) => atUs <= wallUs + 1000);
    const age = found === undefined ? Infinity : wallUs - found.atUs;
    this.#canvas.dataset.boxes = String(age > LONGEST_AGE_US ? 0 : found.boxes.length);
    if (age <= LONGEST_AGE_US) this.#paint(found, scale);
  }

  #connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const query = `channels=detections&cameras=${encodeURIComponent(this.#camera)}`;
    const socket = new WebSocket(`${scheme}://${location.host}/api/v1/ws?${query}`);
    socket.addEventListener("message", ({ data }) => this.#socket === socket && this.#take(JSON.parse(data)));
    socket.addEventListener("close", () => this.#socket === socket && this.#lost());
    this.#socket = socket;
  }

  #lost() {
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#failures, LONGEST_WAIT_MS);
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#socket !== null && this.#connect(), wait);
  }

  #take({ type, data }) {
    if (type !== "detection_created") return;
    this.#failures = 0;
    this.#heard.push({ ...data, atUs: Date.parse(data.at) * 1000 });
    if (this.#heard.length > KEPT) this.#heard.shift();
  }

  #paint({ width, height, boxes }, pixels) {
    const canvas = this.#canvas;
    const context = canvas.getContext("2d");
    const scale = Math.min(canvas.width / width, canvas.height / height);
    const [left, top] = [(canvas.width - width * scale) / 2, (canvas.height - height * scale) / 2];
    const style = getComputedStyle(canvas);
    context.lineWidth = 2 * pixels;
    context.font = `600 ${12 * pixels}px ${style.fontFamily}`;
    context.textBaseline = "bottom";
    for (const { box: [x0, y0, x1, y1], label } of boxes) {
      const [x, y] = [left + x0 * scale, top + y0 * scale];
      context.strokeStyle = context.fillStyle = style.color;
      context.strokeRect(x, y, (x1 - x0) * scale, (y1 - y0) * scale);
      const textWidth = context.measureText(label).width + 8 * pixels;
      const line = 18 * pixels;
      const base = Math.max(y, line);
      context.fillRect(x - pixels, base - line, textWidth, line);
      context.fillStyle = ON_BOX;
      context.fillText(label, x + 3 * pixels, base - 2 * pixels);
    }
  }
}
