import { describe, expect, it } from "vitest";
import type { CameraFootage, StoragePath } from "../../wire";
import { daily, days, goes, lasts, rate, share } from "./storage_words";

const plain = (text: string) => text.replaceAll("\u00a0", " ");
const path = {
  state: "ok",
  role: "hot",
  bytes_per_s: 1e6,
  days_left: 11.7,
} as StoragePath;

describe("storage in words", () => {
  it.each([
    [11.99, "11 days"],
    [2, "2 days"],
    [1.5, "36 hours"],
    [0.01, "1 hour"],
  ])("%f days left are %s: never more than there is", (left, text) => {
    expect(plain(days(left))).toBe(text);
  });

  it("says how long the room lasts, that it is used up, or that nobody knows", () => {
    expect(plain(lasts(path))).toBe("11 days at the current rate");
    expect(lasts({ ...path, state: "unmounted" })).toBe("Out of use");
    expect(lasts({ ...path, days_left: 0 })).toBe("Full: old footage makes room");
    expect(lasts({ ...path, days_left: null, bytes_per_s: null })).toBe("Not known yet");
    expect(lasts({ ...path, days_left: null, bytes_per_s: 0 })).toBe("Nothing is recorded");
    expect(plain(rate(path))).toBe("86 GB a day, as in the last hour");
  });

  it("says what goes next, when and why", () => {
    const now = Date.parse("2026-11-26T12:00:00Z");
    const next = {
      camera_id: "front",
      from: "2026-11-10T12:00:00Z",
      class: "continuous",
      why: "room",
      at: "2026-12-01T13:00:00Z",
      is_moved: false,
    } as const;
    const say = (more: object) => plain(goes({ ...next, ...more }, () => "Front", now));
    expect(say({})).toMatch(/^Front, .* is deleted in about 5 days, to make room\.$/);
    expect(say({ at: "2026-11-26T12:00:30Z", why: "age" })).toMatch(
      /is deleted now, when its time is over\.$/,
    );
    expect(say({ is_moved: true })).toContain("is moved to another disk");
  });

  it("shares the footage among the cameras", () => {
    const camera = (footage_bytes: number) => ({ footage_bytes, bytes_per_s: null }) as CameraFootage;
    expect(share(camera(25), [camera(25), camera(75)])).toBe(0.25);
    expect(share(camera(0), [camera(0)])).toBe(0);
    expect(daily(camera(1))).toBe("pace not known yet");
    expect(daily({ ...camera(1), bytes_per_s: 0 })).toBe("nothing just now");
  });
});
