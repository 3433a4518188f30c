import { describe, expect, it } from "vitest";
import type { History } from "../../wire";
import { CHARTS, columns, isKnown, isRange, lone, reading, scale, summary } from "./chart_data";

const cpu = CHARTS[0] as (typeof CHARTS)[number];
const plain = (text: string) => text.replaceAll("\u00a0", " ");
const history: History = {
  from: "2026-11-26T12:00:00.000Z",
  to: "2026-11-26T12:04:00.000Z",
  bucket_s: 60,
  series: [
    {
      figure: "cpu_percent",
      points: [
        { at: "2026-11-26T12:00:00.000Z", min: 10, mean: 20, max: 40 },
        { at: "2026-11-26T12:03:00.000Z", min: 30, mean: 30, max: 30 },
      ],
    },
    { figure: "gpu_percent", points: [] },
  ],
};

describe("the history", () => {
  it("has a hole where nothing was known, not a line across it", () => {
    const { at, mean, least, most } = columns(history, "cpu_percent");
    expect(mean).toEqual([20, null, null, 30]);
    expect(least).toEqual([10, null, null, 30]);
    expect(most).toEqual([40, null, null, 30]);
    expect(at[0]).toBe(Date.parse(history.from) / 1000 + 30);
  });

  it("shows what was known for a single part of the time", () => {
    expect(lone([1, null, 2, 3, null, 0])).toEqual([0, 5]);
    expect(lone([null, null])).toEqual([]);
  });

  it("draws only what is known", () => {
    expect(isKnown(history, "cpu_percent")).toBe(true);
    expect(isKnown(history, "gpu_percent")).toBe(false);
    expect(isKnown(history, "footage_bytes")).toBe(false);
  });

  it("is told in words as well", () => {
    const drawn = columns(history, "cpu_percent");
    expect(plain(summary(cpu, drawn))).toBe("CPU: last 30 %; from 10 % to 40 %, 25 % on average.");
    const level = { at: [0, 60], most: [50.2, 50.1], least: [50, 50], mean: [50, 50] };
    expect(plain(summary(cpu, level))).toBe("CPU: last 50 %; about the same all the time.");
    expect(summary(cpu, columns(history, "gpu_percent"))).toBe("CPU: nothing is known of this time.");
    expect(plain(reading(cpu, drawn, 0))).toMatch(/: 20 % \(10 % to 40 %\)$/);
    expect(plain(reading(cpu, drawn, 3))).toMatch(/: 30 %$/);
    expect(reading(cpu, drawn, 1)).toMatch(/: not known$/);
  });

  it("scales percentages to 100, and what is always 0 to something", () => {
    expect(scale(cpu, columns(history, "cpu_percent"))).toEqual([0, 100]);
    const dropped = CHARTS.find((one) => one.figure === "frames_dropped") as typeof cpu;
    expect(scale(dropped, { at: [0], most: [0], least: [0], mean: [0] })).toEqual([0, 1]);
    expect(scale(dropped, { at: [0], most: [null], least: [null], mean: [null] })).toEqual([0, 1]);
    const free = CHARTS.find((one) => one.figure === "disk_free_bytes") as typeof cpu;
    const [low, high] = scale(free, { at: [0], most: [5e9], least: [5e9], mean: [5e9] });
    expect(low).toBeGreaterThan(0);
    expect(high).toBeGreaterThan(5e9);
  });

  it("knows its ranges", () => {
    expect(isRange("31d")).toBe(true);
    expect(isRange("2y")).toBe(false);
    expect(isRange(undefined)).toBe(false);
  });
});
