// Times, sizes and names in words, as the browser's language and clock have them.

import { computed, signal } from "@preact/signals";
import { kept } from "./state/kept";
import type { Event } from "./wire";

/** The time of the box's page, once a second: whoever shows an age reads it and is shown anew. */
export const now = signal(Date.now());
setInterval(() => {
  if (!globalThis.document?.hidden) now.value = Date.now();
}, 1000);

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["hour", 3600],
  ["minute", 60],
];

/** `3 minutes ago`. */
export function ago(iso: string, nowMs = now.value): string {
  const seconds = Math.round((Date.parse(iso) - nowMs) / 1000);
  // Yesterday is what the calendar calls so, not what is less than 48 hours ago.
  if (Math.abs(seconds) >= 86_400) return relative.format(daysFrom(nowMs, Date.parse(iso)), "day");
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return Math.abs(seconds) < 5 ? "just now" : relative.format(seconds, "second");
}

const daysFrom = (oneMs: number, otherMs: number) =>
  Math.round((new Date(otherMs).setHours(0, 0, 0, 0) - new Date(oneMs).setHours(0, 0, 0, 0)) / 86_400_000);

/** `40 s`, `3 min`, `2 h 5 min`, `3 days`; at least a second. */
export function lasting(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 60) return tight(`${seconds} s`);
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return tight(`${minutes} min`);
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return tight(minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`);
  return tight(`${Math.floor(hours / 24)} days`);
}

const PARKED = ["car", "truck", "bus", "van", "train", "motorcycle", "bicycle"];

const staying = (label: string) => (PARKED.includes(label) ? "parked" : "standing");

const since = (ms: number) => (daysFrom(ms, Date.now()) === 0 ? clock(ms) : `${dateOf(ms)}, ${clock(ms)}`);

const STILL = { object: "still there", offline: "still not reached", tampering: "still so" } as const;

/** How an event went. */
export function course(event: Event): string {
  if (event.rested_at !== null) return `${staying(event.label)} since ${since(Date.parse(event.rested_at))}`;
  if (event.state === "open") return STILL[event.kind];
  if (event.state === "interrupted") return "cut off by a restart";
  return `for ${lasting(Date.parse(event.ended_at ?? event.last_seen_at) - Date.parse(event.started_at))}`;
}

/** Why there is no picture to show. */
export function pictureless({ kind, picture, state }: Event): string {
  if (kind === "offline") return "Not reached";
  if (kind === "tampering") return "Tampered with";
  if (picture !== null) return "Picture is gone";
  return state === "open" ? "No picture yet" : "No picture";
}

const day = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });
const dayAndYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

/** Whether a day has 24 hours or twice 12; `usual` is as the browser's language has it. */
export const hours = kept("clock", ["usual", "24", "12"], "usual");
const CYCLES = { usual: undefined, "24": "h23", "12": "h12" } as const;

const clocks = computed(() => {
  const minute = { hour: "2-digit", minute: "2-digit", hourCycle: CYCLES[hours.value] } as const;
  return {
    minute: new Intl.DateTimeFormat(undefined, minute),
    second: new Intl.DateTimeFormat(undefined, { ...minute, second: "2-digit" }),
  };
});

/** `Thu, Nov 26`, with the year when it is another one. */
export function dateOf(ms: number): string {
  const at = new Date(ms);
  return at.getFullYear() === new Date().getFullYear() ? day.format(at) : dayAndYear.format(at);
}

/** `15:04` or `03:04 PM`. */
export const clock = (ms: number) => clocks.value.minute.format(ms);
/** The same with seconds. */
export const clockWithSeconds = (ms: number) => clocks.value.second.format(ms);
/** Date and time to the second. */
export const moment = (ms: number) => `${dateOf(ms)}, ${clockWithSeconds(ms)}`;

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** `1.2 GB`; decimal, as disks are sold. */
export function bytes(count: number): string {
  let [value, unit] = [count, 0];
  while (value >= 999.5 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  return tight(`${value < 9.95 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`);
}

/** `4.1 Mbit/s`. */
export function bitrate(bps: number): string {
  return tight(bps >= 1e6 ? `${(bps / 1e6).toFixed(1)} Mbit/s` : `${Math.round(bps / 1000)} kbit/s`);
}

/** A number stays on one line with its unit. */
export const tight = (text: string) => text.replace(/(\d) (?=[a-zA-Z%°])/g, "$1\u00a0");

/** `1 event`, `3 events`. */
export const count = (n: number, one: string, many = `${one}s`) =>
  `${n.toLocaleString()} ${n === 1 ? one : many}`;

export const SEVERITIES = { low: "Low", medium: "Medium", high: "High", critical: "Critical" } as const;
export type Severity = keyof typeof SEVERITIES;
