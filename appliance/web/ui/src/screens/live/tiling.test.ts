import { describe, expect, it } from "vitest";
import { columnsOf, tilingOf } from "./tiling";

const desk = { width: 1040, height: 780, gap: 8 };
const wall = { width: 1920, height: 1080, gap: 4 };

describe("tiling", () => {
  it.each([
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 2],
    [6, 2],
    [7, 3],
    [9, 3],
    [12, 3],
    [16, 4],
  ])("of %i cameras on a desk has %i columns", (count, columns) => {
    expect(tilingOf(count, desk, 200).columns).toBe(columns);
  });

  it("fills a wall exactly where the number is a square", () => {
    for (const side of [1, 2, 3, 4, 6, 8]) {
      const { columns, width } = tilingOf(side * side, wall, 0);
      expect(columns).toBe(side);
      expect((width + 4) * side).toBeGreaterThan(1880);
    }
  });

  it("keeps every tile within the room, whatever the number and the window", () => {
    for (let count = 1; count <= 64; count += 1) {
      for (const room of [
        desk,
        wall,
        { width: 700, height: 300, gap: 8 },
        { width: 400, height: 900, gap: 8 },
      ]) {
        const { columns, width, height, isWhole } = tilingOf(count, room, 0);
        const rows = Math.ceil(count / columns);
        expect(isWhole).toBe(true);
        expect(columns * width + (columns - 1) * room.gap).toBeLessThanOrEqual(room.width);
        expect(rows * height + (rows - 1) * room.gap).toBeLessThanOrEqual(room.height);
      }
    }
  });

  it("scrolls rather than shows tiles on which nothing is to be seen", () => {
    const { columns, width, isWhole } = tilingOf(64, desk, 240);
    expect(isWhole).toBe(false);
    expect(columns).toBe(4);
    expect(width).toBeGreaterThanOrEqual(240);
  });

  it("shows one tile in a window that is narrower than the least", () => {
    expect(tilingOf(3, { width: 200, height: 300, gap: 8 }, 240).columns).toBe(1);
  });

  it("has as many columns as are asked for", () => {
    expect(columnsOf(2, { width: 336, height: 0, gap: 8 })).toMatchObject({
      columns: 2,
      width: 164,
      height: 92,
    });
  });
});
