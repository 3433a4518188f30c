import { describe, expect, it } from "vitest";
import { Later, WAIT_MS } from "./later";

/** A world in which time passes when it is told to. */
function world() {
  const timers = new Map<number, { work: () => void; atMs: number }>();
  const log: string[] = [];
  let nowMs = 0;
  let last = 0;
  const later = new Later({
    setTimeout: (work, ms) => {
      last += 1;
      timers.set(last, { work, atMs: nowMs + ms });
      return last;
    },
    clearTimeout: (timer) => timers.delete(timer),
    failed: (words) => log.push(words),
  });
  const pass = async (ms: number) => {
    nowMs += ms;
    for (const [timer, { work, atMs }] of [...timers]) {
      if (atMs > nowMs) continue;
      timers.delete(timer);
      work();
    }
    await settled();
  };
  const begin = (name: string, problem?: string) =>
    later.begin({
      act: async () => {
        log.push(`ask ${name}`);
        if (problem !== undefined) throw new Error(problem);
      },
      back: () => log.push(`back ${name}`),
      failure: `Not ${name}`,
    });
  return { later, log, pass, begin };
}

async function settled(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await Promise.resolve();
}

describe("what is done later", () => {
  it("is asked for after 8 s, once", async () => {
    const { log, pass, begin } = world();
    const pending = begin("a");
    await pass(WAIT_MS - 1);
    expect([log, pending.isPending()]).toEqual([[], true]);
    await pass(1);
    await pass(WAIT_MS);
    expect([log, pending.isPending()]).toEqual([["ask a"], false]);
  });

  it("can be taken back until then, each by itself, and not after", async () => {
    const { log, pass, begin } = world();
    const [one, other] = [begin("a"), begin("b")];
    expect(one.undo()).toBe(true);
    expect(one.undo()).toBe(false);
    await pass(WAIT_MS);
    expect(other.undo()).toBe(false);
    expect(log).toEqual(["back a", "ask b"]);
  });

  it("is asked for at once when the page is left, and not once more", async () => {
    const { later, log, pass, begin } = world();
    const one = begin("a");
    begin("b");
    later.leave();
    await pass(WAIT_MS);
    expect(one.undo()).toBe(false);
    expect(log).toEqual(["ask a", "ask b"]);
  });

  it("is as it was, with the reason, when it fails", async () => {
    const { log, pass, begin } = world();
    begin("deleted", "No room.");
    await pass(WAIT_MS);
    expect(log).toEqual(["ask deleted", "back deleted", "Not deleted: No room."]);
  });

  it("is not asked for when it has happened already", async () => {
    const { log, pass, begin } = world();
    begin("a").forget();
    await pass(WAIT_MS);
    expect(log).toEqual([]);
  });

  it("can be had done at once, and says whether that worked", async () => {
    const { log, pass, begin } = world();
    const [one, other] = [begin("a"), begin("b", "No room.")];
    expect(await one.now()).toBe(true);
    expect(await other.now()).toBe(false);
    expect(one.undo()).toBe(false);
    expect(await one.now()).toBe(true);
    await pass(WAIT_MS);
    expect(log).toEqual(["ask a", "ask b", "back b", "Not b: No room."]);
  });
});
