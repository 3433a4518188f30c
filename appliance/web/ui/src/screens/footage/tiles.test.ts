import { describe, expect, it } from "vitest";
import { EXACT, indexesOf, LEVELS, levelOf, type Place, rangeOf, Tiles } from "./tiles";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const place = (index: number, cameraId = "front"): Place => ({ cameraId, level: EXACT, index });

describe("tiles", () => {
  it("takes exact intervals for short times and buckets for long ones", () => {
    const names = [60_000, 12 * HOUR, 2 * DAY, 7 * DAY, 31 * DAY].map(
      (ms) => levelOf({ fromMs: 0, toMs: ms }).name,
    );
    expect(names).toEqual(["exact", "exact", "5min", "20min", "hour"]);
  });

  it("asks for no more buckets than may be asked for", () => {
    for (const level of LEVELS) {
      if (level.bucketS === null) continue;
      expect(level.tileMs / 1000 / level.bucketS).toBeLessThanOrEqual(2000);
      expect(level.tileMs % (level.bucketS * 1000)).toBe(0);
    }
  });

  it("names the tiles of a view, the middle first and nothing that is yet to come", () => {
    const view = { fromMs: 10 * HOUR, toMs: 22 * HOUR };
    expect(indexesOf(EXACT, view, DAY)).toEqual([3, 4, 2, 5]);
    expect(indexesOf(EXACT, view, 13 * HOUR).toSorted()).toEqual([2, 3]);
    expect(rangeOf({ level: EXACT, index: 3 })).toEqual({ fromMs: 12 * HOUR, toMs: 16 * HOUR });
  });

  it("never lets an old answer take the place of a newer one", () => {
    const tiles = new Tiles<string>();
    const [first, second] = [tiles.begin(), tiles.begin()];
    expect(tiles.put(place(1), second, "new", 0)).toBe(true);
    expect(tiles.put(place(1), first, "old", 1)).toBe(false);
    expect(tiles.get(place(1))).toBe("new");
  });

  it("asks again soon for what is being recorded, and seldom for what is past", () => {
    const tiles = new Tiles<string>();
    tiles.put(place(1), tiles.begin(), "a", 5 * HOUR);
    expect(tiles.isDue(place(1), 5 * HOUR + 11_000)).toBe(true);
    tiles.put(place(1), tiles.begin(), "b", 9 * HOUR);
    expect(tiles.isDue(place(1), 9 * HOUR + 11_000)).toBe(false);
    expect(tiles.isDue(place(1), 9 * HOUR + 301_000)).toBe(true);
    expect(tiles.isDue(place(2), 0)).toBe(true);
  });

  it("asks once more for a time whose end has passed since", () => {
    const tiles = new Tiles<string>();
    tiles.put(place(1), tiles.begin(), "a", 8 * HOUR - 1000);
    expect(tiles.isDue(place(1), 8 * HOUR + 11_000)).toBe(true);
  });

  it("has a camera's tiles fetched anew after a change", () => {
    const tiles = new Tiles<string>();
    for (const id of ["front", "yard"]) tiles.put(place(1, id), tiles.begin(), id, 9 * HOUR);
    tiles.expire("front");
    expect(tiles.isDue(place(1, "front"), 9 * HOUR)).toBe(true);
    expect(tiles.isDue(place(1, "yard"), 9 * HOUR)).toBe(false);
    expect(tiles.get(place(1, "front"))).toBe("front");
  });
});
