import { describe, expect, it } from "vitest";
import { type Follower, type Leader, leaderAfter, orderOf, SteadyClock } from "./sync";

const LEADER: Leader = { wallMs: 100_000, rate: 1, isPlaying: true };
const follower = (wallMs: number | null, more: Partial<Follower> = {}): Follower => ({
  wallMs,
  isWaiting: false,
  soughtAtMs: 0,
  soughtMs: null,
  ...more,
});
const order = (one: Follower, leader = LEADER, has: boolean | null = true) => orderOf(one, leader, has, 5000);

describe("players in step", () => {
  it("leaves alone what is within a picture of the leader", () => {
    expect(order(follower(100_030))).toEqual({ kind: "play", rate: 1 });
    expect(order(follower(99_970))).toEqual({ kind: "play", rate: 1 });
  });

  it("slows what is ahead and hurries what is behind, gently", () => {
    const ahead = order(follower(100_200));
    const behind = order(follower(99_800));
    expect(ahead).toEqual({ kind: "play", rate: 0.75 });
    expect(behind).toEqual({ kind: "play", rate: 1.25 });
  });

  it("comes within 100 ms within two seconds, by rate alone", () => {
    let [leaderMs, wallMs] = [100_000, 99_000];
    for (let ms = 0; ms < 4000; ms += 100) {
      const next = order(follower(wallMs), { ...LEADER, wallMs: leaderMs });
      leaderMs += 100;
      wallMs += 100 * (next.kind === "play" ? next.rate : 0);
    }
    expect(Math.abs(wallMs - leaderMs)).toBeLessThan(100);
  });

  it("seeks what is far away, but not again at once, and not while it is on its way", () => {
    expect(order(follower(90_000))).toEqual({ kind: "seek", ms: 100_000 });
    expect(order(follower(90_000, { soughtAtMs: 4500 })).kind).toBe("play");
    expect(order(follower(90_000, { isWaiting: true })).kind).toBe("play");
    expect(order(follower(110_000, { isWaiting: true })).kind).toBe("rest");
  });

  it("has one rest that has no footage, or that waits behind a gap", () => {
    expect(order(follower(100_000), LEADER, false).kind).toBe("rest");
    expect(order(follower(110_000, { soughtMs: 100_000 }), LEADER, null).kind).toBe("rest");
  });

  it("is more patient at high speed", () => {
    const fast = { ...LEADER, rate: 8 };
    expect(order(follower(100_300), fast)).toEqual({ kind: "play", rate: 8 });
    expect(order(follower(95_000), fast).kind).toBe("play");
  });

  it("goes to the leader's picture when paused, once", () => {
    const paused = { ...LEADER, isPlaying: false };
    expect(order(follower(99_000), paused)).toEqual({ kind: "seek", ms: 100_000 });
    expect(order(follower(99_900, { soughtMs: 100_000 }), paused).kind).toBe("rest");
    expect(order(follower(null), paused)).toEqual({ kind: "seek", ms: 100_000 });
  });

  it("lets the one lead that has footage where the leader left some out", () => {
    const has = (id: string) => id === "yard";
    expect(leaderAfter(["front", "yard"], "front", { fromMs: 0, toMs: 60_000 }, has)).toBe("yard");
    expect(leaderAfter(["front", "yard"], "front", { fromMs: 0, toMs: 60_000 }, () => null)).toBe("front");
  });
});

describe("the clock between pictures", () => {
  it("is right although pictures are told a little late", () => {
    const clock = new SteadyClock();
    for (const [i, lateS] of [0.02, 0.001, 0.015, 0.03].entries())
      clock.picture(1000 + i * 100, i * 0.1 + lateS);
    expect(clock.at(0.35)).toBeCloseTo(1349, 0);
  });

  it("follows a jump over a gap", () => {
    const clock = new SteadyClock();
    clock.picture(1000, 0);
    clock.picture(61_000, 0.1);
    expect(clock.at(0.2)).toBe(61_100);
    expect(new SteadyClock().at(1)).toBeNull();
  });
});
