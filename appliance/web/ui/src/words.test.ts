import { describe, expect, it } from "vitest";
import { eventOf } from "./screens/events/sample";
import { ago, bitrate, bytes, clock, clockWithSeconds, count, course, hours, lasting } from "./words";

const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("words", () => {
  it("says how long ago something was", () => {
    const at = Date.parse("2026-11-26T12:00:00Z");
    expect(ago("2026-11-26T11:59:58Z", at)).toBe("just now");
    expect(ago("2026-11-26T11:59:20Z", at)).toBe("40 seconds ago");
    expect(ago("2026-11-26T10:00:00Z", at)).toBe("2 hours ago");
    expect(ago("2026-11-25T10:00:00Z", at)).toBe("yesterday");
    const noon = new Date(2026, 10, 26, 12).getTime();
    expect(ago(new Date(2026, 10, 24, 13).toISOString(), noon)).toBe("2 days ago");
  });

  it.each([
    [0, "1 s"],
    [59_400, "59 s"],
    [60_000, "1 min"],
    [7_500_000, "2 h 5 min"],
    [7_200_000, "2 h"],
    [950_400_000, "11 days"],
  ])("says %i ms as %s", (ms, text) => {
    expect(plain(lasting(ms))).toBe(text);
  });

  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [123_456_789, "123 MB"],
    [999_600_000, "1.0 GB"],
  ])("says %i bytes as %s", (size, text) => {
    expect(plain(bytes(size))).toBe(text);
  });

  it("says since when what stays is there", () => {
    hours.value = "24";
    const today = new Date();
    today.setHours(0, 5, 0, 0);
    const [rested_at, before] = [today.toISOString(), new Date(2024, 1, 29, 14, 2).toISOString()];
    expect(course(eventOf({ state: "open", label: "car", rested_at }))).toBe("parked since 00:05");
    expect(course(eventOf({ state: "open", label: "person", rested_at }))).toBe("standing since 00:05");
    expect(course(eventOf({ state: "open", label: "car", rested_at: before }))).toMatch(/2024, 14:02$/);
    expect(course(eventOf({ state: "open", label: "car" }))).toBe("still there");
    hours.value = "usual";
  });

  it("says rates and counts", () => {
    expect(plain(bitrate(4_100_000))).toBe("4.1 Mbit/s");
    expect(count(1, "event")).toBe("1 event");
    expect(count(0, "event")).toBe("0 events");
  });

  it("says times by the clock that was chosen", () => {
    const at = new Date(2026, 10, 26, 0, 4, 9).getTime();
    hours.value = "24";
    expect(clock(at)).toBe("00:04");
    expect(clockWithSeconds(at)).toBe("00:04:09");
    hours.value = "12";
    expect(clock(at)).toMatch(/^12:04/);
    hours.value = "usual";
  });
});
