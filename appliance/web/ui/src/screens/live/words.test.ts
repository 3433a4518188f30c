import { describe, expect, it } from "vitest";
import { recordingWords } from "../../camera_words";
import type { Camera, CameraFigures } from "../../wire";
import { addressOf } from "./address";
import { lagWords } from "./lag";

const plain = (text: string) => text.replaceAll("\u00a0", " ");
const camera = (mode: Camera["recording"]["mode"], enabled = true) =>
  ({ enabled, recording: { mode, schedule: [] } }) as unknown as Camera;
const figures = (recording: string): CameraFigures => ({
  id: "a",
  corrupt_frames: 0,
  reconnects: 0,
  recording,
});

describe("the live pictures", () => {
  it.each([
    [null, false, "/"],
    ["front", false, "/?camera=front"],
    [null, true, "/?wall=on"],
    ["front", true, "/?wall=on&camera=front"],
  ])("of %s on a wall or not (%s) are at %s", (id, isWall, address) => {
    expect(addressOf(id, isWall)).toBe(address);
  });

  it.each([
    [440, "0.4 s behind"],
    [-1, ""],
    [61_000, ""],
  ])("that are %i ms old are said to be %s", (ms, words) => {
    expect(plain(lagWords(ms))).toBe(words);
  });

  it.each([
    ["continuous", "recording", "Recording (all the time)", "good"],
    ["motion", "idle", "Not recording now (when something moves)", "idle"],
    ["continuous", "camera_down", "Not recorded: the camera sends nothing", "bad"],
    ["off", "off", "Recording is off", "idle"],
  ] as const)("with recording %s that is %s: %s", (mode, state, words, tone) => {
    expect(recordingWords(camera(mode), figures(state))).toEqual([words, tone]);
  });

  it("say nothing of a recording that nobody has measured yet", () => {
    expect(recordingWords(camera("events"), undefined)[0]).toBe("To be recorded (at events)");
    expect(recordingWords(camera("events", false), undefined)[0]).toBe("Recording is off");
  });
});
