import { beforeEach, describe, expect, it } from "vitest";
import { Patience } from "./course";
import { Quality, type Stream, type Wish } from "./quality";

const PICTURE_MS = 100;
const LOOK_MS = 500;
// The clocks of box and browser need not agree.
const CLOCKS_OFF_MS = -7_000_000;

/** A browser with a connection through which the small picture always fits, and the whole one as the test says. */
class Bench {
  nowMs = 1_000_000;
  fits = true;
  /** What was shown, whenever it changed. */
  readonly shown: Stream[];
  lateMs = 0;
  plays = new Set<Stream>();
  smallPlays = true;
  mainPlays = true;
  /** How much the clock of box or browser was moved since. */
  clockMs = 0;
  /** How often the other stream was brought. */
  brought = 0;
  readonly quality: Quality;

  constructor(wish: Wish = "auto", patience = new Patience(), nowMs = 1_000_000) {
    this.nowMs = nowMs;
    this.quality = new Quality(wish, nowMs, patience);
    this.shown = [this.quality.shown];
  }

  /** Let time pass: pictures come of whatever is connected, those that do not fit half a second later each second. */
  run(seconds: number): this {
    const untilMs = this.nowMs + seconds * 1000;
    for (; this.nowMs < untilMs; this.nowMs += PICTURE_MS) {
      const { shown, coming } = this.quality;
      const connected = coming === null ? [shown] : [shown, coming];
      for (const stream of connected) this.#picture(stream);
      for (const gone of [...this.plays].filter((one) => !connected.includes(one))) this.plays.delete(gone);
      if (!connected.includes("main") || this.fits) this.lateMs = 0;
      else this.lateMs += PICTURE_MS / 2;
      if (this.nowMs % LOOK_MS === 0) this.quality.look(this.nowMs);
      if (coming === null && this.quality.coming !== null) this.brought += 1;
      if (this.shown.at(-1) !== this.quality.shown) this.shown.push(this.quality.shown);
    }
    return this;
  }

  #picture(stream: Stream): void {
    if (!(stream === "small" ? this.smallPlays : this.mainPlays)) return;
    const lateMs = stream === "main" ? this.lateMs : 0;
    this.quality.arrived(stream, 150 + lateMs + CLOCKS_OFF_MS + this.clockMs, this.nowMs);
    if (!this.plays.has(stream)) this.quality.plays(stream, true, this.nowMs);
    this.plays.add(stream);
  }
}

describe("which stream is shown", () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench();
  });

  it("is the whole one while it fits", () => {
    expect(bench.run(3600).shown).toEqual(["main"]);
  });

  it("is the small one within ten seconds where pictures come later and later", () => {
    bench.run(30).fits = false;
    bench.run(10);
    expect(bench.shown).toEqual(["main", "small"]);
    expect(bench.quality.isSlow).toBe(true);
  });

  it("is the small one where the box says twice that it left pictures out", () => {
    bench.run(5).quality.behind("main", bench.nowMs);
    bench.run(5).quality.behind("main", bench.nowMs);
    expect(bench.run(1).shown).toEqual(["main", "small"]);
  });

  it("is the small one where late pictures end in none at all", () => {
    bench.run(5).fits = false;
    bench.run(4.5).quality.plays("main", false, bench.nowMs);
    bench.quality.look(bench.nowMs + 2500);
    expect(bench.quality.coming).toBe("small");
  });

  it("stays through a hiccup", () => {
    bench.run(5).quality.behind("main", bench.nowMs);
    bench.quality.behind("main", bench.nowMs + 200);
    bench.run(30).quality.behind("main", bench.nowMs);
    bench.run(5).lateMs = 3000;
    bench.fits = false;
    bench.run(1.5).fits = true;
    expect(bench.run(30).shown).toEqual(["main"]);
  });

  it("stays where the clocks of box and browser drift apart, or one of them is set", () => {
    for (let minute = 0; minute < 180; minute += 1) {
      bench.clockMs += 24;
      bench.run(60);
    }
    for (const stepMs of [5000, -60_000, 3_600_000]) {
      bench.clockMs += stepMs;
      bench.run(30);
    }
    expect(bench.shown).toEqual(["main"]);
    expect(bench.brought).toBe(0);
  });

  it("is the small one where pictures come late after a clock was set as well", () => {
    bench.run(30).clockMs = 5000;
    bench.run(30).fits = false;
    expect(bench.run(10).shown).toEqual(["main", "small"]);
  });

  it("is the whole one again within half a minute after the connection was mended", () => {
    bench.fits = false;
    bench.run(12).fits = true;
    bench.run(25);
    expect(bench.shown).toEqual(["main", "small", "main"]);
    expect(bench.quality.isSlow).toBe(false);
  });

  it("does not flap: while it does not fit the whole one is tried out of sight, ever more rarely", () => {
    bench.fits = false;
    const triedAt: number[] = [];
    for (let second = 0, wasTried = false; second < 1200; second += 1) {
      const isTried = bench.run(1).quality.coming === "main";
      if (isTried && !wasTried) triedAt.push(second);
      wasTried = isTried;
    }
    expect(bench.shown).toEqual(["main", "small"]);
    const waits = triedAt.slice(1).map((at, index) => at - (triedAt[index] ?? 0));
    expect(triedAt).toHaveLength(5);
    expect(waits[0]).toBeGreaterThanOrEqual(60);
    for (const wait of waits.slice(1)) expect(wait).toBeGreaterThanOrEqual(300);
  });

  it("is tried soon again once it has held for a minute", () => {
    for (let time = 0; time < 4; time += 1) {
      bench.fits = false;
      bench.run(12).fits = true;
      bench.run(26 + 70);
    }
    expect(bench.shown.filter((one) => one === "main")).toHaveLength(5);
  });

  it("is not tried while the small one does not run smoothly either", () => {
    bench.fits = false;
    bench.run(12).fits = true;
    for (let time = 0; time < 6; time += 1) bench.run(12).quality.behind("small", bench.nowMs);
    expect(bench.shown).toEqual(["main", "small"]);
    expect(bench.run(26).shown).toEqual(["main", "small", "main"]);
  });

  it("is tried ever more rarely where neither comes", () => {
    bench.fits = false;
    bench.run(12).quality.plays("small", false, bench.nowMs);
    bench.plays.clear();
    bench.smallPlays = bench.mainPlays = false;
    bench.brought = 0;
    bench.run(1200);
    expect(bench.brought).toBeGreaterThanOrEqual(3);
    expect(bench.brought).toBeLessThanOrEqual(6);
  });

  it("is the whole one where the small one does not come", () => {
    bench.smallPlays = bench.fits = false;
    bench.run(25);
    expect(bench.quality.coming).toBeNull();
    expect(bench.run(60).shown).toEqual(["main"]);
  });

  it("is nothing new while nobody looks or the camera is away", () => {
    bench.fits = false;
    bench.run(12);
    bench.fits = true;
    for (let time = 0; time < 100; time += 1) {
      bench.quality.plays("small", false, bench.nowMs);
      bench.quality.rest(bench.nowMs);
      bench.nowMs += 1000;
    }
    bench.plays.clear();
    expect(bench.run(15).shown).toEqual(["main", "small"]);
    expect(bench.run(12).shown).toEqual(["main", "small", "main"]);
  });
});

describe("what somebody chooses", () => {
  it("never changes by itself", () => {
    const full = new Bench("full");
    full.fits = false;
    for (let time = 0; time < 20; time += 1) full.run(5).quality.behind("main", full.nowMs);
    expect(full.shown).toEqual(["main"]);
    expect(new Bench("small").run(600).shown).toEqual(["small"]);
  });

  it("comes once it plays, and is not called slow", () => {
    const bench = new Bench().run(5);
    bench.quality.choose("small", bench.nowMs);
    expect([bench.quality.shown, bench.quality.coming]).toEqual(["main", "small"]);
    expect(bench.run(1).shown).toEqual(["main", "small"]);
    expect(bench.quality.isSlow).toBe(false);
    bench.quality.choose("auto", bench.nowMs);
    expect(bench.run(1).shown).toEqual(["main", "small", "main"]);
  });

  it("comes where it plays already, out of sight", () => {
    // Between two looks, so that nothing is shown yet.
    const bench = new Bench("small").run(5.1);
    bench.quality.choose("full", bench.nowMs);
    bench.run(0.2).quality.choose("auto", bench.nowMs);
    expect(bench.run(1).shown).toEqual(["small", "main"]);
    bench.quality.choose("small", bench.nowMs);
    bench.run(0.2).quality.choose("full", bench.nowMs);
    expect(bench.quality.coming).toBeNull();
    expect(bench.run(5).shown).toEqual(["small", "main"]);
  });

  it("is tried ever more rarely where Auto wants what never plays", () => {
    const bench = new Bench("small").run(5);
    bench.mainPlays = false;
    bench.quality.choose("auto", bench.nowMs);
    bench.run(1200);
    expect(bench.shown).toEqual(["small"]);
    expect(bench.brought).toBeGreaterThanOrEqual(3);
    expect(bench.brought).toBeLessThanOrEqual(6);
  });

  it("comes even where it cannot be played, to say why", () => {
    const bench = new Bench().run(5);
    bench.smallPlays = false;
    bench.quality.choose("small", bench.nowMs);
    expect(bench.run(6).shown).toEqual(["main", "small"]);
  });

  it("holds at once where the connection was found slow", () => {
    const bench = new Bench();
    bench.fits = false;
    bench.run(12).quality.choose("full", bench.nowMs);
    expect(bench.run(1).shown).toEqual(["main", "small", "main"]);
    expect(bench.quality.isSlow).toBe(false);
  });
});

describe("another camera", () => {
  it("begins small where the one before did not fit just now, and whole later", () => {
    const patience = new Patience();
    const first = new Bench("auto", patience);
    first.fits = false;
    first.run(12);
    const next = new Bench("auto", patience, first.nowMs);
    expect(next.run(20).shown).toEqual(["small"]);
    expect(next.run(10).shown).toEqual(["small", "main"]);
    expect(new Bench("auto", patience, next.nowMs + 60_000).shown).toEqual(["main"]);
  });

  it("is whole soon where its small one does not come", () => {
    const patience = new Patience();
    const first = new Bench("auto", patience);
    first.fits = false;
    first.run(12);
    const next = new Bench("auto", patience, first.nowMs);
    next.smallPlays = false;
    expect(next.run(18).shown).toEqual(["small", "main"]);
  });
});
