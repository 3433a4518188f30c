// The page: state is fetched once, then kept right by the live messages.

import { get } from "./api.js";
import { CameraForm, Cameras } from "./cameras.js";
import { byId, make, refreshTimes, say } from "./elements.js";
import { Alerts, Feed } from "./feed.js";
import { Footage } from "./footage.js";
import { Messages } from "./messages.js";
import { StoragePanel } from "./storage.js";

const RETRY_MS = 2000;
const TIMES_EVERY_MS = 5000;
const TONES = { ok: "good", degraded: "warn", failed: "bad" };
const HEALTH_WORDS = { ok: "All is well", degraded: "Needs attention", failed: "Something has failed" };

const form = new CameraForm((camera) => cameras.put(camera));
const nameOf = (id) => cameras.name(id);
const footage = new Footage(nameOf);
const cameras = new Cameras((count) => form.setCount(count), (id) => footage.open(id));
const feed = new Feed(nameOf, tell, (event) => footage.openEvent(event));
const alerts = new Alerts(nameOf, tell);
const storage = new StoragePanel();
const messages = new Messages({ message: apply, reset: reload, state: showConnection });

// Messages up to these cursors are contained in what was fetched.
const contained = { cameras: 0, events: 0, alerts: 0 };

async function load() {
  const [system, list, stats] = await Promise.all([get("/system"), get("/cameras"), get("/cameras/stats")]);
  showSystem(system.data);
  cameras.replace(list.data.items);
  cameras.measure(stats.data.cameras);
  contained.cameras = list.cursor;
  storage.load();
  [contained.events, contained.alerts] = await Promise.all([feed.load(), alerts.load()]);
  return { epoch: system.data.version.epoch, cursor: Math.min(...Object.values(contained)) };
}

async function start() {
  try {
    const { epoch, cursor } = await load();
    messages.startFrom(epoch, cursor);
  } catch (problem) {
    showConnection("lost", RETRY_MS / 1000);
    setTimeout(start, RETRY_MS);
    return;
  }
  messages.connect();
}

// The log does not reach back to where this page was: fetch the state; the messages go on by themselves.
async function reload() {
  try {
    await load();
  } catch (problem) {
    setTimeout(reload, RETRY_MS);
  }
}

function apply({ type, cursor, data }) {
  const kind = type.split("_")[0];
  if (kind === "camera" && cursor > contained.cameras) applyCamera(type, data);
  else if (kind === "event" && cursor > contained.events) applyEvent(type, data);
  else if (kind === "alert" && cursor > contained.alerts) alerts.put(data);
  else if (type === "health") showHealth(data);
  else if (type === "camera_stats") cameras.measure(data.cameras);
  else if (type === "gpu_stats") showGpus(data.gpus);
}

function applyCamera(type, data) {
  if (type === "camera_deleted") cameras.remove(data.id);
  else cameras.put(data);
}

function applyEvent(type, data) {
  if (type === "event_deleted") {
    feed.remove(data.id);
    alerts.eventGone(data.id);
  } else if (type === "event_created" || feed.has(data.id)) {
    feed.put(data, type === "event_created");
  }
}

// The box

function setPill(id, tone, text) {
  const pill = byId(id);
  pill.dataset.tone = tone;
  say(pill.lastElementChild, text);
}

function showConnection(word, seconds) {
  const offline = byId("offline");
  document.body.classList.toggle("old", word === "lost");
  if (word === "live") {
    setPill("connection", "good", "Live");
    offline.hidden = true;
  } else if (word === "lost") {
    setPill("connection", "bad", "Disconnected");
    say(offline, `Nightjar does not answer. What you see may be old; trying again in ${seconds} s.`);
    offline.hidden = false;
  } else if (offline.hidden) {
    setPill("connection", "wait", "Connecting");
  }
}

function showSystem({ version, health, detector, gpus }) {
  showPartsOfHealth(health);
  showDetector(detector);
  showGpus(gpus);
  setFact("Version", `${version.version}, SQLite ${version.sqlite_version}`);
}

function showPartsOfHealth({ level, parts }) {
  setPill("health", TONES[level] ?? "idle", HEALTH_WORDS[level] ?? level);
  const troubles = byId("troubles");
  const lines = parts.filter((part) => part.level !== "ok");
  const text = lines.map((part) => `${part.part}: ${part.reason || part.level}`);
  if (troubles.dataset.text !== text.join("\n")) {
    troubles.dataset.text = text.join("\n");
    troubles.replaceChildren(...lines.map((part, i) => make("li", { data: { tone: TONES[part.level] }, textContent: text[i] })));
  }
  troubles.hidden = lines.length === 0;
}

async function showHealth(report) {
  showPartsOfHealth(report);
  storage.load();
  try {
    showDetector((await get("/system/detector")).data);
  } catch {
    // The connection's own state tells that the server does not answer.
  }
}

function showDetector({ name, state, note }) {
  const [words, tone] = { starting: ["starts", "wait"], ready: ["", "good"], failed: ["has failed", "bad"] }[state] ?? [state, "idle"];
  setPill("detector", tone, `Detector: ${[name, words].filter((part) => part !== "").join(" ")}`);
  setFact("Detector", [name, words, note].filter((part) => part !== "").join(", "));
}

function showGpus(gpus) {
  setFact("GPU", gpus.length === 0 ? null : gpus.map(gpuWords).join("; "));
}

function gpuWords(gpu) {
  const words = [gpu.name];
  if (gpu.utilization_percent !== undefined) words.push(`${Math.round(gpu.utilization_percent)} % busy`);
  if (gpu.memory_used_bytes !== undefined) words.push(`${(gpu.memory_used_bytes / 2 ** 30).toFixed(1)} GiB used`);
  if (gpu.temperature_c !== undefined) words.push(`${Math.round(gpu.temperature_c)} °C`);
  return words.join(", ");
}

function setFact(name, text) {
  const id = `fact-${name.toLowerCase()}`;
  const shown = byId(id);
  if (text === null) shown?.remove();
  else if (shown !== null) say(shown.lastElementChild, text);
  else byId("box-facts").append(make("div", { id }, make("dt", { textContent: name }), make("dd", { textContent: text })));
}

function tell(text) {
  const offline = byId("offline");
  say(offline, text);
  offline.hidden = false;
  setTimeout(() => {
    if (offline.textContent === text) offline.hidden = true;
  }, 8000);
}

setInterval(refreshTimes, TIMES_EVERY_MS);
start();
