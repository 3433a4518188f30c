// What is known of a camera's time: exact intervals where little is shown, shares of buckets where much is.

import { CAUSES } from "../../video/causes";
import type { Event, FootageInterval } from "../../wire";
import { clock, SEVERITIES, type Severity } from "../../words";

export type Cause = NonNullable<FootageInterval["cause"]>;

/** A stretch of time that is alike throughout. */
export interface Interval {
  fromMs: number;
  toMs: number;
  state: FootageInterval["state"];
  kept: FootageInterval["class"];
  hasMotion: boolean;
  isProtected: boolean;
  cause: Cause | null;
  isDeliberate: boolean;
}

/** A stretch of time of which shares are known, each from 0 to 1. */
export interface Bucket {
  fromMs: number;
  toMs: number;
  recorded: number;
  motion: number;
  missing: number;
  cause: Cause | null;
  isProtected: boolean;
  events: number;
  severity: Severity | null;
}

/** An event on the timeline. */
export interface Mark {
  id: string;
  cameraId: string;
  fromMs: number;
  toMs: number;
  severity: Severity;
  label: string;
  summary: string;
}

const LEAST_TOLD = 0.005;
const DELIBERATE: ReadonlySet<Cause> = new Set<Cause>(["off", "idle", "expired"]);

/** Whether a gap is as the settings wanted it. */
export const isWanted = (cause: Cause) => DELIBERATE.has(cause);
export const causeWords = (cause: Cause) => CAUSES[cause];

export function intervalOf(one: FootageInterval): Interval {
  return {
    fromMs: Date.parse(one.from),
    toMs: Date.parse(one.to),
    state: one.state,
    kept: one.class,
    hasMotion: one.has_motion,
    isProtected: one.protected,
    cause: one.cause,
    isDeliberate: one.deliberate,
  };
}

export function markOf(event: Event): Mark {
  const fromMs = Date.parse(event.started_at);
  return {
    id: event.id,
    cameraId: event.camera_id,
    fromMs,
    toMs: Math.max(fromMs, Date.parse(event.ended_at ?? event.last_seen_at)),
    severity: event.severity,
    label: event.label,
    summary: event.summary,
  };
}

/** What an interval is, in words. */
export function intervalWords(interval: Interval | null): string {
  if (interval === null || interval.state === "unknown") return "Nothing is known of this time";
  if (interval.state === "gap")
    return interval.cause === null ? "Missing: nobody knows why" : causeWords(interval.cause);
  const words = [interval.hasMotion ? "Recorded, with motion" : "Recorded"];
  if (interval.isProtected) words.push("protected");
  return words.join(", ");
}

/** What a bucket is, in words. */
export function bucketWords(bucket: Bucket): string {
  const words: string[] = [];
  if (bucket.recorded > 0) words.push(`${percent(bucket.recorded)} recorded`);
  if (bucket.motion > 0) words.push(`motion in ${percent(bucket.motion)}`);
  // Of a part of a second in an hour nobody needs to hear.
  const isTold = bucket.missing >= LEAST_TOLD || (bucket.cause !== null && isWanted(bucket.cause));
  if (bucket.cause !== null && isTold && bucket.recorded < 0.995) words.push(causeWords(bucket.cause));
  if (bucket.isProtected) words.push("protected");
  if (bucket.events > 0) words.push(`${bucket.events} ${bucket.events === 1 ? "event" : "events"}`);
  return words.length === 0 ? "Nothing is known of this time" : words.join(", ");
}

/** What an event is, in words. */
export const eventWords = (mark: Mark) =>
  `${clock(mark.fromMs)}: ${mark.summary || mark.label} (${SEVERITIES[mark.severity].toLowerCase()})`;

const percent = (share: number) => `${Math.max(1, Math.round(share * 100))} %`;

/** The interval that a moment is in; `intervals` are in order. */
export function at<T extends { fromMs: number; toMs: number }>(
  intervals: readonly T[],
  ms: number,
): T | null {
  const one = intervals[lastBefore(intervals, ms)];
  return one !== undefined && ms < one.toMs ? one : null;
}

/** The index of the last one that begins at or before a moment; -1 where there is none. */
export function lastBefore(items: readonly { fromMs: number }[], ms: number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle]?.fromMs ?? Number.POSITIVE_INFINITY) <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The first recorded moment at or after a time, or null. */
export function recordedFrom(intervals: readonly Interval[], ms: number): number | null {
  const found = intervals.find((one) => one.state === "recorded" && one.toMs > ms);
  return found === undefined ? null : Math.max(ms, found.fromMs);
}

/** Going back into a gap leads to what was recorded before it, since a gap is left at its end. */
export function recordedBack(intervals: readonly Interval[], ms: number, lastMs: number): number {
  if (at(intervals, ms)?.state !== "gap") return ms;
  const found = intervals.findLast((one) => one.state === "recorded" && one.toMs <= ms);
  return found === undefined ? ms : Math.max(found.fromMs, found.toMs - lastMs);
}

/** The longest gap in a time; null where there is none, or none is known. */
export function longestGap(intervals: readonly Interval[], fromMs: number, toMs: number): Interval | null {
  let found: Interval | null = null;
  let longest = 0;
  for (const one of intervals) {
    const both = Math.min(toMs, one.toMs) - Math.max(fromMs, one.fromMs);
    if (one.state === "gap" && both > longest) [found, longest] = [one, both];
  }
  return found;
}

/** How much of a time is recorded, and of that how much is protected, in milliseconds. */
export function within(intervals: readonly Interval[], fromMs: number, toMs: number) {
  const sums = { recorded: 0, isProtected: 0 };
  for (const one of intervals) {
    const both = Math.min(toMs, one.toMs) - Math.max(fromMs, one.fromMs);
    if (both <= 0 || one.state !== "recorded") continue;
    sums.recorded += both;
    if (one.isProtected) sums.isProtected += both;
  }
  return sums;
}

/** Join what follows each other and is alike, as where two tiles meet. */
export function joined(intervals: readonly Interval[]): Interval[] {
  const found: Interval[] = [];
  for (const one of intervals) {
    const last = found.at(-1);
    if (last !== undefined && last.toMs === one.fromMs && isAlike(last, one))
      found[found.length - 1] = { ...last, toMs: one.toMs };
    else found.push(one);
  }
  return found;
}

const isAlike = (one: Interval, other: Interval) =>
  one.state === other.state &&
  one.kept === other.kept &&
  one.hasMotion === other.hasMotion &&
  one.isProtected === other.isProtected &&
  one.cause === other.cause;
