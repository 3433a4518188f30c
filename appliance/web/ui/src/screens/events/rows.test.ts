import { describe, expect, it } from "vitest";
import { near, stepFrom } from "../../parts/current";
import type { Event } from "../../wire";
import { EventStore } from "./event_store";
import { ALL } from "./filter";
import { eventIn, eventsUnder, isInBatch, type Row, rowsOf } from "./rows";
import { batchOf, eventOf, second } from "./sample";

const NONE: ReadonlySet<string> = new Set();

function rowsFor(events: Event[], batches = new Map(), hidden = NONE): Row[] {
  const store = new EventStore(ALL);
  store.addPage(events, 1, true);
  return rowsOf(store.entries, batches, hidden);
}

const at = (n: number, batch: string, values: Partial<Event> = {}) =>
  eventOf({ id: `e${n}`, started_at: second(n), batch_id: batch, ...values });
const kinds = (rows: readonly Row[]) =>
  rows.map((row) => (row.kind === "event" ? row.key : row.kind)).join(" ");

describe("the rows of the feed", () => {
  it("are told from the ones before only where something has changed", () => {
    const store = new EventStore(ALL);
    const batches = new Map();
    store.addPage([at(9, "b9"), at(4, "b1"), at(3, "b1"), at(2, "b0"), at(1, "b0")], 1, true);
    const before = rowsOf(store.entries, batches, NONE);
    expect(kinds(before)).toBe("day e9 batch e4 e3 batch e2 e1");
    store.put(at(4, "b1", { severity: "critical" }), 2);
    store.put(at(8, "b1"), 3);
    const after = rowsOf(store.entries, batches, NONE);
    expect(after[2]).toMatchObject({ kind: "batch", run: { severity: "critical", count: 3 } });
    expect(after.at(-3)).toBe(before.at(-3));
    expect(kinds(rowsOf(store.entries, batches, new Set(["e3"])))).toBe("day e9 batch e8 e4 batch e2 e1");
    batches.set("b0", batchOf({ id: "b0", event_count: 7 }));
    expect(rowsOf(store.entries, batches, NONE).at(-3)).toMatchObject({ run: { batch: { event_count: 7 } } });
  });

  it("are headed by their day", () => {
    const today = new Date(2026, 10, 26, 0, 30).toISOString();
    const yesterday = new Date(2026, 10, 25, 23, 30).toISOString();
    const rows = rowsFor([
      eventOf({ id: "a", started_at: today, batch_id: "b1" }),
      eventOf({ id: "b", started_at: yesterday, batch_id: "b1" }),
    ]);
    expect(kinds(rows)).toBe("day a day b");
  });

  it("gather consecutive events of a batch under its head", () => {
    const rows = rowsFor([at(5, "b2"), at(4, "b2", { severity: "high" }), at(3, "b1"), at(2, "b2")]);
    expect(kinds(rows)).toBe("day batch e5 e4 e3 e2");
    const head = rows[1];
    expect(rows.map((_, index) => isInBatch(rows, index)).slice(2)).toEqual([true, true, false, false]);
    expect(eventsUnder(rows, 1).map((event) => event.id)).toEqual(["e5", "e4"]);
    expect(head).toMatchObject({ run: { count: 2, severity: "high", firstMs: Date.parse(second(4)) } });
  });

  it("give one event no head, whatever else is in its batch: cameras that take turns would have one each", () => {
    const batches = new Map(["b1", "b2"].map((id) => [id, batchOf({ id, event_count: 3 })]));
    expect(kinds(rowsFor([at(4, "b1"), at(3, "b2"), at(2, "b1"), at(1, "b2")], batches))).toBe(
      "day e4 e3 e2 e1",
    );
  });

  it("keep the name of a head while newer events come in", () => {
    const before = rowsFor([at(2, "b1"), at(1, "b1")])[1];
    const after = rowsFor([at(3, "b1"), at(2, "b1"), at(1, "b1")])[1];
    expect(after?.key).toBe(before?.key);
  });

  it("are without those that are hidden", () => {
    expect(kinds(rowsFor([at(2, "b1"), at(1, "b1")], new Map(), new Set(["e2"])))).toBe("day e1");
    expect(kinds(rowsFor([at(1, "b1")], new Map(), new Set(["e1"])))).toBe("");
  });

  it("have names of their own, however often a batch is interrupted by another", () => {
    const rows = rowsFor([at(6, "b"), at(5, "b"), at(4, "c"), at(3, "b"), at(2, "b")]);
    expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
  });
});

describe("the keyboard in the feed", () => {
  const rows = rowsFor([at(5, "b2"), at(4, "b2"), at(3, "b1")]);

  it("goes from event to event", () => {
    expect(stepFrom(rows, eventIn, null, 1)).toBe("e5");
    expect(stepFrom(rows, eventIn, "e5", 1)).toBe("e4");
    expect(stepFrom(rows, eventIn, "e4", -1)).toBe("e5");
  });

  it("stays at the ends", () => {
    expect(stepFrom(rows, eventIn, "e5", -1)).toBe("e5");
    expect(stepFrom(rows, eventIn, "e3", 1)).toBe("e3");
    expect(stepFrom([], eventIn, null, 1)).toBe(null);
  });

  it("goes on with the neighbour of what has gone", () => {
    expect(near(rows, eventIn, 2)).toBe("e5");
    expect(near(rows, eventIn, 1)).toBe("e5");
    expect(near(rows, eventIn, 99)).toBe("e3");
    expect(near([], eventIn, 0)).toBe(null);
  });
});
