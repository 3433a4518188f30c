// The newest picture that this page has of each camera, so that none begins black and none ends black.

import { type Signal, signal } from "@preact/signals";
import { get } from "../api";
import type { Footage } from "../wire";

/** A picture, and when it was taken; null where nobody knows. */
export interface LastPicture {
  url: string;
  takenMs: number | null;
}

const pictures = new Map<string, Signal<LastPicture | null>>();

export function lastPictureOf(cameraId: string): Signal<LastPicture | null> {
  const one = pictures.get(cameraId) ?? signal(null);
  pictures.set(cameraId, one);
  return one;
}

export function keepPicture(cameraId: string, blob: Blob, takenMs: number | null): void {
  const one = lastPictureOf(cameraId);
  const old = one.peek();
  one.value = { url: URL.createObjectURL(blob), takenMs };
  if (old !== null) URL.revokeObjectURL(old.url);
}

const LOOK_BACK_MS = 24 * 3_600_000;
const BEFORE_END_MS = 200;

/** Where to find the last picture that was recorded of a camera within a day; null where there is none. */
export async function lastRecorded(cameraId: string, signal: AbortSignal): Promise<[string, number] | null> {
  const nowMs = Date.now();
  const range = `from=${new Date(nowMs - LOOK_BACK_MS).toISOString()}&to=${new Date(nowMs).toISOString()}`;
  const { data } = await get<Footage>(`/cameras/${cameraId}/footage?${range}`, signal);
  const last = data.items.findLast(({ state }) => state === "recorded");
  if (last === undefined) return null;
  const atMs = Date.parse(last.to) - BEFORE_END_MS;
  return [`/cameras/${cameraId}/preview.jpg?at=${new Date(atMs).toISOString()}`, atMs];
}
