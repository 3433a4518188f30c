import { describe, expect, it } from "vitest";
import type { Footpoint } from "../../wire";
import { caughtBy, crossingsOf, objectsIn, waysOf } from "./footpoints";
import type { Point } from "./geometry";

const at = (track_id: number | null, x: number, y: number, label = "person"): Footpoint => ({
  at: "2026-11-26T12:00:00.000Z",
  track_id,
  label,
  x,
  y,
});
const LEFT_HALF: Point[] = [
  [0, 0],
  [0.5, 0],
  [0.5, 1],
  [0, 1],
];

describe("what a zone would have caught", () => {
  const points = [
    at(1, 0.1, 0.5),
    at(1, 0.2, 0.5),
    at(2, 0.3, 0.5, "car"),
    at(3, 0.9, 0.5),
    at(null, 0.2, 0.2),
  ];

  it("is each object once", () => {
    expect([...caughtBy({ points: LEFT_HALF, labels: null }, points)]).toEqual([1, 2]);
    expect(objectsIn(points)).toBe(3);
  });

  it("is of its labels alone", () => {
    expect([...caughtBy({ points: LEFT_HALF, labels: ["car"] }, points)]).toEqual([2]);
    expect(caughtBy({ points: LEFT_HALF, labels: ["dog"] }, points).size).toBe(0);
  });
});

describe("what crossed a line", () => {
  // From the top to the bottom: seen that way, the left of the picture is on the right.
  const line = { a: [0.5, 0] as Point, b: [0.5, 1] as Point, labels: null, counts: "both" as const };
  const across = [
    at(1, 0.2, 0.5),
    at(1, 0.8, 0.5),
    at(2, 0.9, 0.5),
    at(2, 0.1, 0.5),
    at(3, 0.1, 0.1),
    at(3, 0.2, 0.9),
  ];

  it("is counted in each direction", () => {
    expect(crossingsOf(line, waysOf(across))).toEqual({ forward: 1, backward: 1 });
    expect(crossingsOf({ ...line, a: line.b, b: line.a, counts: "forward" }, waysOf(across))).toEqual({
      forward: 1,
      backward: 0,
    });
  });

  it("goes past the line's end without crossing it", () => {
    const short = { ...line, b: [0.5, 0.3] as Point };
    expect(crossingsOf(short, waysOf(across))).toEqual({ forward: 0, backward: 0 });
  });

  it("counts once what stands on the line for a while", () => {
    const way = [at(1, 0.2, 0.5), at(1, 0.5, 0.5), at(1, 0.5, 0.6), at(1, 0.8, 0.5)];
    expect(crossingsOf(line, waysOf(way))).toEqual({ forward: 0, backward: 1 });
  });
});
