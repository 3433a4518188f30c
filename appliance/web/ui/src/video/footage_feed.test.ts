import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Refusal } from "../api";
import { FootageFeed } from "./footage_feed";

const T0 = Date.parse("2026-11-23T15:00:00Z");
const MINUTE = 60_000;

/** A camera of the box: what was recorded, from when until when, in pieces of 10 s; and when it is now. */
interface Camera {
  recorded: [number, number][];
  nowMs: number;
  isRecording: boolean;
}

const iso = (ms: number) => new Date(ms).toISOString();
let camera: Camera;
let asked: string[];
let refused: number | null;

function playlist(fromMs: number, toMs: number): string {
  const lines = ["#EXTM3U"];
  for (const [begin, end] of camera.recorded) {
    lines.push(
      `#EXT-X-DATERANGE:ID="${begin}",X-START-US="${begin * 1000}",X-CODECS="avc1.64001f"`,
      `#EXT-X-MAP:URI="../../segments/${begin}.mp4",BYTERANGE="700@0"`,
    );
    for (let at = begin; at < end; at += 10_000) {
      if (at >= toMs || at + 10_000 <= fromMs) continue;
      lines.push(
        `#EXT-X-PROGRAM-DATE-TIME:${iso(at)}`,
        "#EXTINF:10,",
        "#EXT-X-BYTERANGE:5@700",
        `${begin}.mp4`,
      );
    }
  }
  if (!camera.isRecording || toMs <= camera.nowMs) lines.push("#EXT-X-ENDLIST");
  return lines.join("\n");
}

function timeline(fromMs: number, toMs: number): string {
  const items = camera.recorded
    .filter(([begin, end]) => begin < toMs && end > fromMs)
    .map(([begin, end]) => ({
      from: iso(Math.max(begin, fromMs)),
      to: iso(Math.min(end, toMs)),
      state: "recorded",
      cause: null,
      class: "motion",
    }));
  const gap = { from: iso(fromMs), to: iso(toMs), state: "gap", cause: "camera_down", class: null };
  return JSON.stringify({ items: items.length === 0 ? [gap] : items });
}

beforeEach(() => {
  asked = [];
  refused = null;
  vi.stubGlobal("location", { href: "http://box/footage", origin: "http://box" });
  vi.stubGlobal("fetch", async (address: string) => {
    const url = new URL(address, "http://box");
    asked.push(url.pathname.split("/").at(-1) ?? "");
    if (refused !== null) return new Response("{}", { status: refused });
    const [from, to] = ["from", "to"].map((name) => Date.parse(url.searchParams.get(name) ?? ""));
    const make = url.pathname.endsWith(".m3u8") ? playlist : timeline;
    return new Response(make(from ?? 0, to ?? 0));
  });
});
afterEach(() => vi.unstubAllGlobals());

const feedFrom = (fromMs: number) => new FootageFeed({ cameraId: "front", fromMs }, () => camera.nowMs);

test("it begins with the window around the moment that was asked for", async () => {
  camera = { recorded: [[T0, T0 + 30 * MINUTE]], nowMs: T0 + 60 * MINUTE, isRecording: false };
  const feed = feedFrom(T0 + 12 * MINUTE);
  await feed.begin();
  expect(feed.list.startMs).toBe(T0 + 10 * MINUTE);
  expect(feed.list.endMs).toBe(T0 + 20 * MINUTE);
  expect(asked).toEqual(["footage.m3u8"]);
});

test("it goes on into the next window, over a gap of an hour, and ends with what was recorded", async () => {
  const [first, second] = [T0 + 15 * MINUTE, T0 + 75 * MINUTE];
  camera = {
    recorded: [
      [T0, first],
      [second, second + MINUTE],
    ],
    nowMs: T0 + 600 * MINUTE,
    isRecording: false,
  };
  const feed = feedFrom(T0);
  await feed.begin();
  for (let i = 0; i < 10 && !feed.isEnded; i += 1) await feed.extend();
  expect(feed.isEnded).toBe(true);
  expect(feed.list.seconds).toBe(16 * 60);
  expect(feed.list.endMs).toBe(second + MINUTE);
  expect(feed.list.text(true, 0).match(/#EXT-X-DISCONTINUITY\n/g)).toHaveLength(1);
});

test("a moment in a gap is where it goes on", async () => {
  camera = {
    recorded: [[T0 + 300 * MINUTE, T0 + 301 * MINUTE]],
    nowMs: T0 + 600 * MINUTE,
    isRecording: false,
  };
  const feed = feedFrom(T0 + MINUTE);
  await feed.begin();
  expect(feed.list.startMs).toBe(T0 + 300 * MINUTE);
});

test("what is being recorded is waited for, and comes in", async () => {
  camera = { recorded: [[T0, T0 + MINUTE]], nowMs: T0 + MINUTE + 2000, isRecording: true };
  const feed = feedFrom(T0);
  await feed.begin();
  expect(await feed.extend()).toBe("waits");
  camera.recorded = [[T0, T0 + MINUTE + 10_000]];
  expect(await feed.extend()).toBe("grew");
  expect(feed.list.endMs).toBe(T0 + MINUTE + 10_000);
  expect(feed.isEnded).toBe(false);
});

test("where nothing was recorded it says why", async () => {
  camera = { recorded: [], nowMs: T0 + 60 * MINUTE, isRecording: false };
  const feed = feedFrom(T0);
  await feed.begin();
  expect(feed.isEnded).toBe(true);
  expect(feed.why).toBe("Missing: the camera sent nothing.");
});

test("what is yet to come is not looked for in the past", async () => {
  camera = { recorded: [[T0, T0 + MINUTE]], nowMs: T0 + 10 * MINUTE, isRecording: false };
  const feed = feedFrom(T0 + 60 * MINUTE);
  await feed.begin();
  expect(feed.list.pieces).toHaveLength(0);
  expect(feed.why).toBe("This is yet to come.");
});

test("after two hours another list begins", async () => {
  camera = { recorded: [[T0, T0 + 300 * MINUTE]], nowMs: T0 + 600 * MINUTE, isRecording: false };
  const feed = feedFrom(T0);
  await feed.begin();
  for (let i = 0; i < 30 && !feed.isEnded; i += 1) await feed.extend();
  expect(feed.isCut).toBe(true);
  expect(feed.list.seconds).toBeGreaterThan(7200);
  expect(feed.list.seconds).toBeLessThan(2.5 * 3600);
});

test("a refusal is passed on, with its status", async () => {
  camera = { recorded: [], nowMs: T0, isRecording: false };
  refused = 503;
  await expect(feedFrom(T0 - MINUTE).begin()).rejects.toThrow(Refusal);
});
