import { describe, expect, it } from "vitest";
import { addressOf, momentOf, placeOf, sameTimeOn, timeField } from "./place";
import { bytesAt, bytesOf } from "./size";

describe("place", () => {
  it("is read from an address, with what makes no sense left out", () => {
    expect(placeOf("/footage?camera=a&camera=b&camera=a&at=2026-11-26T12:00:00Z")).toEqual({
      cameras: ["a", "b"],
      atMs: Date.UTC(2026, 10, 26, 12),
      isLive: false,
    });
    expect(placeOf("/footage?camera=&at=soon")).toEqual({ cameras: [], atMs: null, isLive: false });
  });

  it("leads to the same again", () => {
    const atMs = Date.UTC(2026, 10, 26, 12, 0, 1);
    const place = { cameras: ["front door", "b"], atMs, isLive: false };
    expect(addressOf(place)).toBe("/footage?camera=front+door&camera=b&at=2026-11-26T12:00:01Z");
    expect(placeOf(addressOf(place))).toEqual(place);
    expect(addressOf({ cameras: ["b"], atMs: null, isLive: false })).toBe("/footage?camera=b");
  });

  it("is live again after a reload where it was live", () => {
    const live = { cameras: ["b"], atMs: null, isLive: true };
    expect(addressOf(live)).toBe("/footage?camera=b&at=now");
    expect(placeOf(addressOf(live))).toEqual(live);
  });

  it("goes into fields and back", () => {
    const ms = new Date(2026, 10, 26, 7, 8, 9).getTime();
    expect(timeField(ms)).toBe("2026-11-26T07:08:09");
    expect(momentOf(timeField(ms))).toBe(ms);
    expect(momentOf("")).toBeNull();
    expect(sameTimeOn("2026-11-20", ms)).toBe(new Date(2026, 10, 20, 7, 8, 9).getTime());
    expect(sameTimeOn("", ms)).toBeNull();
  });
});

describe("size", () => {
  it("sums the pieces of a playlist", () => {
    expect(bytesOf("#EXTM3U\n#EXT-X-BYTERANGE:1000@20\na.mp4\n#EXT-X-BYTERANGE:500@1020\na.mp4\n")).toBe(
      1500,
    );
    expect(bytesOf("#EXTM3U\n")).toBe(0);
  });

  it("says the bytes at a rate", () => {
    expect(bytesAt(4_000_000, 60_000)).toBe(30_000_000);
  });
});
