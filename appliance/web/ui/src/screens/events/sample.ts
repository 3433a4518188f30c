// Events and batches for tests.

import type { Batch, Event } from "../../wire";

/** An event with sensible values. */
export function eventOf(values: Partial<Event> = {}): Event {
  const id = values.id ?? "event-1";
  const startedAt = values.started_at ?? "2026-11-26T12:00:00.000Z";
  return {
    id,
    visit_id: id,
    batch_id: "batch-1",
    camera_id: "front",
    track_id: 1,
    continues: null,
    state: "ended",
    kind: "object",
    label: "person",
    started_at: startedAt,
    last_seen_at: startedAt,
    ended_at: startedAt,
    score: 0.9,
    box: null,
    zones: [],
    passages: [],
    speed_kmh: null,
    rested_at: null,
    risk_score: 35,
    severity: "medium",
    risk_factors: [],
    summary: "",
    picture: null,
    second_look: null,
    reviewed: false,
    note: "",
    ...values,
  };
}

/** A batch with sensible values. */
export const batchOf = (values: Partial<Batch> = {}): Batch => ({
  id: "batch-1",
  chain_id: "batch-1",
  camera_id: "front",
  state: "completed",
  started_at: "2026-11-26T12:00:00.000Z",
  ended_at: "2026-11-26T12:01:00.000Z",
  severity: "medium",
  event_count: 1,
  summary: "1 person",
  reviewed: false,
  ...values,
});

/** The n-th second of noon. */
export const second = (n: number) => new Date(Date.UTC(2026, 10, 26, 12) + n * 1000).toISOString();
