import { describe, expect, it } from "vitest";
import { Deletions, UNDO_MS } from "./deletions";

/** A world in which time passes when it is told to. */
function world() {
  const timers = new Map<number, { work: () => void; atMs: number }>();
  const log: string[] = [];
  let nowMs = 0;
  let last = 0;
  let problem: Error | null = null;
  const deletions = new Deletions({
    send: async (id, isLeaving) => {
      log.push(isLeaving ? `leave ${id}` : `send ${id}`);
      if (problem !== null) throw problem;
    },
    changed: (hidden) => log.push(`hidden: ${[...hidden].join(" ")}`),
    failed: (id, why) => log.push(`failed ${id}: ${(why as Error).message}`),
    setTimeout: (work, ms) => {
      last += 1;
      timers.set(last, { work, atMs: nowMs + ms });
      return last;
    },
    clearTimeout: (timer) => timers.delete(timer),
  });
  const pass = async (ms: number) => {
    nowMs += ms;
    for (const [timer, { work, atMs }] of [...timers]) {
      if (atMs > nowMs) continue;
      timers.delete(timer);
      work();
    }
    await Promise.resolve();
    await Promise.resolve();
  };
  const fail = (text: string) => {
    problem = new Error(text);
  };
  return { deletions, log, pass, fail };
}

describe("a deletion", () => {
  it("hides at once and asks the server after 8 s", async () => {
    const { deletions, log, pass } = world();
    deletions.add("a");
    await pass(UNDO_MS - 1);
    expect(log).toEqual(["hidden: a"]);
    await pass(1);
    expect(log).toEqual(["hidden: a", "send a"]);
    deletions.gone("a");
    expect(log.at(-1)).toBe("hidden: ");
  });

  it("can be undone until then, and not after", async () => {
    const { deletions, log, pass } = world();
    deletions.add("a");
    expect(deletions.undo("a")).toBe(true);
    await pass(UNDO_MS);
    expect(log).toEqual(["hidden: a", "hidden: "]);
    deletions.add("b");
    await pass(UNDO_MS);
    expect(deletions.undo("b")).toBe(false);
  });

  it("is asked for at once when the page is left, and only once", async () => {
    const { deletions, log, pass } = world();
    deletions.add("a");
    deletions.add("b");
    deletions.leave();
    await pass(UNDO_MS);
    expect(log.filter((line) => !line.startsWith("hidden"))).toEqual(["leave a", "leave b"]);
  });

  it("that fails brings the event back, and says why", async () => {
    const { deletions, log, pass, fail } = world();
    fail("no room");
    deletions.add("a");
    await pass(UNDO_MS);
    expect(log).toEqual(["hidden: a", "send a", "hidden: ", "failed a: no room"]);
  });

  it("of what somebody else deleted meanwhile is not asked for", async () => {
    const { deletions, log, pass } = world();
    deletions.add("a");
    deletions.gone("a");
    await pass(UNDO_MS);
    expect(log).toEqual(["hidden: a", "hidden: "]);
  });
});
