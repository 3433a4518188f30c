import { describe, expect, it } from "vitest";
import type { Camera, CameraFigures } from "../../wire";
import { factsOf, figuresOf, findingsOf, trialField, trialTitle } from "./measures";

const plain = (text: string) => text.replaceAll("\u00a0", " ");

const decoding = {
  mode: "on_demand",
  reason: "",
  advice: "",
  decoder: "software",
  decoder_note: "",
} as const;
const stream = { codec: "h264", width: 1920, height: 1080, fps: 15, gop_s: 2, decoding };
const camera = {
  id: "front",
  name: "Front door",
  enabled: true,
  loop: false,
  status: "online",
  status_reason: "",
  stream,
  recording: { mode: "continuous", schedule: [] },
} as unknown as Camera;
const stats: CameraFigures = {
  id: "front",
  fps: 14.98,
  bitrate_bps: 4_100_000,
  corrupt_frames: 0,
  reconnects: 0,
  is_quiet: true,
  recording: "recording",
};

describe("a camera that is well", () => {
  it("has nothing to be told", () => {
    expect(findingsOf(camera, stats)).toEqual([]);
  });

  it("has its figures in words", () => {
    expect(plain(factsOf(stream, stats))).toBe("H.264 · 1920×1080 · 15 fps · 4.1 Mbit/s");
    expect(factsOf(null)).toBe("");
    const figures = Object.fromEntries(figuresOf(camera, stats).map(([name, value]) => [name, plain(value)]));
    expect(figures.Keyframes).toBe("every 2 s");
    expect(figures.Decoding).toBe("keyframes only: it is quiet, by the CPU");
  });

  it("shows nothing that was not measured", () => {
    const names = figuresOf({ ...camera, stream: { ...stream, fps: null, gop_s: null } }, undefined);
    expect(names.map(([name]) => name)).toEqual(["Codec", "Size", "Decoding"]);
  });
});

describe("a camera that is not well", () => {
  it.each(["offline", "auth_failed", "no_video"] as const)("says what %s means and what to do", (status) => {
    const [found] = findingsOf({ ...camera, status, status_reason: "no answer within 4 s" }, undefined);
    expect(found?.tone).not.toBe("good");
    expect(found?.title).not.toBe("");
    expect(found?.next).not.toBe("");
  });

  it.each(["disk_full", "disk_slow", "disk_unavailable", "not_recordable"])(
    "says why it has %s",
    (recording) => {
      const [found] = findingsOf(camera, { ...stats, recording });
      expect(found?.next).not.toBe("");
    },
  );

  it("tells the trouble of the connection before advice", () => {
    const talkative = {
      ...stream,
      decoding: { ...decoding, reason: "the gap is 8 s", advice: "set it to 2 s" },
    };
    const found = findingsOf({ ...camera, stream: talkative }, { ...stats, corrupt_frames: 3 }, "no answer");
    expect(found.map(({ title }) => title)).toEqual([
      "The second address does not work",
      "3 damaged pictures since Nightjar was started",
      "It takes more work than it needs",
    ]);
    expect(found[2]).toMatchObject({
      text: "Everything is decoded: the gap is 8 s.",
      next: "Set it to 2 s.",
    });
  });

  it("is not missed where it was switched off", () => {
    expect(findingsOf({ ...camera, enabled: false, status: "disabled" }, undefined)).toEqual([]);
  });
});

describe("a trial", () => {
  it("tells its causes apart, and the field that they are about", () => {
    const kinds = [
      "dns",
      "refused",
      "timeout",
      "unauthorized",
      "not_found",
      "codec",
      "no_video",
      "no_known_path",
    ] as const;
    expect(new Set(kinds.map((kind) => trialTitle({ ok: false, kind }))).size).toBe(kinds.length);
    expect([trialField("unauthorized"), trialField("not_found"), trialField("timeout")]).toEqual([
      "user",
      "address",
      null,
    ]);
    expect(trialTitle({ ok: true, kind: "codec" })).toBe("It can be watched, not recorded");
  });
});
