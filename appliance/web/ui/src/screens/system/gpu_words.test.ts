import { describe, expect, it } from "vitest";
import type { GpuStats } from "../../wire";
import {
  figuresOf,
  lostWords,
  NOT_TOLD,
  processWords,
  sharesOf,
  stateOf,
  throttleWords,
  xidWords,
} from "./gpu_words";

const LITTLE: GpuStats = { index: 0, name: "Orin (nvgpu)" };
const FULL: GpuStats = {
  index: 0,
  name: "NVIDIA RTX A2000",
  utilization_percent: 37,
  memory_used_bytes: 3e9,
  memory_total_bytes: 12e9,
  decoder_percent: 0,
  encoder_percent: 5,
  temperature_c: 61,
  power_w: 41.5,
  power_limit_w: 70,
  fan_percent: 30,
  clock_hz: 1.2e9,
  memory_clock_hz: 6.001e9,
  throttle: [],
};
const plain = (text: string) => text.replaceAll("\u00a0", " ");
const values = (gpu: GpuStats) => figuresOf(gpu).map(({ value }) => plain(value));

describe("a GPU in words", () => {
  it("has each figure with its unit", () => {
    expect(values(FULL)).toEqual(["61 °C", "42 W", "30 %", "1200 MHz", "6001 MHz", "nothing"]);
    expect(sharesOf(FULL).map(({ words }) => plain(words))).toEqual([
      "37 %",
      "3.0 GB of 12 GB",
      "0 %",
      "5 %",
    ]);
    expect(sharesOf(FULL)[2]?.ratio).toBe(0);
  });

  it("says n/a, and never zero, for what the device does not tell", () => {
    expect(new Set(values(LITTLE))).toEqual(new Set([NOT_TOLD]));
    expect(sharesOf(LITTLE).every(({ ratio, words }) => ratio === null && words === NOT_TOLD)).toBe(true);
  });

  it("names the power limit, or else the rail that is measured", () => {
    const note = (gpu: GpuStats) => plain(figuresOf(gpu)[1]?.note ?? "");
    expect(note(FULL)).toBe("of 70 W");
    expect(note({ ...LITTLE, power_w: 4, power_rail: "VDD_GPU" })).toBe("VDD_GPU");
    expect(note(LITTLE)).toBe("");
  });

  it("says what holds it back, the exact reason rather than the general one", () => {
    expect(throttleWords(["power_cap", "thermal_sw"])).toBe("its power limit, heat");
    expect(throttleWords(["hw_slowdown"])).toBe("heat or power");
    expect(throttleWords(["hw_slowdown", "thermal_hw"])).toBe("much heat");
    expect(throttleWords(["of_tomorrow"])).toBe("of_tomorrow");
    expect(throttleWords([])).toBe("nothing");
    expect(throttleWords(null)).toBe(NOT_TOLD);
  });

  it("is marked when it is lost, or slowed by what somebody can see to", () => {
    expect(stateOf(FULL)).toBeNull();
    expect(stateOf({ ...FULL, throttle: ["power_cap"] })).toBeNull();
    expect(stateOf({ ...FULL, throttle: ["thermal_hw"] })?.text).toBe("Slowed by heat");
    expect(stateOf({ ...FULL, throttle: ["power_brake"] })?.text).toBe("Slowed by the power supply");
    expect(stateOf({ ...LITTLE, lost: "GPU lost (Xid 79)" })).toEqual({ tone: "bad", text: "Lost" });
    expect(lostWords("GPU lost (Xid 79)")).toMatch(/^GPU lost \(Xid 79\)\. /);
  });

  it("tells of errors by number, meaning and how often they came", () => {
    const at = "2026-11-27T12:00:00.000Z";
    expect(xidWords({ code: 31, at, count: 1, says: "a program erred" })).toBe("Xid 31: a program erred");
    expect(xidWords({ code: 150, at, count: 3, says: "" })).toBe("Xid 150, 3 times");
  });

  it("names who uses it, by number where the system does not say", () => {
    const words = processWords({ pid: 7, name: "Detection worker", memory_bytes: 8e8 });
    expect([words.name, plain(words.value)]).toEqual(["Detection worker", "800 MB"]);
    expect(processWords({ pid: 8 })).toEqual({ name: "Process 8", value: NOT_TOLD });
  });
});
