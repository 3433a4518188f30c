// A recording schedule: what holds when, as a grid of the week and in words.

import { MODES as MODE_WORDS } from "../../camera_words";
import type { Recording, Schedule } from "../../wire";

export type Mode = Recording["mode"];
export type Day = Schedule["days"][number];

export const DAYS: readonly Day[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
export const DAY_NAMES: Record<Day, string> = {
  mon: "Monday",
  tue: "Tuesday",
  wed: "Wednesday",
  thu: "Thursday",
  fri: "Friday",
  sat: "Saturday",
  sun: "Sunday",
};
export const MODES: readonly Mode[] = ["continuous", "motion", "events", "off"];
export const MODE_NAMES = MODE_WORDS;
export const MODE_HINTS: Record<Mode, string> = {
  continuous: "Everything is kept, as long as there is room and its days last.",
  motion: "Kept is the time in which something moves, with the seconds before and after.",
  events: "Kept is the time of events, with the seconds before and after.",
  off: "Nothing of this camera is kept. It can still be watched, and its events still come.",
};
export const MOST_ENTRIES = 64;

const DAY_MIN = 1440;

/** Minutes since midnight of `08:30`; `24:00` is the end of the day. */
export const minutesOf = (clock: string) => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
/** `08:30` of minutes since midnight. */
export const clockOf = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

/** For each minute of the week, Monday first, what its schedule wants; null where none of its entries holds. */
export type Week = (Mode | null)[];

/** What a schedule wants of each minute: the first entry that holds decides. */
export function weekOf(schedule: readonly Schedule[]): Week {
  const week: Week = new Array(7 * DAY_MIN).fill(null);
  for (const entry of schedule.toReversed()) {
    for (const day of entry.days) put(week, DAYS.indexOf(day), entry);
  }
  return week;
}

// What ends not after it begins goes on into the next day, and from Sunday into Monday.
function put(week: Week, day: number, { from, to, mode }: Schedule): void {
  const [begin, end] = [minutesOf(from), minutesOf(to) || DAY_MIN];
  const length = end > begin ? end - begin : end - begin + DAY_MIN;
  for (let i = 0; i < length; i += 1) week[(day * DAY_MIN + begin + i) % week.length] = mode;
}

/** A rectangle of the week: days and hours, both included. */
export interface Area {
  days: readonly [number, number];
  hours: readonly [number, number];
}

/** Have a mode hold in an area; null: what holds otherwise. */
export function painted(schedule: readonly Schedule[], { days, hours }: Area, mode: Mode | null): Schedule[] {
  const week = weekOf(schedule);
  for (let day = Math.min(...days); day <= Math.max(...days); day += 1) {
    const at = day * DAY_MIN;
    week.fill(mode, at + Math.min(...hours) * 60, at + (Math.max(...hours) + 1) * 60);
  }
  return scheduleOf(week);
}

interface Run {
  day: number;
  begin: number;
  end: number;
  mode: Mode;
}

/** The fewest entries, without overlap, that want the same of every minute. */
export function scheduleOf(week: Week): Schedule[] {
  const found = new Map<string, Schedule>();
  for (const { day, begin, end, mode } of overNight(runsOf(week))) {
    const [from, to] = [clockOf(begin), clockOf(end)];
    const key = `${begin} ${end} ${mode}`;
    const entry = found.get(key) ?? { days: [], from, to, mode };
    entry.days.push(DAYS[day] as Day);
    found.set(key, entry);
  }
  return [...found.values()];
}

function runsOf(week: Week): Run[] {
  const runs: Run[] = [];
  for (let day = 0; day < 7; day += 1) {
    let begin = 0;
    for (let end = 1; end <= DAY_MIN; end += 1) {
      const mode = week[day * DAY_MIN + begin] ?? null;
      if (end < DAY_MIN && (week[day * DAY_MIN + end] ?? null) === mode) continue;
      if (mode !== null) runs.push({ day, begin, end, mode });
      begin = end;
    }
  }
  return runs;
}

// An evening that goes on in the morning is one entry, as people say it.
function overNight(runs: readonly Run[]): Run[] {
  const mornings = new Map(
    runs.filter((run) => run.begin === 0 && run.end < DAY_MIN).map((run) => [`${run.day} ${run.mode}`, run]),
  );
  const joined = new Set<Run>();
  const found = runs.map((run) => {
    if (run.end < DAY_MIN || run.begin === 0) return run;
    const next = mornings.get(`${(run.day + 1) % 7} ${run.mode}`);
    if (next === undefined || next.end > run.begin) return run;
    joined.add(next);
    return { ...run, end: next.end };
  });
  return found.filter((run) => !joined.has(run));
}

/** What holds in an hour of the grid: one mode, or several where an entry begins or ends within it. */
export function modesIn(week: Week, day: number, hour: number): (Mode | null)[] {
  const at = day * DAY_MIN + hour * 60;
  return [...new Set(week.slice(at, at + 60))];
}

/** `Monday to Friday`, `Saturday and Sunday`, `every day`. */
export function daysInWords(days: readonly Day[]): string {
  const held = DAYS.map((day) => days.includes(day));
  if (held.every(Boolean)) return "every day";
  const parts: string[] = [];
  for (let i = 0; i < 7; i += 1) {
    if (!held[i]) continue;
    let end = i;
    while (end < 6 && held[end + 1]) end += 1;
    const name = (at: number) => DAY_NAMES[DAYS[at] as Day];
    if (end - i >= 2) parts.push(`${name(i)} to ${name(end)}`);
    else parts.push(...(end > i ? [name(i), name(end)] : [name(i)]));
    i = end;
  }
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/** `from 08:00 to 18:00`, `all day`, `from 22:00 to 06:00 on the next day`. */
export function hoursInWords({ from, to }: Pick<Schedule, "from" | "to">): string {
  const [begin, end] = [minutesOf(from), minutesOf(to) || DAY_MIN];
  if (begin === 0 && end === DAY_MIN) return "all day";
  return `from ${from} to ${end === DAY_MIN ? "24:00" : to}${end > begin ? "" : " on the next day"}`;
}

const DOES: Record<Mode, string> = {
  continuous: "everything is recorded",
  motion: "it records when something moves",
  events: "it records at events",
  off: "nothing is recorded",
};

/** What an entry does, in a sentence. */
export function entryInWords(entry: Schedule): string {
  const words = `${daysInWords(entry.days)} ${hoursInWords(entry)}: ${DOES[entry.mode]}.`;
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What will be done, sentence by sentence. */
export function inWords({ mode, schedule }: Pick<Recording, "mode" | "schedule">): string[] {
  const usual = DOES[mode];
  if (schedule.length === 0) return [`${usual.charAt(0).toUpperCase()}${usual.slice(1)}, day and night.`];
  const said = [...schedule.map(entryInWords), `At all other times: ${usual}.`];
  return overlaps(schedule) ? [...said, "Where two of these hold, the upper one decides."] : said;
}

/** Whether some minute is wanted differently by two entries. */
export function overlaps(schedule: readonly Schedule[]): boolean {
  const [one, other] = [weekOf(schedule), weekOf(schedule.toReversed())];
  return one.some((mode, at) => mode !== other[at]);
}
