import { describe, expect, it } from "vitest";
import type { Message } from "../messages";
import { Following } from "./following";

const said = (cursor: number | undefined) => ({ type: "event_created", cursor }) as unknown as Message;

/** Something to follow whose answers come when the test says so. */
function followed() {
  const applied: (number | undefined)[] = [];
  const asked: { signal: AbortSignal; answer: (cursor: number | null) => Promise<void> }[] = [];
  const fetch = (signal: AbortSignal) =>
    new Promise<number | null>((done) => {
      const answer = async (cursor: number | null) => {
        done(cursor);
        await Promise.resolve().then(() => {});
      };
      asked.push({ signal, answer });
    });
  const mine = new Following(fetch, ({ cursor }) => applied.push(cursor));
  return { mine, applied, asked };
}

describe("what is followed", () => {
  it("takes what came while it was fetched, and nothing that the answer contained", async () => {
    const { mine, applied, asked } = followed();
    void mine.begin();
    for (const cursor of [4, 5, 6, undefined]) mine.hear(said(cursor));
    expect(applied).toEqual([]);
    await asked[0]?.answer(5);
    mine.hear(said(7));
    expect(applied).toEqual([6, undefined, 7]);
  });

  it("is fetched anew after a reset, also where the new cursors are smaller", async () => {
    const { mine, applied, asked } = followed();
    void mine.begin();
    await asked[0]?.answer(900);
    void mine.begin();
    mine.hear(said(3));
    await asked[1]?.answer(2);
    expect(applied).toEqual([3]);
  });

  it("drops an answer that is no longer wanted", async () => {
    const { mine, applied, asked } = followed();
    void mine.begin();
    void mine.begin();
    expect(asked[0]?.signal.aborted).toBe(true);
    mine.hear(said(8));
    await asked[0]?.answer(1);
    expect(applied).toEqual([]);
    await asked[1]?.answer(7);
    expect(applied).toEqual([8]);
  });

  it("is asked for again when the box can be reached again, and keeps nothing meanwhile", async () => {
    const { mine, applied, asked } = followed();
    void mine.begin();
    mine.reached();
    expect(asked.length).toBe(1);
    await asked[0]?.answer(null);
    mine.hear(said(4));
    mine.reached();
    expect(asked.length).toBe(2);
    await asked[1]?.answer(5);
    mine.hear(said(6));
    mine.reached();
    expect(asked.length).toBe(2);
    expect(applied).toEqual([6]);
  });

  it("is asked for anew where the box was lost before it had answered", async () => {
    const { mine, applied, asked } = followed();
    mine.lost();
    void mine.begin();
    mine.hear(said(3));
    mine.reached();
    expect(asked.length).toBe(2);
    expect(asked[0]?.signal.aborted).toBe(true);
    await asked[1]?.answer(5);
    mine.lost();
    mine.reached();
    mine.hear(said(6));
    expect(asked.length).toBe(2);
    expect(applied).toEqual([6]);
  });
});
