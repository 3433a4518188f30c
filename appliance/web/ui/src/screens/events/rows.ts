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
  | { kind: "batch"; key: string; run: Run; oldest: Entry }
  | Entry;

/** The head of a run; `oldest` is the last entry under it. */
export type Head = Extract<Row, { kind: "batch" }>;

/** Put entries into rows, newest first, without those that are `hidden`. */
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
    const batch = batches.get(first.event.batch_id) ?? null;
    // Where cameras take turns, an event stands alone though there are others of its batch: what a head would say of it
    // it says itself.
    if (end - at > 1) rows.push(headOf(shown, at, end, batch));
    for (; at < end; at += 1) rows.push(shown[at] as Entry);
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

// Of tens of thousands of heads few change with a message: the others are the same objects again.
function headOf(shown: readonly Entry[], at: number, end: number, batch: Batch | null): Head {
  const [newest, oldest] = [shown[at] as Entry, shown[end - 1] as Entry];
  let severity = newest.event.severity;
  let lastMs = newest.startMs;
  for (let i = at; i < end; i += 1) {
    const { event, endMs } = shown[i] as Entry;
    severity = higher(severity, event.severity);
    if (endMs > lastMs) lastMs = endMs;
  }
  const before = newest.head;
  if (
    before?.oldest === oldest &&
    before.run.batch === batch &&
    before.run.count === end - at &&
    before.run.severity === severity &&
    before.run.lastMs === lastMs
  )
    return before;
  const { batch_id: batchId, camera_id: cameraId } = newest.event;
  const run = { batchId, cameraId, batch, firstMs: oldest.startMs, lastMs, severity, count: end - at };
  // Named for its oldest event: it stays the same row while newer ones come in.
  const head: Head = { kind: "batch", key: `batch ${oldest.event.id}`, run, oldest };
  newest.head = head;
  return head;
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

/** The event of a row; null of a head. */
export const eventIn = (row: Row) => (row.kind === "event" ? row.key : null);
