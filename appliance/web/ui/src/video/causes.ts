// What there is of a camera's time, and why something is missing, in words.

import type { FootageInterval } from "../wire";

const CLASSES: Record<string, string> = {
  continuous: "Recorded",
  motion: "Recorded, with motion",
  low: "Recorded, with an event of low severity",
  medium: "Recorded, with an event of medium severity",
  high: "Recorded, with an event of high severity",
  critical: "Recorded, with a critical event",
};

export const CAUSES: Record<NonNullable<FootageInterval["cause"]>, string> = {
  off: "Not recorded: switched off",
  idle: "Not recorded: nothing happened",
  expired: "Deleted: its time or room was over",
  not_recordable: "Missing: the camera’s codec cannot be recorded",
  camera_down: "Missing: the camera sent nothing",
  disk_full: "Missing: the disk was full",
  disk_slow: "Missing: the disk was too slow",
  disk_unavailable: "Missing: no disk could be written",
  service_down: "Missing: Nightjar did not run",
  lost: "Missing: the file is gone or damaged",
};

/** What an interval of footage is. */
export function intervalWords(one: Pick<FootageInterval, "state" | "cause" | "class">): string {
  if (one.state === "recorded") return CLASSES[one.class ?? ""] ?? "Recorded";
  return one.cause === null ? "Nothing is known of this time" : CAUSES[one.cause];
}
