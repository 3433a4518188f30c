import { describe, expect, it } from "vitest";
import { Lateness } from "./lateness";

const behind = (...late: number[]) => {
  const lateness = new Lateness();
  return late.map((ms) => lateness.after(ms)).at(-1);
};

describe("how far a player stays behind for boxes", () => {
  it.each([
    ["what is there at once costs nothing", [0, 0, 100], 0],
    ["it is what most of them take", [...Array(18).fill(520), 2000], 0.4],
    ["it has an end", Array(20).fill(9000), 1.5],
    ["a picture that is behind its boxes costs nothing", [-300], 0],
  ])("%s", (_, late, expected) => {
    expect(behind(...late)).toBeCloseTo(expected);
  });

  it("forgets what is long ago", () => {
    expect(behind(...Array(50).fill(900), ...Array(40).fill(100))).toBe(0);
  });
});
