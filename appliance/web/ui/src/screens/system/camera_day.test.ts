import { describe, expect, it } from "vitest";
import type { Camera, CameraDay } from "../../wire";
import { findingsOf, knownWords, rowsOf, shareWords, sinceWords, toneOfFigure } from "./camera_day";

const camera = {
  id: "front",
  name: "Front",
  enabled: true,
  status: "online",
  status_reason: "",
  status_since: null,
} as Camera;
const well: CameraDay = {
  camera_id: "front",
  status: "online",
  status_reason: "",
  status_since: null,
  fps: 25,
  bitrate_bps: 4e6,
  gop_s: 2,
  median_fps: 25,
  median_bitrate_bps: 4e6,
  watched_s: 86_400,
  online_share: 1,
  connection_losses: 0,
  corrupt_frames: 0,
  recorded_s: 86_400,
  deliberate_s: 0,
  missing_s: 0,
  unknown_s: 0,
  missing_cause: null,
  longest_gap: null,
};
const nothing: CameraDay = {
  ...well,
  fps: null,
  bitrate_bps: null,
  gop_s: null,
  median_fps: null,
  median_bitrate_bps: null,
  watched_s: 0,
  online_share: null,
  connection_losses: null,
  corrupt_frames: null,
  recorded_s: 0,
  unknown_s: 86_400,
};
const found = (day: Partial<CameraDay>, of: Partial<Camera> = {}) =>
  findingsOf({ ...camera, ...of }, { ...well, ...day });
const said = (day: Partial<CameraDay>, of: Partial<Camera> = {}) =>
  found(day, of).map(({ tone, title }) => `${tone}: ${title.replaceAll("\u00a0", " ")}`);
const gap = { from: "2026-11-26T14:05:00.000Z", to: "2026-11-26T14:25:00.000Z" };

describe("a camera's last 24 hours", () => {
  it("has nothing to say of what is well, or not known", () => {
    expect(found({})).toEqual([]);
    expect(found(nothing)).toEqual([]);
    expect(found({ missing_s: 30, missing_cause: "service_down", connection_losses: 2 })).toEqual([]);
  });

  it.each([
    [{ missing_s: 60, missing_cause: "lost" }, "warn: 1 min of footage missing"],
    [{ missing_s: 1200, missing_cause: "lost" }, "bad: 20 min of footage missing"],
    [{ online_share: 0.95 }, "warn: Away for 1 h 12 min"],
    [{ online_share: 0.5 }, "bad: Away for 12 h"],
    [{ connection_losses: 3 }, "warn: The connection broke 3 times"],
    [{ connection_losses: 24 }, "bad: The connection broke 24 times"],
    [{ corrupt_frames: 10 }, "warn: 10 damaged pictures"],
    [{ corrupt_frames: 1000 }, `bad: ${(1000).toLocaleString()} damaged pictures`],
    [{ fps: 12 }, "warn: 12 pictures a second instead of 25"],
    [{ gop_s: 10 }, "warn: A keyframe only every 10 s"],
  ] as [Partial<CameraDay>, string][])("finds %j", (day, words) => {
    expect(said(day)).toEqual([words]);
    expect(found(day)[0]?.means).toMatch(/\.$/);
    expect(found(day)[0]?.links.length).toBeGreaterThan(0);
  });

  it("judges no share of a few minutes, and no usual of less than an hour", () => {
    expect(said({ online_share: 0.1, watched_s: 500 })).toEqual([]);
    expect(said({ fps: 2, watched_s: 3000 })).toEqual([]);
  });

  it("says once that it was away, where that is why footage is missing", () => {
    const away = { online_share: 0.5, missing_s: 40_000, missing_cause: "camera_down" } as const;
    expect(found(away).map(({ figures }) => figures)).toEqual([["missing", "online"]]);
    expect(found({ ...away, missing_cause: "lost" })).toHaveLength(2);
    // A camera whose footage is wanted at events alone can be away without a gap.
    expect(found({ ...away, missing_s: 0 }).map(({ figures }) => figures)).toEqual([["online"]]);
  });

  it("leads to the longest gap, and to what mends its cause", () => {
    const hrefs = (missing_cause: CameraDay["missing_cause"]) =>
      found({ missing_s: 1200, missing_cause, longest_gap: { ...gap, cause: missing_cause } })[0]?.links.map(
        ({ href }) => href,
      );
    const footage = "/footage?camera=front&at=2026-11-26T14:05:00.000Z";
    expect(hrefs("camera_down")).toEqual([footage, "/cameras/front"]);
    expect(hrefs("disk_full")).toEqual([footage, "/cameras/front", "#sys-disks"]);
    expect(hrefs("service_down")).toEqual([footage]);
  });

  it("says of a camera that is away now once that it was away", () => {
    const away = { status: "auth_failed", status_reason: "401 Unauthorized" } as const;
    const [state, ...others] = found({ online_share: 0.5 }, away);
    expect(others).toEqual([]);
    expect(state?.figures).toEqual(["state", "online"]);
    expect(state?.title).toBe("Wrong user or password");
    expect(state?.means).toMatch(/^401 Unauthorized\. .*away for 12\Wh in all\.$/);
    expect(state?.links[0]?.text).toBe("Give user and password anew");
    expect(found({ online_share: 0.5 }, { status: "offline", enabled: false })[0]?.figures).toEqual([
      "online",
    ]);
  });

  it("puts who is away now first, then who lacks most", () => {
    const days = [
      well,
      { ...well, camera_id: "yard", missing_s: 1000, missing_cause: "lost" as const },
      { ...well, camera_id: "barn" },
      { ...well, camera_id: "shed", missing_s: 2000, missing_cause: "lost" as const },
      { ...well, camera_id: "gone" },
      { ...well, camera_id: "attic" },
    ];
    const named = (id: string, more: Partial<Camera> = {}): [string, Camera] => [
      id,
      { ...camera, id, name: id, ...more },
    ];
    const cameras = new Map([
      named("front"),
      named("yard"),
      named("barn", { status: "offline" }),
      named("shed"),
      named("attic", { enabled: false, status: "disabled" }),
    ]);
    expect(rowsOf(days, cameras).map(({ day }) => day.camera_id)).toEqual([
      "barn",
      "shed",
      "yard",
      "front",
      "attic",
    ]);
  });

  it("colours the figures that it speaks of", () => {
    const findings = found({ connection_losses: 30, gop_s: 9 });
    expect(toneOfFigure(findings, "losses")).toBe("bad");
    expect(toneOfFigure(findings, "gop")).toBe("warn");
    expect(toneOfFigure(findings, "missing")).toBeUndefined();
  });

  it("says how much of the day is known", () => {
    expect(knownWords(well)).toBeNull();
    expect(knownWords(nothing)).toBe("not watched");
    expect(knownWords({ ...well, watched_s: 7200 })).toMatch(/^of 2\Wh$/);
    expect(shareWords(0)).toMatch(/^0\W%$/);
    expect(shareWords(1)).toMatch(/^100\W%$/);
    expect(shareWords(0.99999)).toMatch(/^99\.9\W%$/);
    expect(shareWords(0.123)).toMatch(/^12\.3\W%$/);
  });

  it("says the time of day of what was today, else the day", () => {
    const now = Date.parse("2026-11-26T14:05:00Z");
    expect(sinceWords("2026-11-26T10:05:00Z", now)).toMatch(/\d\d:05/);
    expect(sinceWords("2026-11-21T10:05:00Z", now)).toContain("21");
  });
});
