// What a GPU tells of itself, in words; what it does not tell is said to be missing, and is never a zero.

import { sentence } from "../../api";
import type { Tone } from "../../parts/signs";
import type { GpuProcess, GpuStats, GpuXid } from "../../wire";
import { bytes, tight } from "../../words";

export const NOT_TOLD = "n/a";

/** A share of something, for a bar; `ratio` is null where the device does not tell it. */
export interface Share {
  name: string;
  ratio: number | null;
  words: string;
}

/** A figure with its name. */
export interface Said {
  name: string;
  value: string;
  note?: string;
}

const rounded = (value: number | null | undefined, unit: string) =>
  value == null ? NOT_TOLD : tight(`${Math.round(value)} ${unit}`);

const part = (name: string, percent: number | null | undefined): Share => ({
  name,
  ratio: percent == null ? null : percent / 100,
  words: rounded(percent, "%"),
});

/** What it is used for, and how much of it is. */
export function sharesOf(gpu: GpuStats): Share[] {
  const { memory_used_bytes: used, memory_total_bytes: total } = gpu;
  const memory: Share =
    used == null || total == null || total === 0
      ? part("Memory", null)
      : { name: "Memory", ratio: used / total, words: `${bytes(used)} of ${bytes(total)}` };
  return [
    part("Computing", gpu.utilization_percent),
    memory,
    part("Video decoder", gpu.decoder_percent),
    part("Video encoder", gpu.encoder_percent),
  ];
}

const mega = (hertz: number | null | undefined) => rounded(hertz == null ? null : hertz / 1e6, "MHz");

/** Its figures. */
export function figuresOf(gpu: GpuStats): Said[] {
  const most = gpu.power_limit_w == null ? undefined : tight(`of ${Math.round(gpu.power_limit_w)} W`);
  return [
    { name: "Temperature", value: rounded(gpu.temperature_c, "°C") },
    { name: "Power", value: rounded(gpu.power_w, "W"), note: most ?? gpu.power_rail ?? undefined },
    { name: "Fan", value: rounded(gpu.fan_percent, "%") },
    { name: "Clock", value: mega(gpu.clock_hz) },
    { name: "Memory clock", value: mega(gpu.memory_clock_hz) },
    { name: "Held back by", value: throttleWords(gpu.throttle) },
  ];
}

const REASONS: Record<string, string> = {
  clocks_set: "clocks that somebody has set",
  power_cap: "its power limit",
  hw_slowdown: "heat or power",
  sync_boost: "another GPU that it keeps step with",
  thermal_sw: "heat",
  thermal_hw: "much heat",
  power_brake: "the power supply",
  display: "a display",
  board_limit: "its board's limit",
  reliability: "its voltage",
};
/** Said by the more exact ones, where they are there. */
const EXACT = ["thermal_hw", "power_brake"];

/** Why it runs slower than it could. */
export function throttleWords(throttle: readonly string[] | null | undefined): string {
  if (throttle == null) return NOT_TOLD;
  const told = throttle.some((one) => EXACT.includes(one))
    ? throttle.filter((one) => one !== "hw_slowdown")
    : throttle;
  return told.map((one) => REASONS[one] ?? one).join(", ") || "nothing";
}

/** How it is, in a word; null where that goes without saying. */
export function stateOf(gpu: GpuStats): { tone: Tone; text: string } | null {
  if (gpu.lost != null) return { tone: "bad", text: "Lost" };
  const reasons = gpu.throttle ?? [];
  if (reasons.some((one) => one.startsWith("thermal"))) return { tone: "warn", text: "Slowed by heat" };
  if (reasons.includes("power_brake")) return { tone: "warn", text: "Slowed by the power supply" };
  return null;
}

/** An error that its driver told of: `Xid 31: a program …, 3 times`. */
export function xidWords({ code, says, count }: GpuXid): string {
  const times = count > 1 ? `, ${count} times` : "";
  return says === "" ? `Xid ${code}${times}` : `Xid ${code}: ${says}${times}`;
}

/** Who uses it: name, and the memory it takes. */
export function processWords({ pid, name, memory_bytes: memory }: GpuProcess): Said {
  return { name: name ?? `Process ${pid}`, value: memory == null ? NOT_TOLD : bytes(memory) };
}

/** What a lost one means, and what comes next. */
export const lostWords = (reason: string) =>
  `${sentence(reason)} It is looked for again every few seconds; its figures come back with it.`;
