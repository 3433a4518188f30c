// What is known of a camera's stream, in words short enough for its card.

const DECODERS = { software: "decoded by the CPU", cuda: "decoded by the GPU", qsv: "decoded by Quick Sync" };

/** `H264 · 1920×1080 · 15 fps`, as far as it is known. */
export function factsOf({ stream }) {
  if (stream === null) return "";
  const { codec, width, height, fps } = stream;
  const parts = [`${width}×${height}`];
  if (isCoded(stream)) parts.unshift(codec.toUpperCase());
  if (fps !== null) parts.push(`${short(fps)} fps`);
  return line(parts);
}

/** What is decoded, why, and what the owner can do about it. */
export function decodingOf({ status, stream }, stats) {
  const decoding = stream?.decoding;
  if (status !== "online" || !decoding || !isCoded(stream)) return "";
  const { mode, reason, advice, decoder_note: note } = decoding;
  return [because(wordOf(mode, stats), reason), advice, note].filter((part) => part !== "").map(sentence).join(" ");
}

/** `4.1 Mbit/s · keyframe every 2 s · decoded by the CPU`, as far as it is known. */
export function measuredOf({ status, stream }, stats) {
  if (status !== "online" || !isCoded(stream)) return "";
  const parts = [];
  if (stats?.bitrate_bps !== undefined) parts.push(bitrate(stats.bitrate_bps));
  if (typeof stream?.gop_s === "number") parts.push(`keyframe every ${short(stream.gop_s)} s`);
  const decoder = DECODERS[stream?.decoding?.decoder];
  if (decoder !== undefined) parts.push(decoder);
  return line(parts);
}

export const MODES = { continuous: "All the time", motion: "When something moves", events: "At events", off: "Never" };

const NOT_RECORDED = {
  not_recordable: ["Not recorded: its codec has no place in MP4 files", "bad"],
  camera_down: ["Not recorded: the camera sends nothing", "bad"],
  disk_full: ["Not recorded: the disk is full", "bad"],
  disk_slow: ["Recorded with holes: the disk is too slow", "warn"],
  disk_unavailable: ["Not recorded: no disk can be written to", "bad"],
};

/** What becomes of its footage just now, in words, and the tone of that. */
export function recordingOf({ enabled, recording: { mode, schedule } }, stats) {
  const state = stats?.recording;
  const isScheduled = schedule.length > 0;
  const wanted = isScheduled ? "by schedule" : MODES[mode].toLowerCase();
  if (!enabled || state === "off") return [isScheduled && enabled ? "Not recorded now, by schedule" : "Recording is off", "idle"];
  if (state === "recording") return [`Recording (${wanted})`, "good"];
  if (state === "idle") return [`Not recording now (${wanted})`, "idle"];
  return NOT_RECORDED[state] ?? [mode === "off" && !isScheduled ? "Recording is off" : `To be recorded (${wanted})`, "idle"];
}

/** What went wrong since the start, or nothing. */
export function troublesOf(stats) {
  const parts = [];
  if (stats?.corrupt_frames > 0) parts.push(counted(stats.corrupt_frames, "damaged picture"));
  if (stats?.reconnects > 0) parts.push(counted(stats.reconnects, "reconnection"));
  return line(parts);
}

// The demo scene's pictures come as they were drawn: there is nothing to decode and nothing to measure.
function isCoded(stream) {
  return stream?.codec !== "rawvideo";
}

// A line breaks between its parts, never within one.
function line(parts) {
  return parts.map((part) => part.replaceAll(" ", "\u00a0")).join(" · ");
}

function wordOf(mode, stats) {
  if (mode === "continuous") return "Everything is decoded";
  if (mode === "keyframes") return "Only keyframes are decoded";
  if (stats?.is_quiet === true) return "Quiet, keyframes only";
  return stats?.is_quiet === false ? "Something happens, everything is decoded" : "Decoded on demand";
}

function because(word, reason) {
  return reason === "" ? word : `${word}: ${reason}`;
}

function sentence(text) {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(start) ? start : `${start}.`;
}

function bitrate(bps) {
  return bps >= 1e6 ? `${short(bps / 1e6)} Mbit/s` : `${Math.round(bps / 1e3)} kbit/s`;
}

function counted(number, word) {
  return `${number.toLocaleString("en")} ${word}${number === 1 ? "" : "s"}`;
}

function short(number) {
  return Number(number.toFixed(1));
}
