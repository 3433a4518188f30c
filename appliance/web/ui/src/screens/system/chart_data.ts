// The history as numbers to draw and as words.

import type { History, HistorySeries } from "../../wire";
import { bytes, clock, tight } from "../../words";

export type Figure = HistorySeries["figure"];

/** A chart: one figure over time. */
export interface ChartKind {
  figure: Figure;
  title: string;
  /** Of the scale: percentages go from 0 to 100, other figures from 0 to what there is. */
  most?: number;
  /** The scale need not begin at 0: what counts is the change. */
  isFree?: boolean;
  say: (value: number) => string;
}

const percent = (value: number) => tight(`${Math.round(value)} %`);
const number = (value: number) =>
  value < 10 ? String(Math.round(value * 10) / 10) : Math.round(value).toLocaleString();

export const CHARTS: readonly ChartKind[] = [
  { figure: "cpu_percent", title: "CPU", most: 100, say: percent },
  { figure: "memory_percent", title: "Memory", most: 100, say: percent },
  { figure: "gpu_percent", title: "GPU", most: 100, say: percent },
  { figure: "gpu_memory_percent", title: "GPU memory", most: 100, say: percent },
  {
    figure: "gpu_temperature_c",
    title: "GPU temperature",
    isFree: true,
    say: (value) => tight(`${Math.round(value)} °C`),
  },
  { figure: "disk_free_bytes", title: "Free on the disks", isFree: true, say: bytes },
  { figure: "footage_bytes", title: "Footage", say: bytes },
  { figure: "detections_per_s", title: "Frames analysed a second", say: number },
  { figure: "frames_dropped", title: "Frames left out a minute", say: number },
  {
    figure: "commit_p99_ms",
    title: "Slow commits (99 of 100 are faster)",
    say: (value) => tight(`${number(value)} ms`),
  },
  { figure: "cameras_online", title: "Cameras connected", say: number },
];

export const RANGES = { "1h": 3600, "24h": 86_400, "7d": 7 * 86_400, "31d": 31 * 86_400 } as const;
export type Range = keyof typeof RANGES;
export const RANGE_WORDS: readonly (readonly [Range, string])[] = [
  ["1h", "1 h"],
  ["24h", "24 h"],
  ["7d", "7 d"],
  ["31d", "31 d"],
];

export const isRange = (word: string | undefined): word is Range => word !== undefined && word in RANGES;

type Column = (number | null)[];

/** The columns to draw: moments in seconds, the most, the least, and the mean; null where nothing was known. */
export interface Columns {
  at: number[];
  most: Column;
  least: Column;
  mean: Column;
}

/** Put a figure on the whole grid of the time: a part that is missing becomes a hole, not a line across it. */
export function columns(history: History, figure: Figure): Columns {
  const from = Date.parse(history.from) / 1000;
  const parts = Math.ceil((Date.parse(history.to) / 1000 - from) / history.bucket_s);
  const made: Columns = { at: [], most: [], least: [], mean: [] };
  const points = history.series.find((one) => one.figure === figure)?.points ?? [];
  const byPlace = new Map(
    points.map((point) => [Math.round((Date.parse(point.at) / 1000 - from) / history.bucket_s), point]),
  );
  for (let place = 0; place < parts; place += 1) {
    const point = byPlace.get(place);
    made.at.push(from + (place + 0.5) * history.bucket_s);
    made.most.push(point?.max ?? null);
    made.least.push(point?.min ?? null);
    made.mean.push(point?.mean ?? null);
  }
  return made;
}

/** The places that have nothing on either side: a line would not show them. */
export function lone(column: Column): number[] {
  const isKnownAt = (place: number) => column[place] != null;
  return [...column.keys()].filter(
    (place) => isKnownAt(place) && !isKnownAt(place - 1) && !isKnownAt(place + 1),
  );
}

/** Whether there is anything to draw. */
export const isKnown = (history: History, figure: Figure) =>
  history.series.some((one) => one.figure === figure && one.points.length > 0);

/** The scale of a chart: what its figures need, with some room above. */
export function scale(kind: ChartKind, { most, least }: Columns): [number, number] {
  if (kind.most !== undefined) return [0, kind.most];
  const high = Math.max(...most.filter((one) => one !== null));
  const low = Math.min(...least.filter((one) => one !== null));
  if (!Number.isFinite(high)) return [0, 1];
  if (!kind.isFree) return [0, high === 0 ? 1 : high * 1.1];
  const room = Math.max((high - low) * 0.15, high * 0.02, 1);
  return [Math.max(0, low - room), high + room];
}

/** A chart in a sentence, for whoever does not see it. */
export function summary(kind: ChartKind, { most, least, mean }: Columns): string {
  const known = mean.filter((one) => one !== null);
  const last = known.at(-1);
  if (last === undefined) return `${kind.title}: nothing is known of this time.`;
  const average = known.reduce((sum, one) => sum + one, 0) / known.length;
  const low = Math.min(...least.filter((one) => one !== null));
  const high = Math.max(...most.filter((one) => one !== null));
  const say = kind.say;
  if (say(low) === say(high)) return `${kind.title}: last ${say(last)}; about the same all the time.`;
  return `${kind.title}: last ${say(last)}; from ${say(low)} to ${say(high)}, ${say(average)} on average.`;
}

const DAY_S = 86_400;
const spanS = ({ at }: Pick<Columns, "at">) => (at.at(-1) ?? 0) - (at[0] ?? 0);

/** A moment below the chart: its time, or its day where there are many of them. */
export const sayMoment = (atS: number, columns: Pick<Columns, "at">) =>
  spanS(columns) > 2 * DAY_S ? shortDay.format(atS * 1000) : clock(atS * 1000);

const shortDay = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
/** A moment in words: its time, with the day where there are several. */
export const fullMoment = (atS: number, columns: Pick<Columns, "at">) =>
  spanS(columns) > DAY_S / 2 ? `${shortDay.format(atS * 1000)}, ${clock(atS * 1000)}` : clock(atS * 1000);

/** The figures of one part of the time, as the pointer is on it. */
export function reading(kind: ChartKind, of: Columns, place: number): string {
  const [mean, least, most] = [of.mean[place], of.least[place], of.most[place]];
  const when = fullMoment(of.at[place] ?? 0, of);
  if (mean == null || least == null || most == null) return `${when}: not known`;
  const [said, from, to] = [kind.say(mean), kind.say(least), kind.say(most)];
  return from === to ? `${when}: ${said}` : `${when}: ${said} (${from} to ${to})`;
}
