// Changes of a camera that apply at once, and what takes them back.

import type { Camera, CameraChange, RecordingChange } from "../../wire";

/** What undoes a change of a camera; null where that cannot be known: its address with user and password. */
export function reverse(camera: Camera, change: CameraChange): CameraChange | null {
  if ("address" in change || "live_address" in change) return null;
  const { recording, ...own } = change;
  const back = pick(camera, own);
  return recording === undefined
    ? back
    : { ...back, recording: pick(camera.recording, recording) as RecordingChange };
}

/** Whether what a change made of a camera is still so: what somebody else has changed since is not taken back. */
export const holds = (now: Camera, made: Camera, change: CameraChange) =>
  JSON.stringify(reverse(now, change)) === JSON.stringify(reverse(made, change));

function pick(from: object, named: object): CameraChange {
  const values = new Map(Object.entries(from));
  return Object.fromEntries(Object.keys(named).map((name) => [name, values.get(name)])) as CameraChange;
}

const GIGA = 1e9;

/** Gigabytes for a person, of bytes; empty where there is no limit. */
export const gigabytes = (bytes: number | null) =>
  bytes === null ? "" : String(Number((bytes / GIGA).toPrecision(6)));
/** Bytes of gigabytes that a person wrote. */
export const bytesOf = (gigabytes: number | null) =>
  gigabytes === null ? null : Math.round(gigabytes * GIGA);

/** A number that a person wrote; null where nothing is. Throws with what was expected. */
export function numberOf(text: string, { least, most }: { least: number; most: number }): number | null {
  const plain = text.trim().replace(",", ".");
  if (plain === "") return null;
  const value = Number(plain);
  if (!Number.isFinite(value) || value < least || value > most)
    throw new Error(`Write a number from ${least.toLocaleString()} to ${most.toLocaleString()}.`);
  return value;
}
