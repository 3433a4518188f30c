import { describe, expect, it } from "vitest";
import {
  at,
  type Bucket,
  bucketWords,
  type Interval,
  intervalWords,
  joined,
  longestGap,
  recordedBack,
  recordedFrom,
  within,
} from "./coverage";

const interval = (fromMs: number, toMs: number, more: Partial<Interval> = {}): Interval => ({
  fromMs,
  toMs,
  state: "recorded",
  kept: "continuous",
  hasMotion: false,
  isProtected: false,
  cause: null,
  isDeliberate: false,
  ...more,
});
const gap = (fromMs: number, toMs: number) =>
  interval(fromMs, toMs, { state: "gap", kept: null, cause: "camera_down" });
const DAY = [interval(0, 10_000), gap(10_000, 20_000), interval(20_000, 30_000, { isProtected: true })];

describe("coverage", () => {
  it.each([
    [0, 0],
    [9999, 0],
    [10_000, 10_000],
    [29_999, 20_000],
  ])("finds what is at %i", (ms, fromMs) => {
    expect(at(DAY, ms)?.fromMs).toBe(fromMs);
  });

  it("finds nothing outside, nor in nothing", () => {
    expect(at(DAY, -1)).toBeNull();
    expect(at(DAY, 30_000)).toBeNull();
    expect(at([], 5)).toBeNull();
  });

  it("leaves a gap at its end going on, and before its begin going back", () => {
    expect(recordedFrom(DAY, 12_000)).toBe(20_000);
    expect(recordedFrom(DAY, 5000)).toBe(5000);
    expect(recordedFrom(DAY, 31_000)).toBeNull();
    expect(recordedBack(DAY, 15_000, 5000)).toBe(5000);
    expect(recordedBack(DAY, 25_000, 5000)).toBe(25_000);
  });

  it("knows the longest gap in a time", () => {
    const two = [gap(0, 1000), interval(1000, 2000), gap(2000, 9000), interval(9000, 9500)];
    expect(longestGap(two, 500, 9500)?.fromMs).toBe(2000);
    expect(longestGap(two, 0, 2500)?.fromMs).toBe(0);
    expect(longestGap(two, 1000, 2000)).toBeNull();
  });

  it("sums what of a time is recorded and protected", () => {
    expect(within(DAY, 5000, 25_000)).toEqual({ recorded: 10_000, isProtected: 5000 });
    expect(within([], 0, 1)).toEqual({ recorded: 0, isProtected: 0 });
  });

  it("joins what is alike where two tiles meet", () => {
    expect(joined([interval(0, 5), interval(5, 9), gap(9, 12)]).map((one) => one.toMs)).toEqual([9, 12]);
    expect(joined([interval(0, 5), interval(5, 9, { hasMotion: true })])).toHaveLength(2);
  });

  it("says in words what there is, and why something is missing", () => {
    expect(intervalWords(DAY[1] as Interval)).toBe("Missing: the camera sent nothing");
    expect(intervalWords(DAY[2] as Interval)).toBe("Recorded, protected");
    expect(intervalWords(null)).toBe("Nothing is known of this time");
  });

  it("says what a bucket holds", () => {
    const bucket: Bucket = {
      fromMs: 0,
      toMs: 1,
      recorded: 0.5,
      motion: 0.001,
      missing: 0.4,
      cause: "disk_full",
      isProtected: false,
      events: 2,
      severity: "high",
    };
    expect(bucketWords(bucket)).toBe("50 % recorded, motion in 1 %, Missing: the disk was full, 2 events");
  });
});
