import { describe, expect, it } from "vitest";
import { begun, done, redone, settled, undone } from "./history";

describe("a history", () => {
  it("goes back and forth step by step", () => {
    const three = done(done(begun(1), 2), 3);
    expect(undone(three).now).toBe(2);
    expect(undone(undone(three)).now).toBe(1);
    expect(redone(redone(undone(undone(three)))).now).toBe(3);
  });

  it("stays where it is at either end", () => {
    const one = begun("a");
    expect(undone(one)).toBe(one);
    expect(redone(one)).toBe(one);
  });

  it("takes what belongs together as one step", () => {
    const dragged = [2, 3, 4].reduce((history, at) => done(history, at, "drag 1"), begun(1));
    expect(undone(dragged).now).toBe(1);
    const again = done(dragged, 5, "drag 2");
    expect(undone(again).now).toBe(4);
  });

  it("begins a step of its own once the last one is settled", () => {
    const twice = done(settled(done(begun(1), 2, "name")), 3, "name");
    expect(undone(twice).now).toBe(2);
  });

  it("begins a step of its own after something was undone", () => {
    const back = undone(done(done(begun(1), 2, "x"), 3, "y"));
    expect(undone(done(back, 9, "x")).now).toBe(2);
  });

  it("forgets what was undone once something else is done", () => {
    const other = done(undone(done(begun(1), 2)), 3);
    expect(redone(other).now).toBe(3);
    expect(undone(other).now).toBe(1);
  });

  it("is no step where nothing changed", () => {
    const one = begun(1);
    expect(done(one, 1)).toBe(one);
  });

  it("remembers two hundred steps", () => {
    let history = begun(0);
    for (let at = 1; at <= 300; at += 1) history = done(history, at);
    for (let at = 0; at < 300; at += 1) history = undone(history);
    expect(history.now).toBe(100);
  });
});
