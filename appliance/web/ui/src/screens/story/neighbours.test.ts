import { afterEach, expect, test, vi } from "vitest";
import type { Event } from "../../wire";
import { filterOf, newerThan, olderThan, Steps } from "./neighbours";

const HOUR = 3_600_000;
const T0 = Date.parse("2026-11-23T15:00:00Z");
const NOW = T0 + 1000 * HOUR;

/** An event; what is said of its begin is rounded to a millisecond. */
const event = (id: string, atMs: number) =>
  ({ id, atMs, started_at: new Date(Math.round(atMs)).toISOString() }) as unknown as Event & { atMs: number };

/** A box with these events; lists come newest first, a page at a time. */
function box(events: (Event & { atMs: number })[], pageSize = 500): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (address: string) => {
    const query = new URL(address, "http://box").searchParams;
    asked.push(query.toString());
    const [from, to] = [Date.parse(query.get("from") ?? "1970"), Date.parse(query.get("to") ?? "9999")];
    const found = events
      .filter(({ atMs }) => atMs >= from && atMs < to)
      .sort((one, other) => other.atMs - one.atMs || (one.id < other.id ? 1 : -1));
    const first = Number(query.get("page") ?? 0);
    const size = Math.min(pageSize, Number(query.get("limit")));
    const next = first + size < found.length ? String(first + size) : null;
    return new Response(JSON.stringify({ items: found.slice(first, first + size), next }));
  });
  return asked;
}
afterEach(() => vi.unstubAllGlobals());

const FOUR = [0, 1, 2, 500].map((hours, i) => event(`e${i}`, T0 + hours * HOUR));
const none = () => false;

test.each([
  [0, null, "e1"],
  [1, "e0", "e2"],
  [2, "e1", "e3"],
  [3, "e2", null],
])("number %d has %s before it and %s after it", async (index, before, after) => {
  box(FOUR);
  const one = FOUR[index] as Event;
  expect((await olderThan(one, ""))?.id ?? null).toBe(before);
  expect((await newerThan(one, "", NOW))?.id ?? null).toBe(after);
});

test("those that begin in the same millisecond are gone through one by one, however it is rounded", async () => {
  const close = [0.4, 0.6, 0.6, 0.6, 1.2].map((ms, i) => event(`c${i}`, T0 + ms));
  box(close, 2);
  const up: string[] = [];
  for (let at: Event | null = close[0] as Event; at !== null; at = await newerThan(at, "", NOW))
    up.push(at.id);
  expect(up).toEqual(["c0", "c1", "c2", "c3", "c4"]);
  const down: string[] = [];
  for (let at: Event | null = close[4] as Event; at !== null; at = await olderThan(at, "")) down.push(at.id);
  expect(down).toEqual(up.toReversed());
});

test("an event that the filter does not want any more has neighbours, too", async () => {
  box([FOUR[0], FOUR[2]] as (Event & { atMs: number })[]);
  expect((await olderThan(FOUR[1] as Event, ""))?.id).toBe("e0");
  expect((await newerThan(FOUR[1] as Event, "", NOW))?.id).toBe("e2");
});

test("an old event of a busy box is left for the next one with few questions", async () => {
  const busy = Array.from({ length: 4000 }, (_, i) => event(`b${i}`, T0 + 300 * HOUR + i * 60_000));
  const asked = box([FOUR[0] as Event & { atMs: number }, ...busy]);
  expect((await newerThan(FOUR[0] as Event, "", NOW))?.id).toBe("b0");
  expect(asked.length).toBeLessThan(25);
});

test("presses in short order go on from one another, past what is not shown", async () => {
  box(FOUR);
  const steps = new Steps();
  const last = FOUR[3] as Event;
  const going = [0, 1, 2].map(() => steps.go(last, olderThan, "", (id) => id === "e1"));
  expect((await Promise.all(going)).map((one) => one?.id ?? null)).toEqual(["e2", "e0", null]);
  expect(steps.known("e0")?.id).toBe("e0");
  // Once they are over it goes on from what is shown.
  expect((await steps.go(last, olderThan, "", none))?.id).toBe("e2");
});

test("among many events of a few minutes it is the very next one, whatever page it is on", async () => {
  const many = Array.from({ length: 12 }, (_, i) => event(`m${i}`, T0 + i * 1000));
  box(many, 5);
  expect((await newerThan(many[0] as Event, "", NOW))?.id).toBe("m1");
});

test("the feed's filter holds, its times do not", () => {
  expect(filterOf("?camera=a&camera=b&label=person&from=x&page=y")).toMatchObject({
    camera: ["a", "b"],
    label: ["person"],
  });
  expect(filterOf("?from=x")).not.toHaveProperty("from");
});

test("the filter goes along with the question", async () => {
  const asked = box(FOUR);
  await olderThan(FOUR[2] as Event, "?camera=front&severity=high");
  expect(asked[0]).toContain("camera=front");
  expect(asked[0]).toContain("severity=high");
});
