import { describe, expect, it } from "vitest";
import type { Mark } from "./coverage";
import { markAt, marksAt, rowAt } from "./hit";
import { ROW_PX, SCALE_PX } from "./scene";

const mark = (id: string, fromMs: number, toMs: number, severity: Mark["severity"] = "low"): Mark => ({
  id,
  cameraId: "front",
  fromMs,
  toMs,
  severity,
  label: "person",
  summary: "",
});
const VIEW = { fromMs: 0, toMs: 1000 };
const MARKS = [mark("a", 100, 400), mark("b", 200, 300, "high"), mark("c", 800, 801)];

describe("hit test", () => {
  it.each([
    [0, 0],
    [SCALE_PX, 0],
    [SCALE_PX + ROW_PX - 1, 0],
    [SCALE_PX + ROW_PX, 1],
    [10_000, 2],
  ])("has the row at %i", (y, row) => {
    expect(rowAt(y, 3)).toBe(row);
  });

  it("finds the events at a place, the gravest first", () => {
    expect(marksAt(MARKS, VIEW, 1000, 250).map((one) => one.id)).toEqual(["b", "a"]);
    expect(marksAt(MARKS, VIEW, 1000, 806).map((one) => one.id)).toEqual(["c"]);
    expect(marksAt(MARKS, VIEW, 1000, 600)).toEqual([]);
    expect(marksAt([], VIEW, 1000, 0)).toEqual([]);
  });

  it("finds the nearest mark, and none that is not near", () => {
    expect(markAt(MARKS, VIEW, 1000, 203)?.id).toBe("b");
    expect(markAt(MARKS, VIEW, 1000, 250)).toBeNull();
  });
});
