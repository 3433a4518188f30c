// How each camera was over the last 24 hours: what of it is not as it should be, what that means, and where it is mended.

import { sentence } from "../../api";
import { STATES } from "../../camera_words";
import type { Camera, CameraDay } from "../../wire";
import { clock, count, dateOf, lasting, tight } from "../../words";
import { DISKS, type Link } from "./part_words";

/** The figures of a camera that can be red. */
export type Figure = "state" | "online" | "fps" | "gop" | "missing" | "losses" | "corrupt";

/** Why some figures are not as they should be. */
export interface Finding {
  figures: readonly Figure[];
  tone: "bad" | "warn";
  title: string;
  means: string;
  links: Link[];
}

/** A camera with its day and what is to be said of it, the worst first. */
export interface DayRow {
  camera: Camera;
  day: CameraDay;
  findings: Finding[];
}

const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;
/** From how much on a figure is worth a look, and is bad. */
const MISSING_S = { warn: MINUTE_S, bad: 15 * MINUTE_S };
const ONLINE = { warn: 0.99, bad: 0.9 };
const LOSSES = { warn: 3, bad: 24 };
const CORRUPT = { warn: 10, bad: 1000 };
const SLOW_SHARE = 0.6;
const LONG_GOP_S = 5;
/** Of less time than this a share or what is usual says nothing. */
const SHORT_S = 10 * MINUTE_S;

/** Put the cameras together with their days: first those that need somebody, the worst of them first. */
export function rowsOf(days: readonly CameraDay[], cameras: ReadonlyMap<string, Camera>): DayRow[] {
  const rows = days.flatMap((day) => {
    const camera = cameras.get(day.camera_id);
    return camera === undefined ? [] : [{ camera, day, findings: findingsOf(camera, day) }];
  });
  return rows.sort(
    (one, other) => weight(other) - weight(one) || one.camera.name.localeCompare(other.camera.name),
  );
}

// A camera that is down now comes first, then whoever lacks most footage.
function weight({ camera, day, findings }: DayRow): number {
  const worst = findings.some(({ tone }) => tone === "bad") ? 2 : findings.length > 0 ? 1 : 0;
  const isDown = findings.some(({ figures }) => figures.includes("state"));
  return (isDown ? 4e6 : 0) + worst * 1e6 + day.missing_s + (camera.enabled ? 1 : 0);
}

/** What is not as it should be with a camera. */
export function findingsOf(camera: Camera, day: CameraDay): Finding[] {
  const down = ofState(camera, day);
  const found = [
    down,
    ofMissing(camera, day),
    // Who is away now, or lacks footage since it was away, is said to have been away already.
    down !== null || isMissingSinceAway(day) ? null : ofOnline(camera, day),
    ofLosses(camera, day),
    ofCorrupt(camera, day),
    ofFps(camera, day),
    ofGop(camera, day),
  ].filter((one) => one !== null);
  return [...found.filter(({ tone }) => tone === "bad"), ...found.filter(({ tone }) => tone === "warn")];
}

/** The tone of a figure; undefined where it is as it should be. */
export const toneOfFigure = (findings: readonly Finding[], figure: Figure) =>
  findings.find(({ figures }) => figures.includes(figure))?.tone;

const pageOf = ({ id }: Camera, text = "Open the camera"): Link => ({
  href: `/cameras/${encodeURIComponent(id)}`,
  text,
});

function ofState(camera: Camera, day: CameraDay): Finding | null {
  const [word, tone] = STATES[camera.status];
  if (!camera.enabled || (tone !== "bad" && tone !== "warn")) return null;
  const since = camera.status_since === null ? "" : ` since ${sinceWords(camera.status_since)}`;
  const away = awayS(day);
  const reason = camera.status_reason === "" ? "" : `${sentence(camera.status_reason)} `;
  return {
    figures: toneOfShare(day) === undefined ? ["state"] : ["state", "online"],
    tone: "bad",
    title: `${word}${since}`,
    means: `${reason}Nothing of it is recorded or detected meanwhile${
      away >= MINUTE_S ? `; it was away for ${spanned(away)} in all` : ""
    }.`,
    links: [pageOf(camera, camera.status === "auth_failed" ? "Give user and password anew" : undefined)],
  };
}

const MISSING: Record<NonNullable<CameraDay["missing_cause"]>, string> = {
  camera_down: "The camera sent nothing: it had no power or no network, or it restarted.",
  not_recordable: "Its codec has no place in MP4 files: set the camera's video encoding to H.264.",
  disk_full: "The disk was full, and nothing may be deleted to make room: keep less, or add a disk.",
  disk_slow: "The disk was too slow for all that came: lower bitrates, or use a faster disk.",
  disk_unavailable: "No disk could be written to: it was not there, read-only, or failing.",
  service_down: "Nightjar did not run: the box was off, or restarted.",
  lost: "It was recorded, and the files are gone or damaged: the disk may be failing.",
  // Wanted by the settings, and never counted as missing.
  off: "",
  idle: "",
  expired: "",
};
const MISSING_LINKS: Partial<Record<NonNullable<CameraDay["missing_cause"]>, (camera: Camera) => Link[]>> = {
  camera_down: (camera) => [pageOf(camera)],
  not_recordable: (camera) => [pageOf(camera)],
  disk_full: (camera) => [pageOf(camera, "Recording settings"), DISKS],
  disk_slow: () => [DISKS],
  disk_unavailable: () => [DISKS],
  lost: () => [DISKS],
};

const isMissingSinceAway = ({ missing_s, missing_cause }: CameraDay) =>
  missing_cause === "camera_down" && toneFrom(missing_s, MISSING_S) !== undefined;

function ofMissing(camera: Camera, day: CameraDay): Finding | null {
  const { missing_s, missing_cause, longest_gap: gap } = day;
  const tone = toneFrom(missing_s, MISSING_S);
  if (tone === undefined || missing_cause === null) return null;
  const mend = MISSING_LINKS[missing_cause]?.(camera) ?? [];
  return {
    figures: isMissingSinceAway(day) ? ["missing", "online"] : ["missing"],
    tone,
    title: `${spanned(missing_s)} of footage missing`,
    means: MISSING[missing_cause],
    links: gap === null ? mend : [gapLink(camera, gap), ...mend],
  };
}

function gapLink({ id }: Camera, gap: NonNullable<CameraDay["longest_gap"]>): Link {
  const [from, to] = [Date.parse(gap.from), Date.parse(gap.to)];
  return {
    href: `/footage?camera=${encodeURIComponent(id)}&at=${gap.from}`,
    text: `See the longest gap: ${lasting(to - from)} from ${clock(from)}`,
  };
}

function ofOnline(camera: Camera, day: CameraDay): Finding | null {
  const tone = toneOfShare(day);
  if (tone === undefined) return null;
  return {
    figures: ["online"],
    tone,
    title: `Away for ${spanned(awayS(day))}`,
    means: `It was to be there for ${spanned(day.watched_s)}, and could not be reached for that long.`,
    links: [pageOf(camera)],
  };
}

function ofLosses(camera: Camera, { connection_losses: times }: CameraDay): Finding | null {
  const tone = toneFrom(times ?? 0, LOSSES);
  if (tone === undefined) return null;
  return {
    figures: ["losses"],
    tone,
    title: `The connection broke ${count(times ?? 0, "time")}`,
    means: "The usual reasons are weak Wi-Fi, a loose cable, too little power, or a camera that restarts.",
    links: [pageOf(camera)],
  };
}

function ofCorrupt(camera: Camera, { corrupt_frames: frames }: CameraDay): Finding | null {
  const tone = toneFrom(frames ?? 0, CORRUPT);
  if (tone === undefined) return null;
  return {
    figures: ["corrupt"],
    tone,
    title: count(frames ?? 0, "damaged picture"),
    means: "Parts of them were lost on the way: use a cable instead of Wi-Fi, or lower the camera's bitrate.",
    links: [pageOf(camera)],
  };
}

function ofFps(camera: Camera, { fps, median_fps: usual, watched_s }: CameraDay): Finding | null {
  if (camera.status !== "online" || fps === null || usual === null || watched_s < HOUR_S) return null;
  if (fps >= SLOW_SHARE * usual) return null;
  return {
    figures: ["fps"],
    tone: "warn",
    title: `${plain(fps)} pictures a second instead of ${plain(usual)}`,
    means:
      "In the dark many cameras slow down to see more. By day the camera or the network has too much to do.",
    links: [{ href: `/?camera=${encodeURIComponent(camera.id)}`, text: "Watch it live" }, pageOf(camera)],
  };
}

function ofGop(camera: Camera, { gop_s }: CameraDay): Finding | null {
  if (camera.status !== "online" || gop_s === null || gop_s <= LONG_GOP_S) return null;
  return {
    figures: ["gop"],
    tone: "warn",
    title: tight(`A keyframe only every ${plain(gop_s)} s`),
    means:
      "Live video begins late, and a lost packet spoils many pictures: set the camera's keyframe interval to 1–2 s.",
    links: [pageOf(camera)],
  };
}

const toneFrom = (value: number, from: { warn: number; bad: number }) =>
  value >= from.bad ? "bad" : value >= from.warn ? "warn" : undefined;

function toneOfShare({ online_share: share, watched_s }: CameraDay): Finding["tone"] | undefined {
  if (share === null || watched_s < SHORT_S || share >= ONLINE.warn) return undefined;
  return share < ONLINE.bad ? "bad" : "warn";
}

const awayS = ({ online_share: share, watched_s }: CameraDay) =>
  share === null ? 0 : watched_s * (1 - share);

/** `2 h 5 min`, from seconds. */
export const spanned = (seconds: number) => lasting(seconds * 1000);

/** The time of day, or the day where it is longer ago. */
export function sinceWords(iso: string, nowMs = Date.now()): string {
  const ms = Date.parse(iso);
  return nowMs - ms < DAY_S * 1000 ? clock(ms) : dateOf(ms);
}

/** `25`, `12.5`. */
export const plain = (number: number) => String(Number(number.toFixed(number < 10 ? 1 : 0)));

/** `98.4 %`; never 100 where it was away at all. */
export function shareWords(share: number): string {
  if (share === 0) return tight("0 %");
  const percent = share < 1 ? Math.min(99.9, share * 100) : 100;
  return tight(`${percent >= 100 ? 100 : percent.toFixed(1)} %`);
}

/** Of how much of the day the stream's figures tell, where that is not all of it; null where it is. */
export const knownWords = ({ watched_s }: CameraDay) =>
  watched_s === 0 ? "not watched" : watched_s < DAY_S - HOUR_S / 2 ? `of ${spanned(watched_s)}` : null;
