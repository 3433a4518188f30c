// The boxes of the cameras that somebody looks at, as they are found.
//
// On a connection of its own: the box keeps one subscription for each, and narrowing it to some cameras would narrow
// events and alerts as well. It has no cursor to go on from, since old boxes belong to pictures that are gone; so
// the page's own connection loses nothing by it, and a storm of boxes delays no event.

import { effect, signal } from "@preact/signals";
import type { Message } from "../messages";
import { connection } from "../state/session";
import type { WireDetection } from "../wire";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 4000;
const KEPT = 150;

/** What was found in a picture, and when it was taken. */
export interface Found extends WireDetection {
  atMs: number;
}

interface Followed {
  found: Found[];
  hear: Set<(found: Found) => void>;
}

const followed = new Map<string, Followed>();
const wanted = signal("");

/** Hear of a camera's boxes until the returned function is called. */
export function followBoxes(cameraId: string, hear: (found: Found) => void): () => void {
  const one = followed.get(cameraId) ?? { found: [], hear: new Set() };
  one.hear.add(hear);
  followed.set(cameraId, one);
  wanted.value = [...followed.keys()].sort().join(" ");
  return () => {
    one.hear.delete(hear);
    if (one.hear.size === 0) followed.delete(cameraId);
    wanted.value = [...followed.keys()].sort().join(" ");
  };
}

/** What was found lately in a camera's pictures, oldest first; nothing of a camera that nobody follows. */
export const foundIn = (cameraId: string): readonly Found[] => followed.get(cameraId)?.found ?? [];

let socket: WebSocket | null = null;
let failures = 0;
let timer = 0;

// Whether the box can be reached is found out by the page's own connection.
effect(() => {
  const isReachable = connection.value.word === "live";
  if (wanted.value === "" || !isReachable) hangUp();
  else if (socket === null) connect();
  else subscribe(socket);
});

function connect(): void {
  clearTimeout(timer);
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const mine = new WebSocket(`${scheme}://${location.host}/api/v1/ws`);
  socket = mine;
  mine.addEventListener("open", () => subscribe(mine));
  mine.addEventListener("message", ({ data }) => socket === mine && heard(JSON.parse(data)));
  mine.addEventListener("close", () => socket === mine && lost());
}

function subscribe(to: WebSocket): void {
  if (to.readyState !== WebSocket.OPEN) return;
  const cameras = wanted.peek().split(" ");
  to.send(JSON.stringify({ type: "subscribe", channels: ["detections"], cameras }));
}

function heard(said: Message): void {
  if (said.type !== "detection_created") return;
  failures = 0;
  const one = followed.get(said.data.camera_id);
  if (one === undefined) return;
  const found = { ...said.data, atMs: Date.parse(said.data.at) };
  one.found.push(found);
  if (one.found.length > KEPT) one.found.splice(0, one.found.length - KEPT);
  for (const hear of one.hear) hear(found);
}

function hangUp(): void {
  clearTimeout(timer);
  const mine = socket;
  socket = null;
  if (mine?.readyState === WebSocket.CONNECTING) mine.addEventListener("open", () => mine.close());
  else mine?.close();
}

function lost(): void {
  socket = null;
  const waitMs = Math.min(FIRST_WAIT_MS * 2 ** failures, LONGEST_WAIT_MS);
  failures += 1;
  timer = window.setTimeout(() => wanted.peek() !== "" && socket === null && connect(), waitMs);
}
