import { describe, expect, it } from "vitest";
import type { Camera } from "../../wire";
import { bytesOf, gigabytes, holds, numberOf, reverse } from "./changes";

const camera = {
  id: "front",
  name: "Front door",
  enabled: true,
  labels: null,
  recording: { mode: "continuous", pre_roll_s: 5, schedule: [], keep_days: null },
} as unknown as Camera;

describe("a change of a camera", () => {
  it("is undone by what was there before, and by nothing else", () => {
    expect(reverse(camera, { name: "Gate", labels: ["person"] })).toEqual({
      name: "Front door",
      labels: null,
    });
    expect(reverse(camera, { recording: { mode: "off", keep_days: 3 } })).toEqual({
      recording: { mode: "continuous", keep_days: null },
    });
  });

  it("of its address cannot be undone, since nobody knows the password any more", () => {
    expect(reverse(camera, { address: "rtsp://cam/a" })).toBeNull();
  });
});

describe("taking a change back", () => {
  it("is right as long as nobody has changed the same since", () => {
    const made = { ...camera, name: "Gate" };
    expect(holds({ ...made, enabled: false }, made, { name: "Gate" })).toBe(true);
    expect(holds({ ...made, name: "Garden" }, made, { name: "Gate" })).toBe(false);
    const never = { ...camera.recording, mode: "off" } as Camera["recording"];
    expect(holds({ ...camera, recording: never }, camera, { recording: { mode: "continuous" } })).toBe(false);
    expect(holds({ ...camera, recording: never }, camera, { recording: { keep_days: null } })).toBe(true);
  });
});

describe("numbers that people write", () => {
  it("are gigabytes where the box counts bytes", () => {
    expect(gigabytes(250_500_000_000)).toBe("250.5");
    expect(gigabytes(null)).toBe("");
    expect(bytesOf(250.5)).toBe(250_500_000_000);
    expect(bytesOf(null)).toBeNull();
  });

  it("may have a comma, may be missing, and have bounds", () => {
    expect(numberOf("2,5", { least: 0, most: 10 })).toBe(2.5);
    expect(numberOf(" ", { least: 0, most: 10 })).toBeNull();
    expect(() => numberOf("11", { least: 0, most: 10 })).toThrow("from 0 to 10");
    expect(() => numberOf("some", { least: 0, most: 10 })).toThrow("from 0 to 10");
  });
});
