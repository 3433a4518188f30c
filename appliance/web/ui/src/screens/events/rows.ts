// The feed as rows: days, batches, and the events in them.

import type { Batch, Event } from "../../wire";
import type { Severity } from "../../words";
import type { Entry } from "./event_store";
import { higher } from "./filter";

/** Consecutive events of one batch; `batch` is null while only its events are known. */
export interface Run {
  batchId: string;
  cameraId: string;
  batch: Batch | null;
  firstMs: number;
  lastMs: number;
  severity: Severity;
  count: number;
}

export type Row =
  | { kind: "day"; key: string; dayMs: number }
  | { kind: "batch"; key: string; run: Run }
  | Entry;

/** Put entries into rows, newest first, without those that are `hidden`. An event that is its whole batch stands alone. */
export function rowsOf(
  entries: readonly Entry[],
  batches: ReadonlyMap<string, Batch>,
  hidden: ReadonlySet<string>,
): Row[] {
  const rows: Row[] = [];
  const shown = hidden.size === 0 ? entries : entries.filter(({ event }) => !hidden.has(event.id));
  let dayMs = Number.POSITIVE_INFINITY;
  let at = 0;
  while (at < shown.length) {
    const first = shown[at] as Entry;
    if (first.startMs < dayMs) {
      dayMs = dayOf(first.startMs);
      rows.push({ kind: "day", key: `day ${dayMs}`, dayMs });
    }
    const end = endOfRun(shown, at, dayMs);
    pushRun(rows, shown, at, end, batches.get(first.event.batch_id) ?? null);
    at = end;
  }
  return rows;
}

function endOfRun(shown: readonly Entry[], at: number, dayMs: number): number {
  const batchId = shown[at]?.event.batch_id;
  let end = at + 1;
  while (end < shown.length) {
    const next = shown[end] as Entry;
    if (next.event.batch_id !== batchId || next.startMs < dayMs) break;
    end += 1;
  }
  return end;
}

function pushRun(rows: Row[], shown: readonly Entry[], at: number, end: number, batch: Batch | null): void {
  const hasHead = end - at > 1 || (batch?.event_count ?? 1) > 1;
  if (hasHead) {
    // Named for its oldest event: it stays the same row while newer ones come in.
    rows.push({ kind: "batch", key: `batch ${shown[end - 1]?.event.id}`, run: runOf(shown, at, end, batch) });
  }
  for (let i = at; i < end; i += 1) rows.push(shown[i] as Entry);
}

function runOf(shown: readonly Entry[], at: number, end: number, batch: Batch | null): Run {
  const newest = shown[at] as Entry;
  let severity = newest.event.severity;
  let lastMs = newest.startMs;
  for (let i = at; i < end; i += 1) {
    const { event, endMs } = shown[i] as Entry;
    severity = higher(severity, event.severity);
    lastMs = Math.max(lastMs, endMs);
  }
  return {
    batchId: newest.event.batch_id,
    cameraId: newest.event.camera_id,
    batch,
    firstMs: (shown[end - 1] as Entry).startMs,
    lastMs,
    severity,
    count: end - at,
  };
}

/** Whether the event at an index stands under the head of a batch. */
export function isInBatch(rows: readonly Row[], index: number): boolean {
  const [before, row] = [rows[index - 1], rows[index]];
  if (before?.kind !== "event" || row?.kind !== "event") return before?.kind === "batch";
  return before.event.batch_id === row.event.batch_id;
}

/** The events under the head at an index. */
export function eventsUnder(rows: readonly Row[], index: number): Event[] {
  const events: Event[] = [];
  for (let at = index + 1; at === index + 1 || isInBatch(rows, at); at += 1) {
    const row = rows[at];
    if (row?.kind !== "event") break;
    events.push(row.event);
  }
  return events;
}

/** The midnight before a moment, as the browser's clock has it. */
export const dayOf = (ms: number) => new Date(ms).setHours(0, 0, 0, 0);

/** Where the keyboard goes: `step` events on from the current one, to the first or last where none is. */
export function stepFrom(rows: readonly Row[], current: string | null, step: 1 | -1): string | null {
  const at = rows.findIndex((row) => row.key === current);
  const from = at >= 0 ? at + step : step > 0 ? 0 : rows.length - 1;
  return eventFrom(rows, from, step) ?? (at >= 0 ? current : null);
}

/** The event at an index, or else the next one, or else the one before: who is current where one has gone. */
export function eventNear(rows: readonly Row[], index: number): string | null {
  return eventFrom(rows, index, 1) ?? eventFrom(rows, Math.min(index, rows.length) - 1, -1);
}

function eventFrom(rows: readonly Row[], from: number, step: 1 | -1): string | null {
  for (let at = from; at >= 0 && at < rows.length; at += step) {
    const row = rows[at];
    if (row?.kind === "event") return row.key;
  }
  return null;
}
