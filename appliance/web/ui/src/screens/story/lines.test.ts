import { expect, test } from "vitest";
import type { StoryMoment } from "../../wire";
import { currentOf } from "./lines";

const T0 = Date.parse("2026-11-23T15:00:00Z");
const moment = (atS: number, kind: StoryMoment["kind"]): StoryMoment => ({
  at: new Date(T0 + atS * 1000).toISOString(),
  until: null,
  kind,
  text: kind,
});
const moments = [moment(5, "appeared"), moment(8, "stood_still"), moment(20, "left")];

test.each([
  [0, -1],
  [4, 0],
  [7.5, 0],
  [8, 1],
  [17, 1],
  [18, 2],
  [99, 2],
])("at %d s it is line %d: who leaves is seen to leave", (atS, index) => {
  expect(currentOf(moments, T0 + atS * 1000)).toBe(index);
});

test("before anything is shown no line is current", () => {
  expect(currentOf(moments, null)).toBe(-1);
  expect(currentOf([], T0)).toBe(-1);
});
