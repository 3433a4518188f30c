import { describe, expect, it } from "vitest";
import { Previews } from "./previews";

const WHOLE = { fromMs: 0, untilMs: null };

/** A box that answers when it is told to. */
function box() {
  const asked: { at: [number, number | null]; answer: (blob: Blob | null) => Promise<void> }[] = [];
  const previews = new Previews(
    (_camera, ms, untilMs) =>
      new Promise((done) => {
        const answer = async (blob: Blob | null) => {
          done(blob);
          for (let i = 0; i < 4; i += 1) await Promise.resolve();
        };
        asked.push({ at: [ms, untilMs], answer });
      }),
  );
  return { previews, asked, shown: () => previews.pictures.value.get("a")?.ms };
}

describe("previews", () => {
  it("are asked for one after the other, and of those wanted meanwhile only the newest", async () => {
    const { previews, asked, shown } = box();
    for (const ms of [1000, 2000, 3000, 4000]) previews.want("a", ms, 1, WHOLE);
    expect(asked.map((one) => one.at[0])).toEqual([1000]);
    await asked[0]?.answer(new Blob());
    expect(asked.map((one) => one.at[0])).toEqual([1000, 4000]);
    await asked[1]?.answer(new Blob());
    expect(shown()).toBe(4000);
  });

  it("are not those of another moment where there is none, and are not asked for again and again", async () => {
    const { previews, asked, shown } = box();
    previews.want("a", 1000, 1, WHOLE);
    await asked[0]?.answer(new Blob());
    previews.want("a", 2000, 1, WHOLE);
    await asked[1]?.answer(null);
    expect(shown()).toBeUndefined();
    for (let i = 0; i < 3; i += 1) previews.want("a", 2000, 1, WHOLE);
    expect(asked).toHaveLength(2);
  });

  it("of a partly recorded time are its first picture, wherever in it one points", async () => {
    const { previews, asked } = box();
    const part = { fromMs: 3_600_000, untilMs: 7_200_000 };
    previews.want("a", 5_000_000, 100_000, part);
    await asked[0]?.answer(new Blob());
    previews.want("a", 6_000_000, 100_000, part);
    expect(asked.map((one) => one.at)).toEqual([[3_600_000, 7_200_000]]);
  });

  it("begin with their footage", () => {
    const { previews, asked } = box();
    previews.want("a", 5_000_000, 3_600_000, { fromMs: 4_900_000, untilMs: null });
    expect(asked[0]?.at).toEqual([4_900_000, null]);
  });
});
