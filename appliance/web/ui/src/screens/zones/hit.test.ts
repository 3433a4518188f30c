import { describe, expect, it } from "vitest";
import type { Point } from "./geometry";
import { hitAt, roomyEdges } from "./hit";
import { fresh, put, type Scene } from "./scene";

const SCREEN = { width: 1000, height: 500 };
const box = (left: number, top: number, right: number, bottom: number): Point[] => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
];
const NOTHING: Scene = { zones: [], lines: [], masks: [] };
const big = fresh(NOTHING, "zone", box(0.1, 0.1, 0.9, 0.9), "big");
const small = fresh(NOTHING, "mask", box(0.4, 0.4, 0.6, 0.6), "small");
const across = fresh(
  NOTHING,
  "line",
  [
    [0.2, 0.5],
    [0.8, 0.5],
  ],
  "across",
);
const SCENE = [big, small, across].reduce(put, NOTHING);

describe("a press on the picture", () => {
  it.each([
    ["a corner", big, [0.11, 0.12], { on: "corner", at: 0 }],
    ["the middle of an edge", big, [0.5, 0.1], { on: "middle", after: 0 }],
    ["the smallest of several", null, [0.45, 0.58], { on: "shape", ref: { kind: "mask", id: "small" } }],
    ["the chosen one first", big, [0.45, 0.58], { on: "shape", ref: { kind: "zone", id: "big" } }],
    ["a line beneath", null, [0.5, 0.51], { on: "shape", ref: { kind: "line", id: "across" } }],
    ["nothing", null, [0.02, 0.02], { on: "nothing" }],
  ] as const)("is on %s", (_, chosen, at, hit) => {
    expect(hitAt(SCENE, chosen, [...at], SCREEN, 20)).toEqual(hit);
  });

  it("is on the nearest of two corners", () => {
    const narrow = fresh(NOTHING, "zone", box(0.3, 0.3, 0.32, 0.6), "narrow");
    expect(hitAt(put(NOTHING, narrow), narrow, [0.313, 0.3], SCREEN, 20)).toEqual({ on: "corner", at: 1 });
  });

  it("finds no handle between corners that are close", () => {
    const narrow = fresh(NOTHING, "zone", box(0.3, 0.3, 0.32, 0.6), "narrow");
    expect(roomyEdges(narrow, SCREEN)).toEqual([1, 3]);
    expect(roomyEdges(across, SCREEN)).toEqual([]);
  });
});
