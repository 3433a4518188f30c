import { describe, expect, it } from "vitest";
import {
  around,
  bounded,
  following,
  MOST_SPAN_MS,
  msAt,
  pinched,
  revealing,
  spanOf,
  xOf,
  zoomed,
} from "./scale";

const HOUR = 3_600_000;

describe("scale", () => {
  it("leads from a moment to its place and back", () => {
    const view = { fromMs: 1000, toMs: 11_000 };
    expect(xOf(view, 500, 6000)).toBe(250);
    expect(msAt(view, 500, 250)).toBe(6000);
  });

  it("keeps the moment under the pointer where it is while it zooms", () => {
    const view = around(10 * HOUR, HOUR);
    const at = msAt(view, 1000, 700);
    expect(xOf(zoomed(view, 0.3, at), 1000, at)).toBeCloseTo(700);
    expect(xOf(zoomed(view, 5, at), 1000, at)).toBeCloseTo(700);
  });

  it("shows a minute at least and a month at most", () => {
    const view = around(1000 * HOUR, HOUR);
    expect(spanOf(zoomed(view, 1e-6, 1000 * HOUR))).toBe(60_000);
    expect(spanOf(zoomed(view, 1e6, 1000 * HOUR))).toBe(MOST_SPAN_MS);
  });

  it("keeps two moments under two fingers, whichever is first", () => {
    const held = [
      { ms: 20 * HOUR, x: 800 },
      { ms: 10 * HOUR, x: 200 },
    ] as const;
    for (const [one, other] of [held, [held[1], held[0]] as const]) {
      const view = pinched(1000, one, other);
      expect(xOf(view, 1000, 20 * HOUR)).toBeCloseTo(800);
      expect(xOf(view, 1000, 10 * HOUR)).toBeCloseTo(200);
    }
  });

  it("does not go far into the future, nor before 1970", () => {
    const now = 100 * HOUR;
    expect(bounded({ fromMs: 99 * HOUR, toMs: 199 * HOUR }, now)).toEqual({
      fromMs: 15 * HOUR,
      toMs: 115 * HOUR,
    });
    expect(bounded({ fromMs: -HOUR, toMs: HOUR }, now)).toEqual({ fromMs: 0, toMs: 2 * HOUR });
  });

  it("goes along with what plays, and stays where somebody looks elsewhere", () => {
    const view = { fromMs: 0, toMs: 1000 };
    expect(following(view, 500, 400)).toBe(view);
    expect(following(view, 820, 800)).toEqual({ fromMs: 20, toMs: 1020 });
    expect(following(view, 5000, 4900)).toBe(view);
  });

  it("brings a moment into sight only where it is not", () => {
    const view = { fromMs: 10 * HOUR, toMs: 11 * HOUR };
    expect(revealing(view, 10.5 * HOUR)).toBe(view);
    expect(revealing(view, 20 * HOUR)).toEqual({ fromMs: 19.5 * HOUR, toMs: 20.5 * HOUR });
  });
});
