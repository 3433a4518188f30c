import { expect, test } from "vitest";
import { type Box, boxAt, footOf, indexAt, joined, type Spot, spotsOf } from "./track";

const box = (x: number): Box => [x, 0.2, x + 0.1, 0.8];
const spots: Spot[] = [
  { atMs: 1000, box: box(0.1) },
  { atMs: 1200, box: box(0.2) },
  { atMs: 5000, box: box(0.5) },
];

test("boxes come as pixels of their frame and become shares of it; frames without one are left out", () => {
  const frame = { id: 1, camera_id: "front", at: "2026-11-23T15:00:00.250Z", width: 640, height: 360 };
  const found = spotsOf([
    { ...frame, boxes: [{ box: [64, 36, 128, 180], label: "person", score: 0.9, track_id: 7 }] },
    { ...frame, boxes: [] },
  ]);
  expect(found).toEqual([{ atMs: Date.parse("2026-11-23T15:00:00.250Z"), box: [0.1, 0.1, 0.2, 0.5] }]);
});

test.each([
  [999, -1],
  [1000, 0],
  [1199, 0],
  [1200, 1],
  [9999, 2],
])("at %d ms the last sight is number %d", (atMs, index) => {
  expect(indexAt(spots, atMs)).toBe(index);
});

test("between two sights it is on the way from one to the other", () => {
  const [x0, y0] = boxAt(spots, 1100) ?? [];
  expect(x0).toBeCloseTo(0.15);
  expect(y0).toBeCloseTo(0.2);
});

test.each([
  [500, null],
  [700, 0.1],
  [1500, 0.2],
  [1700, null],
  [4500, null],
  [4700, 0.5],
  [5300, 0.5],
  [5500, null],
])("at %d ms, far from any sight, nothing is made up", (atMs, x) => {
  expect(boxAt(spots, atMs)?.[0] ?? null).toBe(x);
});

test("without any sight there is no box", () => {
  expect(boxAt([], 1000)).toBeNull();
});

test("who stands somewhere stands at the box's lower edge", () => {
  expect(footOf([0.2, 0.1, 0.4, 0.9])).toEqual([expect.closeTo(0.3), 0.9]);
});

test("sights that come again, and out of order, are there once", () => {
  expect(joined(spots.slice(1), spots.slice(0, 2))).toEqual(spots);
});
