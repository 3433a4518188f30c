// How a camera is doing and what becomes of its footage, in words and a tone.

import type { Tone } from "./parts/signs";
import type { Camera, CameraFigures } from "./wire";

type Words = readonly [text: string, tone: Tone];

export const STATES: Record<Camera["status"], Words> = {
  connecting: ["Connecting", "wait"],
  online: ["Online", "good"],
  offline: ["Offline", "bad"],
  auth_failed: ["Wrong user or password", "bad"],
  no_video: ["No video", "warn"],
  ended: ["Ended", "idle"],
  disabled: ["Switched off", "idle"],
};

export const MODES: Record<Camera["recording"]["mode"], string> = {
  continuous: "All the time",
  motion: "When something moves",
  events: "At events",
  off: "Never",
};

const NOT_RECORDED: Record<string, Words> = {
  not_recordable: ["Not recorded: its codec has no place in MP4 files", "bad"],
  camera_down: ["Not recorded: the camera sends nothing", "bad"],
  disk_full: ["Not recorded: the disk is full", "bad"],
  disk_slow: ["Recorded with holes: the disk is too slow", "warn"],
  disk_unavailable: ["Not recorded: no disk can be written to", "bad"],
};

/** What becomes of a camera's footage just now. */
export function recordingWords(camera: Camera, figures: CameraFigures | undefined): Words {
  const { mode, schedule } = camera.recording;
  const isScheduled = schedule.length > 0;
  const wanted = isScheduled ? "by schedule" : MODES[mode].toLowerCase();
  const state = figures?.recording;
  if (!camera.enabled || state === "off")
    return [isScheduled && camera.enabled ? "Not recorded now, by schedule" : "Recording is off", "idle"];
  if (state === "recording") return [`Recording (${wanted})`, "good"];
  if (state === "idle") return [`Not recording now (${wanted})`, "idle"];
  const cause = NOT_RECORDED[state ?? ""];
  if (cause !== undefined) return cause;
  return [mode === "off" && !isScheduled ? "Recording is off" : `To be recorded (${wanted})`, "idle"];
}
