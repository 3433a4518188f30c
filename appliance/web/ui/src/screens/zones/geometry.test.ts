import { describe, expect, it } from "vitest";
import {
  apartFrom,
  areaOf,
  contains,
  crossesItself,
  forwardOf,
  heartOf,
  meet,
  moved,
  type Point,
  snapped,
  wayInWords,
} from "./geometry";

const SQUARE: Point[] = [
  [0.2, 0.2],
  [0.6, 0.2],
  [0.6, 0.6],
  [0.2, 0.6],
];
// A U that is open above.
const HOLLOW: Point[] = [
  [0.1, 0.1],
  [0.3, 0.1],
  [0.3, 0.7],
  [0.6, 0.7],
  [0.6, 0.1],
  [0.8, 0.1],
  [0.8, 0.9],
  [0.1, 0.9],
];
const WIDE = { width: 1600, height: 900 };

describe("a polygon", () => {
  it.each([
    ["a square", SQUARE, false],
    ["a hollow one", HOLLOW, false],
    ["a triangle", SQUARE.slice(0, 3), false],
    ["two corners changed places", [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]] as Point[], true],
    ["a corner on another edge", [...SQUARE, [0.4, 0.2]] as Point[], true],
    ["the same corner twice", [SQUARE[0], SQUARE[0], SQUARE[1], SQUARE[2]] as Point[], true],
    ["an edge goes back on itself", [...SQUARE.slice(0, 2), [0.3, 0.2], [0.4, 0.6]] as Point[], true],
    ["a corner in the middle of an edge", [[0.2, 0.2], [0.4, 0.2], ...SQUARE.slice(1)] as Point[], false],
  ])("crosses itself or not: %s", (_, points, does) => {
    expect(crossesItself(points)).toBe(does);
    expect(crossesItself(points.toReversed())).toBe(does);
  });

  it.each([
    [SQUARE, [0.4, 0.4], true],
    [SQUARE, [0.1, 0.4], false],
    [SQUARE, [0.7, 0.4], false],
    [HOLLOW, [0.45, 0.4], false],
    [HOLLOW, [0.2, 0.4], true],
    [HOLLOW, [0.45, 0.8], true],
  ] as [Point[], Point, boolean][])("has a point in it or not", (points, at, does) => {
    expect(contains(points, at)).toBe(does);
  });

  it("covers a part of the picture", () => {
    expect(areaOf(SQUARE)).toBeCloseTo(0.16);
    expect(areaOf(SQUARE.toReversed())).toBeCloseTo(0.16);
  });

  it("has its name within it", () => {
    for (const points of [SQUARE, HOLLOW]) expect(contains(points, heartOf(points))).toBe(true);
  });

  it("is moved as a whole, and stays on the picture", () => {
    expect(moved(SQUARE, 0.1, -0.1)[0]).toEqual([0.3, 0.1]);
    expect(moved(SQUARE, 9, 9)).toEqual([
      [0.6, 0.6],
      [1, 0.6],
      [1, 1],
      [0.6, 1],
    ]);
    expect(moved(SQUARE, -9, 0)[0]).toEqual([0, 0.2]);
  });
});

describe("stretches", () => {
  it.each([
    ["crossing", [0, 0, 1, 1], [0, 1, 1, 0], true],
    ["apart", [0, 0, 1, 0], [0, 0.1, 1, 0.1], false],
    ["an end on the other", [0, 0, 1, 0], [0.5, 0, 0.5, 1], true],
    ["one on the other", [0, 0, 1, 0], [0.5, 0, 2, 0], true],
    ["in a line, apart", [0, 0, 0.4, 0], [0.5, 0, 1, 0], false],
  ] as [string, number[], number[], boolean][])("meet or not: %s", (_, one, other, do_) => {
    const stretch = ([ax, ay, bx, by]: number[]) =>
      [
        [ax, ay],
        [bx, by],
      ] as [Point, Point];
    expect(meet(stretch(one), stretch(other))).toBe(do_);
    expect(meet(stretch(other), stretch(one))).toBe(do_);
  });

  it("are so far from a point in pixels", () => {
    const stretch: [Point, Point] = [
      [0, 0.5],
      [0.5, 0.5],
    ];
    expect(apartFrom(stretch, [0.25, 0.6], WIDE)).toBeCloseTo(90);
    expect(apartFrom(stretch, [0.75, 0.5], WIDE)).toBeCloseTo(400);
  });
});

describe("snapping", () => {
  const reach: Point = [0.01, 0.02];
  it.each([
    ["the edge", [0.005, 0.5], [0, 0.5]],
    ["a corner of the picture", [0.995, 0.99], [1, 1]],
    ["beside the picture", [1.2, 0.5], [1, 0.5]],
    ["another point", [0.305, 0.31], [0.3, 0.3]],
    ["the nearer of two points", [0.309, 0.3], [0.312, 0.3]],
    ["nothing near", [0.4, 0.4], [0.4, 0.4]],
  ] as [string, Point, Point][])("draws a point to what is near: %s", (_, at, to) => {
    const others: Point[] = [
      [0.3, 0.3],
      [0.312, 0.3],
    ];
    expect(snapped(at, others, reach)).toEqual(to);
  });
});

describe("a line's direction", () => {
  it.each([
    [[0, 0.5], [1, 0.5], [0, 1], "down"],
    [[1, 0.5], [0, 0.5], [0, -1], "up"],
    [[0.5, 0], [0.5, 1], [-1, 0], "to the left"],
    [[0.5, 1], [0.5, 0], [1, 0], "to the right"],
  ] as [Point, Point, Point, string][])("is from its left to its right: %j to %j", (a, b, way, words) => {
    const [x, y] = forwardOf(a, b, WIDE);
    expect([x, y].map((one) => one + 0)).toEqual(way);
    expect(wayInWords([x, y])).toBe(words);
  });

  it("stands upright on the line as it is seen", () => {
    const [x, y] = forwardOf([0, 0], [0.5, 0.5], WIDE);
    expect(x * 1600 + y * 900).toBeCloseTo(0);
    expect(wayInWords([x, y])).toBe("down to the left");
    expect(wayInWords([-x, -y])).toBe("up to the right");
  });
});
