import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Patience } from "./course";
import { keepLooking } from "./looks";
import { Quality } from "./quality";

const HOUR_MS = 3_600_000;

let page: EventTarget & { hidden: boolean };

beforeEach(() => {
  vi.useFakeTimers();
  page = Object.assign(new EventTarget(), { hidden: false });
  vi.stubGlobal("document", page);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function turn(hidden: boolean): void {
  page.hidden = hidden;
  page.dispatchEvent(new Event("visibilitychange"));
}

it("takes a page that was not in front for no silence, where no timer ran meanwhile", () => {
  const patience = new Patience();
  patience.failed(performance.now());
  const quality = new Quality("auto", performance.now(), patience);
  quality.plays("small", true, performance.now());
  const end = keepLooking(quality, true, () => {});
  vi.advanceTimersByTime(5000);
  turn(true);
  quality.plays("small", false, performance.now());
  vi.spyOn(performance, "now").mockReturnValue(performance.now() + HOUR_MS);
  turn(false);
  vi.advanceTimersByTime(500);
  expect([quality.shown, quality.coming]).toEqual(["small", null]);
  end();
});

it("drops what was to come when the page goes, and ends", () => {
  const quality = new Quality("auto", performance.now(), new Patience());
  const looked = vi.fn();
  const end = keepLooking(quality, true, looked);
  quality.choose("small", performance.now());
  expect(quality.coming).toBe("small");
  turn(true);
  expect(quality.coming).toBeNull();
  expect(looked).toHaveBeenCalledTimes(1);
  end();
  turn(false);
  vi.advanceTimersByTime(5000);
  expect(looked).toHaveBeenCalledTimes(1);
});
