// What the page knows of the box, kept right by its messages; every screen reads these signals.

import { batch, computed, effect, signal } from "@preact/signals";
import { get } from "../api";
import { type Connection, type Message, Messages } from "../messages";
import type {
  Alert,
  Camera,
  CameraFigures,
  DetectorStatus,
  GpuStats,
  HealthReport,
  Items,
  System,
  Version,
} from "../wire";
import { askAgain, hasEnded, may } from "./access";

const RETRY_MS = 2000;
const GIVE_UP_MS = 10_000;

export const connection = signal<Connection>({ word: "connecting", retryInS: 0 });
/** Whether what is shown has been fetched at all. */
export const isLoaded = signal(false);
export const health = signal<HealthReport | null>(null);
export const detector = signal<DetectorStatus | null>(null);
export const version = signal<Version | null>(null);
export const gpus = signal<GpuStats[]>([]);
/** All cameras by id, in the order of their names. */
export const cameras = signal<ReadonlyMap<string, Camera>>(new Map());
/** Those that this page is having deleted. */
const leaving = signal<ReadonlySet<string>>(new Set());
/** The figures of the moment of each camera that is read. */
export const figures = signal<ReadonlyMap<string, CameraFigures>>(new Map());
/** Alerts that nobody has looked at, newest first. */
export const openAlerts = signal<readonly Alert[]>([]);
/** The newest open alerts that are fetched at the start; the screen of alerts has all of them. */
export const MOST_OPEN_ALERTS = 200;

export const cameraList = computed(() => [...cameras.value.values()]);
/** How many cameras show nothing, of those that ought to. */
export const camerasDown = computed(
  () =>
    cameraList.value.filter(
      ({ enabled, status }) => enabled && status !== "online" && status !== "connecting",
    ).length,
);
/** Whether a camera is there to stay, so that its picture can be asked for. */
export const isThere = (cameraId: string) => cameras.value.has(cameraId) && !leaving.value.has(cameraId);
export const nameOf = (cameraId: string) => cameras.value.get(cameraId)?.name ?? cameraId;

/** Who wants to hear of messages: returns what ends it. `reset` asks to fetch anew what was fetched. */
export function listen(on: { message?: (said: Message) => void; reset?: () => void }): () => void {
  listeners.add(on);
  return () => listeners.delete(on);
}

/** Fetch the state and follow it, for as long as the page is open. */
export async function start(): Promise<void> {
  try {
    const found = await load();
    take(found);
    messages.startFrom(found.epoch, Math.min(found.cameras.cursor, found.alerts.cursor));
  } catch {
    connection.value = { word: "lost", retryInS: RETRY_MS / 1000 };
    setTimeout(start, RETRY_MS);
    return;
  }
  isLoaded.value = true;
  messages.connect();
}

/** Try to reach the box at once, where the next attempt is waited for. */
export const retry = () => messages.retry();

const listeners = new Set<{ message?: (said: Message) => void; reset?: () => void }>();
const messages = new Messages({
  message: heard,
  reset,
  connection: (now) => {
    connection.value = now;
  },
  rights: () => void askAgain(),
});

// Who has logged in again need not wait for the next attempt.
effect(() => {
  if (!hasEnded.value) messages.retry();
});

// Messages up to these cursors are contained in what was fetched.
const contained = { cameras: 0, alerts: 0 };
// While the state is fetched anew: what has come since then, to be applied to what will be fetched.
let waiting: Message[] | null = null;

async function load() {
  const stop = AbortSignal.timeout(GIVE_UP_MS);
  const [system, cameras, stats, alerts] = await Promise.all([
    get<System>("/system", stop),
    get<Items<Camera>>("/cameras", stop),
    get<{ cameras: CameraFigures[] }>("/cameras/stats", stop),
    get<Items<Alert>>(`/alerts?state=open&limit=${MOST_OPEN_ALERTS}`, stop),
  ]);
  return { system: system.data, epoch: system.data.version.epoch, cameras, stats: stats.data, alerts };
}

function take(found: Awaited<ReturnType<typeof load>>): void {
  batch(() => {
    ({
      health: health.value,
      detector: detector.value,
      version: version.value,
      gpus: gpus.value,
    } = found.system);
    cameras.value = inOrder(found.cameras.data.items);
    figures.value = byId(found.stats.cameras);
    openAlerts.value = found.alerts.data.items;
  });
  contained.cameras = found.cameras.cursor;
  contained.alerts = found.alerts.cursor;
}

// The log does not reach back to where this page was: fetch the state; the messages go on by themselves.
async function reset(): Promise<void> {
  const mine: Message[] = [];
  waiting = mine;
  try {
    const found = await load();
    // Another reset has come meanwhile, whose answer is the right one.
    if (waiting !== mine) return;
    take(found);
  } catch {
    if (waiting === mine) setTimeout(() => waiting === mine && reset(), RETRY_MS);
    return;
  }
  waiting = null;
  for (const said of mine) apply(said);
  for (const on of [...listeners]) on.reset?.();
}

function heard(said: Message): void {
  if (waiting !== null && said.cursor !== undefined) waiting.push(said);
  else apply(said);
  for (const on of [...listeners]) on.message?.(said);
}

function apply(said: Message): void {
  const cursor = said.cursor ?? 0;
  switch (said.type) {
    case "camera_created":
    case "camera_updated":
    case "camera_status":
      if (cursor > contained.cameras) putCamera(said.data);
      break;
    case "camera_deleted":
      if (cursor > contained.cameras) dropCamera(said.data.id);
      break;
    case "camera_stats":
      figures.value = byId(said.data.cameras);
      break;
    case "alert_created":
    case "alert_acknowledged":
    case "alert_dismissed":
      if (cursor > contained.alerts) putAlert(said.data);
      break;
    case "event_deleted":
      openAlerts.value = openAlerts.value.filter((alert) => alert.event_id !== said.data.id);
      break;
    case "gpu_stats":
      gpus.value = said.data.gpus;
      break;
    case "health":
      health.value = said.data;
      if (may("system.view")) void lookAtDetector();
      break;
  }
}

/** Take what the server has just answered of a camera, before its message comes. */
export function putCamera(camera: Camera): void {
  cameras.value = inOrder([...cameras.value.values()].filter((one) => one.id !== camera.id).concat(camera));
}

/** Forget a camera that is gone. */
export function dropCamera(id: string): void {
  batch(() => {
    cameras.value = new Map([...cameras.value].filter(([one]) => one !== id));
    setLeaving(id, false);
  });
}

/** Say that a camera is being deleted from here, or that it stays after all. */
export function setLeaving(id: string, isLeaving: boolean): void {
  const others = [...leaving.value].filter((one) => one !== id);
  leaving.value = new Set(isLeaving ? [...others, id] : others);
}

/** Take what the server has just answered of an alert, before its message comes. */
export function putAlert(alert: Alert): void {
  const others = openAlerts.value.filter((one) => one.id !== alert.id);
  openAlerts.value = alert.state === "open" ? [alert, ...others].slice(0, MOST_OPEN_ALERTS) : others;
}

async function lookAtDetector(): Promise<void> {
  try {
    detector.value = (await get<DetectorStatus>("/system/detector")).data;
  } catch {
    // The connection's own state tells that the server does not answer.
  }
}

const byId = <T extends { id: string }>(items: readonly T[]) => new Map(items.map((one) => [one.id, one]));

function inOrder(items: readonly Camera[]): Map<string, Camera> {
  return byId(
    [...items].sort((one, other) => one.name.localeCompare(other.name) || (one.id < other.id ? -1 : 1)),
  );
}
