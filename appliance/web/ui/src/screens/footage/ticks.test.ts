import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { momentOf, timeField } from "./place";
import { daysIn, midnight, ticksOf, zoneWord } from "./ticks";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

// Node reads the zone anew whenever it is set.
declare const process: { env: Record<string, string | undefined> };
const before = process.env.TZ;

describe("ticks", () => {
  beforeAll(() => {
    process.env.TZ = "Europe/Berlin";
  });
  afterAll(() => {
    process.env.TZ = before;
  });

  const at = (text: string) => new Date(text).getTime();

  it("counts 23 and 25 hours where the clock is changed", () => {
    const spring = at("2026-03-29T12:00");
    const autumn = at("2026-10-25T12:00");
    expect((midnight(spring, 1) - midnight(spring)) / HOUR).toBe(23);
    expect((midnight(autumn, 1) - midnight(autumn)) / HOUR).toBe(25);
  });

  it("has a tick for each hour of a day of 25 hours, the doubled one twice", () => {
    const from = at("2026-10-25T00:00");
    const ticks = ticksOf({ fromMs: from, toMs: from + 25 * HOUR + 1 }, 2500, 80);
    expect(ticks.map((one) => (one.ms - from) / HOUR)).toEqual(Array.from({ length: 26 }, (_, i) => i));
    expect(ticks.filter((one) => new Date(one.ms).getHours() === 2)).toHaveLength(2);
  });

  it("tells the two hours of the same name apart, and says no zone on other days", () => {
    const first = at("2026-10-25T02:30");
    expect([zoneWord(first), zoneWord(first + HOUR)]).toEqual([" UTC+2", " UTC+1"]);
    expect(zoneWord(at("2026-10-24T02:30"))).toBe("");
    const field = timeField(first);
    expect(timeField(first + HOUR)).toBe(field);
    expect([momentOf(field, first - HOUR), momentOf(field, first + HOUR + 5)]).toEqual([first, first + HOUR]);
  });

  it("goes by the hours of the clock on a day of 23 hours", () => {
    const from = at("2026-03-29T00:00");
    const ticks = ticksOf({ fromMs: from, toMs: from + 23 * HOUR + 1 }, 500, 80);
    expect(ticks.map((one) => new Date(one.ms).getHours())).toEqual([0, 6, 12, 18, 0]);
  });

  it("has midnights for days, across a change of the clock", () => {
    const from = at("2026-10-23T00:00");
    const ticks = ticksOf({ fromMs: from, toMs: from + 5 * DAY }, 450, 80);
    expect(ticks.every((one) => new Date(one.ms).getHours() === 0 && one.isBegin)).toBe(true);
    expect(ticks.map((one) => new Date(one.ms).getDate())).toEqual([23, 24, 25, 26, 27]);
  });

  it.each([
    [60_000, 10, 15],
    [HOUR, 10, 15],
    [DAY, 8, 15],
    [31 * DAY, 4, 35],
  ])("has a fitting number of ticks for %i ms", (spanMs, least, most) => {
    const from = at("2026-11-01T00:00");
    const found = ticksOf({ fromMs: from, toMs: from + spanMs }, 1280, 85);
    expect(found.length).toBeGreaterThanOrEqual(least);
    expect(found.length).toBeLessThanOrEqual(most);
  });

  it("stays where it is when the view is moved", () => {
    const from = at("2026-11-05T10:03");
    const one = ticksOf({ fromMs: from, toMs: from + HOUR }, 1000, 80).map((tick) => tick.ms);
    const other = ticksOf({ fromMs: from + 60_000, toMs: from + HOUR + 60_000 }, 1000, 80).map(
      (tick) => tick.ms,
    );
    expect(one.filter((ms) => ms >= from + 60_000)).toEqual(other.filter((ms) => ms <= from + HOUR));
  });

  it("names the days of a view", () => {
    const from = at("2026-10-24T18:00");
    expect(daysIn({ fromMs: from, toMs: from + DAY }).map((day) => new Date(day.fromMs).getDate())).toEqual([
      24, 25,
    ]);
  });
});
