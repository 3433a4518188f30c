import { afterEach, expect, test, vi } from "vitest";
import type { Event } from "../../wire";
import { filterOf, newerThan, olderThan } from "./neighbours";

const HOUR = 3_600_000;
const T0 = Date.parse("2026-11-23T15:00:00Z");
const NOW = T0 + 1000 * HOUR;

const event = (id: string, startMs: number) =>
  ({ id, started_at: new Date(startMs).toISOString() }) as unknown as Event;

/** A box with these events; lists come newest first, a page at a time. */
function box(events: Event[], pageSize = 500): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (address: string) => {
    const query = new URL(address, "http://box").searchParams;
    asked.push(query.toString());
    const [from, to] = [query.get("from") ?? "", query.get("to") ?? "9999"];
    const found = events
      .filter((one) => one.started_at >= from && one.started_at < to)
      .sort((one, other) => (one.started_at < other.started_at ? 1 : -1));
    const first = Number(query.get("page") ?? 0);
    const size = Math.min(pageSize, Number(query.get("limit")));
    const next = first + size < found.length ? String(first + size) : null;
    return new Response(JSON.stringify({ items: found.slice(first, first + size), next }));
  });
  return asked;
}
afterEach(() => vi.unstubAllGlobals());

const FOUR = [0, 1, 2, 500].map((hours, i) => event(`e${i}`, T0 + hours * HOUR));

test.each([
  [0, null, "e1"],
  [1, "e0", "e2"],
  [2, "e1", "e3"],
  [3, "e2", null],
])("number %d has %s before it and %s after it", async (index, before, after) => {
  box(FOUR);
  const one = FOUR[index] as Event;
  expect(await olderThan(one, "")).toBe(before);
  expect(await newerThan(one, "", NOW)).toBe(after);
});

test("among many events of a few minutes it is the very next one, whatever page it is on", async () => {
  const many = Array.from({ length: 12 }, (_, i) => event(`m${i}`, T0 + i * 1000));
  box(many, 5);
  expect(await newerThan(many[0] as Event, "", NOW)).toBe("m1");
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
