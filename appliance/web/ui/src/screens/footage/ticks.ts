// Where a timeline has its ticks and what they say: by the browser's calendar, whose days have 23 to 25 hours.

import { clock, clockWithSeconds } from "../../words";
import { spanOf, type View } from "./scale";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface Tick {
  ms: number;
  text: string;
  /** A day or month begins here. */
  isBegin: boolean;
}

interface Step {
  ms: number;
  unit: "clock" | "hours" | "days" | "months";
  n: number;
}

const clockStep = (ms: number): Step => ({ ms, unit: "clock", n: ms });
const hours = (n: number): Step => ({ ms: n * HOUR, unit: "hours", n });
const days = (n: number): Step => ({ ms: n * DAY, unit: "days", n });

const STEPS: readonly Step[] = [
  ...[1, 2, 5, 10, 15, 30].map((n) => clockStep(n * SECOND)),
  ...[1, 2, 5, 10, 15, 30, 60].map((n) => clockStep(n * MINUTE)),
  ...[2, 3, 6, 12].map(hours),
  ...[1, 2, 7].map(days),
  { ms: 30 * DAY, unit: "months", n: 1 },
];

const dayName = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric" });
const dayOfMonth = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const monthName = new Intl.DateTimeFormat(undefined, { month: "short", year: "numeric" });

/** ` UTC+2` on a day on which the clock is changed, where a time alone may mean two moments; else nothing. */
export function zoneWord(ms: number): string {
  const begin = midnight(ms);
  if (midnight(ms, 1) - begin === DAY) return "";
  const minutes = -new Date(ms).getTimezoneOffset();
  const [hour, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return ` UTC${minutes < 0 ? "-" : "+"}${hour}${rest === 0 ? "" : `:${rest}`}`;
}

/** Midnight of the day that a moment is in, `after` days later. */
export function midnight(ms: number, after = 0): number {
  const at = new Date(ms);
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + after).getTime();
}

/** The ticks of a view that is so wide, at least `apartPx` from each other. */
export function ticksOf(view: View, width: number, apartPx: number): Tick[] {
  const least = (apartPx / Math.max(1, width)) * spanOf(view);
  const step = STEPS.find((one) => one.ms >= least) ?? (STEPS.at(-1) as Step);
  const moments =
    step.unit === "months" ? monthsOf(view) : step.unit === "days" ? daysOf(view, step.n) : null;
  if (moments !== null) return moments.map((ms) => ({ ms, text: dateText(ms, step), isBegin: true }));
  return withinDays(view, step).map((ms) => tickOf(ms, step));
}

/** The days of a view, from midnight to midnight; none where they are too many to be told apart. */
export function daysIn(view: View): View[] {
  const found: View[] = [];
  for (let ms = midnight(view.fromMs); ms < view.toMs && found.length < 40; ms = midnight(ms, 1))
    found.push({ fromMs: ms, toMs: midnight(ms, 1) });
  return found;
}

function tickOf(ms: number, step: Step): Tick {
  const isBegin = ms === midnight(ms);
  return { ms, text: (step.ms < MINUTE ? clockWithSeconds : clock)(ms), isBegin };
}

function dateText(ms: number, step: Step): string {
  if (step.unit === "months") return monthName.format(ms);
  return step.n === 1 && new Date(ms).getDate() !== 1 ? dayName.format(ms) : dayOfMonth.format(ms);
}

// Counted from each midnight. Steps up to an hour are lengths of time, so that an hour that comes twice has its
// ticks twice; longer ones are hours of the clock.
function withinDays(view: View, step: Step): number[] {
  const found = new Set<number>();
  for (const day of daysIn(view)) {
    const at = new Date(day.fromMs);
    const parts = step.unit === "hours" ? 24 / step.n : Math.ceil((day.toMs - day.fromMs) / step.ms);
    const first = step.unit === "hours" ? 0 : Math.max(0, Math.floor((view.fromMs - day.fromMs) / step.ms));
    for (let i = first; i < parts; i += 1) {
      const ms =
        step.unit === "hours"
          ? new Date(at.getFullYear(), at.getMonth(), at.getDate(), i * step.n).getTime()
          : day.fromMs + i * step.ms;
      if (ms > view.toMs) break;
      if (ms >= view.fromMs) found.add(ms);
    }
  }
  return [...found];
}

// Every second or seventh day is counted in the month, so that panning does not make them jump.
function daysOf(view: View, n: number): number[] {
  const all = daysIn({ fromMs: view.fromMs, toMs: view.toMs + 1 }).map((day) => day.fromMs);
  return all.filter((ms) => {
    const date = new Date(ms).getDate();
    return ms >= view.fromMs && (date - 1) % n === 0 && (n === 1 || date <= 29);
  });
}

function monthsOf(view: View): number[] {
  const found: number[] = [];
  const at = new Date(view.fromMs);
  for (let i = 0; i < 24; i += 1) {
    const ms = new Date(at.getFullYear(), at.getMonth() + i, 1).getTime();
    if (ms > view.toMs) break;
    if (ms >= view.fromMs) found.push(ms);
  }
  return found;
}
