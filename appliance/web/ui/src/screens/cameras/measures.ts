// What is known of a camera in words: its figures, what becomes of its footage, and what is not as it should be.

import { sentence } from "../../api";
import { STATES } from "../../camera_words";
import type { Tone } from "../../parts/signs";
import type { Camera, CameraFigures, CameraTrialResult, Stream } from "../../wire";
import { bitrate, count, tight } from "../../words";

type Status = Camera["status"];

/** Something that is not as it should be: what it means, and what to do about it. */
export interface Finding {
  tone: Tone;
  title: string;
  text: string;
  /** What to do next; empty where there is nothing to do. */
  next: string;
  /** Where that is done, on this page. */
  link?: string;
}

const NEXT: Partial<Record<Status, string>> = {
  offline:
    "Check that the camera has power and network, and that its address is still right. Nightjar goes on trying by itself.",
  auth_failed:
    "Write user name and password anew under Address. Nightjar tries seldom, so that the camera does not lock it out.",
  no_video: "Look at the video settings of the camera itself: encoding H.264, and the stream switched on.",
  ended: "The file has ended. Let it begin anew with “Play again and again”.",
};

const NOT_RECORDED: Record<string, Omit<Finding, "tone"> & { tone?: Tone }> = {
  not_recordable: {
    title: "Its footage cannot be recorded",
    text: "Its codec has no place in MP4 files.",
    next: "Set the camera's video encoding to H.264.",
  },
  disk_full: {
    title: "Not recorded: the disk is full",
    text: "There is no room, and nothing that may be deleted to make some.",
    next: "Keep less, let go of protected footage, or add a disk.",
    link: "/system",
  },
  disk_slow: {
    title: "Recorded with holes",
    text: "The disk is too slow for all that comes; whole groups of pictures are left out.",
    next: "Lower the cameras' bitrates, or use a faster disk.",
    link: "/system",
  },
  disk_unavailable: {
    title: "Not recorded: no disk can be written to",
    text: "The disk for footage is not there, or another one than before.",
    next: "Look at the disks under System.",
    link: "/system",
  },
};

/** What is not well with a camera, the worst first. `liveNote` is why its second address could not be read. */
export function findingsOf(camera: Camera, stats: CameraFigures | undefined, liveNote = ""): Finding[] {
  const decoding = camera.status === "online" ? (camera.stream?.decoding ?? null) : null;
  const found: (Finding | null)[] = [
    ofState(camera),
    ofFootage(camera, stats),
    liveNote === ""
      ? null
      : {
          tone: "warn",
          title: "The second address does not work",
          text: `${sentence(liveNote)} The first one is shown instead.`,
          next: "Check the second address, or take it away.",
        },
    ofDamage(stats),
    decoding === null || decoding.advice === ""
      ? null
      : {
          tone: "wait",
          title: "It takes more work than it needs",
          text: decoding.reason === "" ? "" : sentence(`everything is decoded: ${decoding.reason}`),
          next: sentence(decoding.advice),
        },
    decoding === null || decoding.decoder_note === ""
      ? null
      : { tone: "wait", title: "Not the wanted decoder", text: sentence(decoding.decoder_note), next: "" },
    ofReconnections(camera, stats),
  ];
  return found.filter((one) => one !== null);
}

// The reason stands on the camera's picture already.
function ofState({ status, loop }: Camera): Finding | null {
  if (status === "online" || status === "connecting" || status === "disabled") return null;
  if (status === "ended" && loop) return null;
  const [title, tone] = STATES[status];
  return { tone, title, text: "", next: NEXT[status] ?? "" };
}

function ofFootage({ enabled }: Camera, stats: CameraFigures | undefined): Finding | null {
  const found = enabled ? NOT_RECORDED[stats?.recording ?? ""] : undefined;
  return found === undefined ? null : { ...found, tone: stats?.recording === "disk_slow" ? "warn" : "bad" };
}

function ofDamage(stats: CameraFigures | undefined): Finding | null {
  const n = stats?.corrupt_frames ?? 0;
  if (n === 0) return null;
  return {
    tone: "warn",
    title: `${count(n, "damaged picture")} since Nightjar was started`,
    text: "Parts of the pictures were lost on the way from the camera.",
    next: "Where it grows: use a cable instead of Wi-Fi, or lower the camera's bitrate.",
  };
}

function ofReconnections({ status }: Camera, stats: CameraFigures | undefined): Finding | null {
  const n = stats?.reconnects ?? 0;
  if (n === 0 || status !== "online") return null;
  return {
    tone: "wait",
    title: `${count(n, "reconnection")} since Nightjar was started`,
    text: "The connection broke, or the camera was away.",
    next: "Where it grows: check the camera's network, power supply and time of restarts.",
  };
}

const CODECS: Record<string, string> = { h264: "H.264", hevc: "H.265", mjpeg: "Motion JPEG" };
const DECODERS: Record<string, string> = { software: "the CPU", cuda: "the GPU", qsv: "Quick Sync" };

/** `H.265` for what FFmpeg calls `hevc`. */
export const codecName = (codec: string) => CODECS[codec] ?? codec.toUpperCase();

/** `H.264 · 1920×1080 · 15 fps`, as far as it is known. */
export function factsOf(stream: Stream | null, stats?: CameraFigures): string {
  if (stream === null) return "";
  const fps = stats?.fps ?? stream.fps;
  const parts = [codecName(stream.codec), `${stream.width}×${stream.height}`];
  if (fps !== null) parts.push(tight(`${short(fps)} fps`));
  if (stats?.bitrate_bps != null) parts.push(bitrate(stats.bitrate_bps));
  return parts.join(" · ");
}

/** What was measured, as names and values. */
export function figuresOf(camera: Camera, stats: CameraFigures | undefined): [string, string][] {
  const { stream, status } = camera;
  if (stream === null) return [];
  const isOn = status === "online";
  const fps = (isOn ? stats?.fps : null) ?? stream.fps;
  const found: [string, string | null][] = [
    ["Codec", codecName(stream.codec)],
    ["Size", `${stream.width} × ${stream.height}`],
    ["Pictures", fps === null ? null : tight(`${short(fps)} fps`)],
    ["Bitrate", isOn && stats?.bitrate_bps != null ? bitrate(stats.bitrate_bps) : null],
    ["Keyframes", stream.gop_s === null ? null : tight(`every ${short(stream.gop_s)} s`)],
    ["Decoding", isOn ? decodingOf(stream, stats) : null],
    ["Damaged pictures", stats === undefined ? null : stats.corrupt_frames.toLocaleString()],
    ["Reconnections", stats === undefined ? null : stats.reconnects.toLocaleString()],
  ];
  return found.filter((pair): pair is [string, string] => pair[1] !== null);
}

/** What of the stream is decoded, why, and by whom. */
export function decodingOf({ decoding }: Stream, stats: CameraFigures | undefined): string | null {
  if (decoding === null) return null;
  const who = DECODERS[decoding.decoder];
  const why = decoding.reason === "" ? "" : ` (${decoding.reason})`;
  return `${decodingWord(decoding.mode, stats)}${why}${who === undefined ? "" : `, by ${who}`}`;
}

function decodingWord(mode: string, stats: CameraFigures | undefined): string {
  if (mode === "continuous") return "everything";
  if (mode === "keyframes") return "keyframes only";
  if (stats?.is_quiet === true) return "keyframes only: it is quiet";
  return stats?.is_quiet === false ? "everything: something happens" : "on demand";
}

const short = (number: number) => Number(number.toFixed(1));

const TRIALS: Record<NonNullable<CameraTrialResult["kind"]>, string> = {
  dns: "Nobody knows this name",
  refused: "Nothing listens there",
  timeout: "No answer",
  unauthorized: "User name or password is wrong",
  not_found: "Right camera, wrong path",
  busy: "The camera is busy",
  no_video: "The camera sends no video",
  codec: "A codec that does not work here",
  protocol: "This is no camera stream",
  ended: "The stream ended at once",
  no_known_path: "The camera is there, its stream is not found",
};

/** How a trial went, in a few words. */
export function trialTitle({ ok, kind }: Pick<CameraTrialResult, "ok" | "kind">): string {
  if (ok) return kind === "codec" ? "It can be watched, not recorded" : "It works";
  return kind === null ? "It did not work" : TRIALS[kind];
}

const ABOUT_THE_ADDRESS: ReadonlySet<string> = new Set([
  "dns",
  "refused",
  "not_found",
  "protocol",
  "no_known_path",
]);

/** Which field of the form a failed trial is about. */
export function trialField(kind: CameraTrialResult["kind"]): "address" | "user" | null {
  if (kind === "unauthorized") return "user";
  return kind !== null && ABOUT_THE_ADDRESS.has(kind) ? "address" : null;
}
