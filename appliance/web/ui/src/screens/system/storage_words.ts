// What is said of the storage paths: how full, how long it lasts, and what goes next.

import type { CameraFootage, NextToGo, StoragePath } from "../../wire";
import { bytes, dateOf, lasting, tight } from "../../words";

const DAY_S = 86_400;
const DAY_MS = DAY_S * 1000;
const NO_ROOM_DAYS = 0.04;

type Tone = "good" | "wait" | "warn" | "bad";

export const STATES: Record<StoragePath["state"], readonly [string, Tone]> = {
  unchecked: ["Not looked at yet", "wait"],
  ok: ["Ok", "good"],
  unmounted: ["Not mounted", "bad"],
  wrong_disk: ["Another disk", "bad"],
  read_only: ["Read-only", "bad"],
  full: ["Full", "bad"],
  failing: ["Failing", "bad"],
  slow: ["Too slow", "warn"],
};

export const CLASSES = {
  continuous: "Continuous",
  motion: "Motion",
  low: "Low events",
  medium: "Medium events",
  high: "High events",
  critical: "Critical events",
  new: "Newest, not sorted yet",
} as const;

/** `11 days`, `20 hours`. */
export function days(left: number): string {
  if (left >= 2) return tight(`${Math.floor(left)} days`);
  const hours = Math.max(1, Math.round(left * 24));
  return tight(`${hours} ${hours === 1 ? "hour" : "hours"}`);
}

const OUT_OF_USE: ReadonlySet<StoragePath["state"]> = new Set([
  "unmounted",
  "wrong_disk",
  "read_only",
  "failing",
]);

/** The big words of a path: how long its room lasts at the current rate. */
export function lasts({ role, state, bytes_per_s: pace, days_left: left }: StoragePath): string {
  if (OUT_OF_USE.has(state)) return "Out of use";
  if (left !== null)
    return left < NO_ROOM_DAYS ? "Full: old footage makes room" : `${days(left)} at the current rate`;
  if (role === "cold") return "Takes what is moved from the others";
  return pace === 0 ? "Nothing is recorded" : "Not known yet";
}

/** The small words below: the rate itself, or why there is none. */
export function rate({ role, state, bytes_per_s: pace }: StoragePath): string {
  if (OUT_OF_USE.has(state)) return "It is used again by itself once it is well.";
  if (pace !== null) return `${bytes(pace * DAY_S)} a day, as in the last hour`;
  return role === "cold" ? "" : "How long the room lasts is known after some minutes of recording.";
}

/** What goes next, and when. */
export function goes(next: NextToGo, nameOf: (id: string) => string, nowMs: number): string {
  const from = Date.parse(next.from);
  const inMs = Date.parse(next.at) - nowMs;
  const when = inMs < 60_000 ? "now" : `in about ${inMs < 2 * DAY_MS ? lasting(inMs) : days(inMs / DAY_MS)}`;
  const what = `${nameOf(next.camera_id)}, ${dateOf(from)}`;
  const how = next.is_moved ? "is moved to another disk" : "is deleted";
  const why = next.why === "age" ? "when its time is over" : "to make room";
  return `${what} ${how} ${when}, ${why}.`;
}

/** How much of all footage is this camera's, from 0 to 1. */
export function share(camera: CameraFootage, all: readonly CameraFootage[]): number {
  const whole = all.reduce((sum, one) => sum + one.footage_bytes, 0);
  return whole === 0 ? 0 : camera.footage_bytes / whole;
}

/** `1.2 GB a day`, or that nothing is recorded just now. */
export function daily({ bytes_per_s: pace }: CameraFootage): string {
  return pace === null
    ? "pace not known yet"
    : pace === 0
      ? "nothing just now"
      : `${bytes(pace * DAY_S)} a day`;
}
