import { describe, expect, it } from "vitest";
import type { WireBox } from "../wire";
import { foundAt, tracksUntil } from "./match";

const box = (track_id: number | null, x = 0): WireBox => ({
  box: [x, 10, x + 20, 50],
  label: "person",
  score: 0.9,
  track_id,
});
const at = (atMs: number, ...boxes: WireBox[]) => ({ atMs, boxes });

describe("boxes of a picture", () => {
  const found = [at(1000, box(1)), at(1200, box(1)), at(1400)];

  it.each([
    ["the picture itself", 1200, 1200],
    ["a time within the rounding", 1199.4, 1200],
    ["a later picture that was not looked at", 1290, 1200],
    ["a picture shortly before one that was looked at", 1310, 1400],
    ["a picture in which nothing was found", 1400, 1400],
    ["the last moment that a box is shown", 2100, 1400],
  ])("belong to %s", (_, wallMs, expected) => {
    expect(foundAt(found, wallMs)?.atMs).toBe(expected);
  });

  it("are not shown before they were found, nor for long after", () => {
    expect(foundAt(found, 879)).toBeNull();
    expect(foundAt(found, 2101)).toBeNull();
    expect(foundAt([], 1000)).toBeNull();
  });
});

describe("tracks", () => {
  it("lead along the feet of an object to where it is now", () => {
    const found = [at(0, box(1, 0), box(2, 90)), at(200, box(1, 5)), at(400, box(1, 9)), at(600, box(1, 12))];
    expect(tracksUntil(found, found[2] as ReturnType<typeof at>)).toEqual([
      [
        [10, 50],
        [15, 50],
        [19, 50],
      ],
    ]);
  });

  it("leave out what is not in the picture, what has no track, and what is long ago", () => {
    const found = [at(0, box(1)), at(5000, box(1), box(null), box(3))];
    expect(tracksUntil(found, found[1] as ReturnType<typeof at>)).toEqual([]);
  });
});
