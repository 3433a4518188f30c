// Which events are wanted: read from the address, written to it, and applied as the server does it.

import { withQuery } from "../../api";
import type { Event } from "../../wire";
import { clock, dateOf, SEVERITIES, type Severity } from "../../words";

/** Empty lists and null mean all of them; the times are those of the start, `from` counts, `to` does not. */
export interface EventFilter {
  camera: string[];
  label: string[];
  /** Ids of zones: it was in one of these. */
  zone: string[];
  severity: Severity | null;
  reviewed: boolean | null;
  from: string | null;
  to: string | null;
}

export const ALL: EventFilter = {
  camera: [],
  label: [],
  zone: [],
  severity: null,
  reviewed: null,
  from: null,
  to: null,
};

const RANKS: Record<Severity, number> = { low: 0, medium: 1, high: 2, critical: 3 };

/** Read the filter from an address; what cannot be understood does not count. */
export function filterOf(url: string): EventFilter {
  const query = new URL(url, "http://box").searchParams;
  const severity = query.get("severity");
  const reviewed = query.get("reviewed");
  return {
    camera: once(query.getAll("camera")),
    label: once(query.getAll("label")),
    zone: once(query.getAll("zone")),
    severity: severity !== null && Object.hasOwn(SEVERITIES, severity) ? (severity as Severity) : null,
    reviewed: reviewed === "true" ? true : reviewed === "false" ? false : null,
    from: timeOf(query.get("from")),
    to: timeOf(query.get("to")),
  };
}

const once = (names: string[]) => [...new Set(names.filter((name) => name !== ""))];

function timeOf(text: string | null): string | null {
  const ms = Date.parse(text ?? "");
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

/** The query of a filter behind a path: `/events` of the page as well as of the API. */
export const addressOf = (path: string, filter: EventFilter, more: { limit?: number; page?: string } = {}) =>
  withQuery(path, { ...filter, ...more });

/** Whether an event is wanted. */
export function matches(filter: EventFilter, event: Event): boolean {
  const startMs = Date.parse(event.started_at);
  return (
    isAmong(filter.camera, event.camera_id) &&
    isAmong(filter.label, event.label) &&
    (filter.zone.length === 0 || filter.zone.some((id) => event.zones.includes(id))) &&
    (filter.severity === null || RANKS[event.severity] >= RANKS[filter.severity]) &&
    (filter.reviewed === null || event.reviewed === filter.reviewed) &&
    (filter.from === null || startMs >= Date.parse(filter.from)) &&
    (filter.to === null || startMs < Date.parse(filter.to))
  );
}

const isAmong = (wanted: readonly string[], one: string) => wanted.length === 0 || wanted.includes(one);

/** The higher of two severities. */
export const higher = (one: Severity, other: Severity) => (RANKS[one] >= RANKS[other] ? one : other);

/** How many of its parts limit something. */
export function countOf(filter: EventFilter): number {
  const { camera, label, zone, severity, reviewed, from, to } = filter;
  const set = [
    camera.length > 0,
    label.length > 0,
    zone.length > 0,
    severity !== null,
    reviewed !== null,
    from ?? to,
  ];
  return set.filter((one) => Boolean(one)).length;
}

/** What a filter lets pass, part by part: `Front door`, `person`, `high and up`, `not reviewed`, `since …`. */
export function wordsOfFilter(
  filter: EventFilter,
  nameOf: (cameraId: string) => string,
  zoneOf: (zoneId: string) => string,
): string[] {
  const { camera, label, zone, severity, reviewed, from, to } = filter;
  const words = [];
  if (camera.length > 0) words.push(camera.map(nameOf).join(" or "));
  if (label.length > 0) words.push(label.join(" or "));
  if (zone.length > 0) words.push(`in ${zone.map(zoneOf).join(" or ")}`);
  if (severity !== null)
    words.push(`${SEVERITIES[severity].toLowerCase()} severity${severity === "critical" ? "" : " and up"}`);
  if (reviewed !== null) words.push(reviewed ? "reviewed" : "not reviewed");
  if (from !== null || to !== null) words.push(timeWords(from, to));
  return words;
}

function timeWords(from: string | null, to: string | null): string {
  const shortcut = SHORTCUTS.find(({ range }) => isSame(range(Date.now()), { from, to }));
  if (shortcut !== undefined) return shortcut.words;
  const said = (iso: string) => `${dateOf(Date.parse(iso))}, ${clock(Date.parse(iso))}`;
  if (from === null) return `before ${said(to ?? "")}`;
  return to === null ? `since ${said(from)}` : `from ${said(from)} to ${said(to)}`;
}

export interface Range {
  from: string | null;
  to: string | null;
}

/** Days as the browser's clock has them. */
export const SHORTCUTS: { words: string; range: (nowMs: number) => Range }[] = [
  { words: "today", range: (nowMs) => ({ from: midnight(nowMs, 0), to: null }) },
  { words: "yesterday", range: (nowMs) => ({ from: midnight(nowMs, -1), to: midnight(nowMs, 0) }) },
  { words: "7 days", range: (nowMs) => ({ from: midnight(nowMs, -6), to: null }) },
];

export const isSame = (one: Range, other: Range) => one.from === other.from && one.to === other.to;

function midnight(nowMs: number, days: number): string {
  const at = new Date(nowMs);
  return new Date(at.getFullYear(), at.getMonth(), at.getDate() + days).toISOString();
}
