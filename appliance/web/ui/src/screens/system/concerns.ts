// What is not well, in one list: from the parts' health, the cameras, the machine, the disks and the queues.

import { sentence } from "../../api";
import type { Camera, HealthReport, HostStats, QueueReport, Storage } from "../../wire";
import { bytes, count } from "../../words";
import { type DayRow, toneOfFigure } from "./camera_day";
import { CAMERAS, DATABASE, DISKS, type Link, MACHINE, partWords } from "./part_words";

/** Something to see to: what it is, what it means, and what to do next. */
export interface Concern {
  id: string;
  tone: "bad" | "warn";
  title: string;
  /** What was found, in the words of whoever found it; may be empty. */
  found: string;
  means: string;
  next: string;
  /** Where it can be seen to. */
  link?: Link;
}

export interface Known {
  health: HealthReport | null;
  cameras: readonly Camera[];
  host: HostStats | null;
  storage: Storage | null;
  queues: readonly QueueReport[];
  days?: readonly DayRow[];
}

/** How much of the box was asked; `of before`: some of it does not answer any more. */
export type HowMuch = "all" | "not yet" | "of before";

const VERDICTS: Record<HowMuch, string> = {
  all: "Everything is well",
  "not yet": "Asking …",
  "of before": "Not known: not everything could be asked",
};

/** All of it in a sentence: nothing is said to be well that could not be asked. */
export function verdictOf(
  concerns: readonly Concern[],
  known: HowMuch,
): { tone: "bad" | "warn" | "wait" | "good"; text: string } {
  const worst = concerns[0];
  if (worst === undefined) return { tone: known === "all" ? "good" : "wait", text: VERDICTS[known] };
  return { tone: worst.tone, text: `${count(concerns.length, "thing needs", "things need")} attention` };
}

/** Return how much was asked, of the answers that there are. */
export function howMuch(
  isConnected: boolean,
  polled: readonly { data: unknown; problem: string | null }[],
): HowMuch {
  if (!isConnected || polled.some(({ problem }) => problem !== null)) return "of before";
  return polled.every(({ data }) => data !== null) ? "all" : "not yet";
}

const LITTLE_MEMORY = 0.05;
const NEARLY_HOT_C = 8;

/** Return all of it, the worst first. */
export function concernsOf(known: Known): Concern[] {
  const found = [
    ...partConcerns(known.health),
    ...known.cameras.flatMap(cameraConcern),
    ...hostConcerns(known.host),
    ...absentConcerns(known.storage),
    ...known.queues.flatMap(queueConcern),
    ...dayConcerns(known.days ?? []),
  ];
  return [...found.filter((one) => one.tone === "bad"), ...found.filter((one) => one.tone === "warn")];
}

function partConcerns(health: HealthReport | null): Concern[] {
  return (health?.parts ?? [])
    .filter((part) => part.level !== "ok")
    .map((part) => {
      const { name, ...words } = partWords(part.part);
      const tone = part.level === "failed" ? "bad" : "warn";
      return { id: `part ${part.part}`, tone, title: name, found: said(part.reason), ...words };
    });
}

const STATES: Partial<Record<Camera["status"], { word: string; tone: Concern["tone"]; next: string }>> = {
  offline: {
    word: "is not reached",
    tone: "bad",
    next: "See whether it has power and network. It is tried again by itself.",
  },
  auth_failed: {
    word: "refuses user or password",
    tone: "bad",
    next: "Give its user name and password anew.",
  },
  no_video: {
    word: "sends no video",
    tone: "bad",
    next: "See whether the path in its address is that of a video stream.",
  },
};

function cameraConcern(camera: Camera): Concern[] {
  const known = STATES[camera.status];
  if (known === undefined || !camera.enabled) return [];
  return [
    {
      id: `camera ${camera.id}`,
      tone: known.tone,
      title: `${camera.name} ${known.word}`,
      found: said(camera.status_reason),
      means: "Nothing of it is recorded or detected; the time is a gap in its footage.",
      next: known.next,
      link: { href: `/cameras/${encodeURIComponent(camera.id)}`, text: "Open the camera" },
    },
  ];
}

function hostConcerns(host: HostStats | null): Concern[] {
  if (host === null) return [];
  const found: Concern[] = [];
  if (host.clock_synchronised === false)
    found.push({
      id: "clock sync",
      tone: "warn",
      title: "The clock is not kept right",
      found: "The kernel says that nothing synchronises the clock of the box.",
      means: "It drifts: the times of events and footage are off, by more each day.",
      next: "Have it synchronised over the network: `timedatectl set-ntp true`.",
    });
  const { memory_total_bytes: total, memory_available_bytes: available } = host;
  if (total !== null && available !== null && available < LITTLE_MEMORY * total)
    found.push({
      id: "memory",
      tone: "warn",
      title: "Memory is nearly used up",
      found: `${bytes(available)} of ${bytes(total)} can still be had.`,
      means: "When nothing is left, the system ends programs, Nightjar among them.",
      next: "End other programs on the box, or use fewer or smaller streams.",
      link: MACHINE,
    });
  return [...found, ...host.temperatures.flatMap(heatConcern)];
}

function heatConcern({ name, celsius, limit_c: limit }: HostStats["temperatures"][number]): Concern[] {
  if (limit === null || celsius < limit - NEARLY_HOT_C) return [];
  return [
    {
      id: `heat ${name}`,
      tone: celsius >= limit ? "bad" : "warn",
      title: `${name} is ${celsius >= limit ? "too hot" : "nearly too hot"}`,
      found: `${Math.round(celsius)} °C; its limit is ${Math.round(limit)} °C.`,
      means: "What is too hot slows down, or switches itself off.",
      next: "See to fans, dust and air around the box.",
      link: MACHINE,
    },
  ];
}

function absentConcerns(storage: Storage | null): Concern[] {
  return (storage?.absent ?? []).map((disk) => ({
    id: `absent ${disk.id}`,
    tone: "warn",
    title: "A disk with footage is not there",
    found: `It was at ${disk.path}, with ${bytes(disk.footage_bytes)} of footage.`,
    means: "What lies on it stays in the timeline and cannot be played.",
    next: `Connect it again. If it is gone for good: \`nightjar forget-volume ${disk.id}\`.`,
    link: DISKS,
  }));
}

/** What it means when something was left out, by the queue's key. A slow viewer costs nobody else anything. */
const DROPS: Record<string, Pick<Concern, "means" | "next" | "link">> = {
  decoding: {
    means: "The machine was too slow to look at all of the video. Recording is not touched by it.",
    next: "Give cameras a smaller second stream, or fewer analysed frames a second.",
    link: CAMERAS,
  },
  detector: {
    means:
      "The detector was slower than the cameras: it looked at newer frames instead. Recording is complete.",
    next: "Nothing, if it happens now and then. Otherwise analyse fewer frames a second, or use a GPU.",
    link: CAMERAS,
  },
  "footage lost": {
    means: "This footage is missing. The timeline shows the gaps and why they are there.",
    next: "See whether the disks are full, slow or failing.",
    link: DISKS,
  },
  "changes lost": {
    means: "Some events are missing, or are not as they ended.",
    next: "See whether the disk with the data was full, or another program had locked the database.",
    link: DATABASE,
  },
  pictures: {
    means: "Some events have no picture.",
    next: "See whether the disk with the data is slow.",
    link: DATABASE,
  },
  analysed: {
    means: "Boxes of some frames were not stored. Events are complete.",
    next: "See whether the disk with the data is slow.",
    link: DATABASE,
  },
};

/** A frame now and then is nobody's concern: a newer one is looked at instead. */
const USUAL_AN_HOUR: Record<string, number> = { decoding: 60, detector: 60 };

function queueConcern(queue: QueueReport): Concern[] {
  const words = DROPS[queue.key];
  const lately = queue.dropped_last_hour ?? 0;
  if (words === undefined || lately <= (USUAL_AN_HOUR[queue.key] ?? 0)) return [];
  const unit =
    queue.unit === "bytes" ? bytes(lately) : count(lately, queue.unit.replace(/s$/, ""), queue.unit);
  return [
    {
      id: `queue ${queue.key}`,
      tone: queue.key.endsWith("lost") ? "bad" : "warn",
      title: `${unit} left out in the last hour`,
      found: `${queue.name}: ${queue.when_full}.`,
      ...words,
    },
  ];
}

/** Cameras that are reached now, and were not well in the last 24 hours: each figure there says why. */
function dayConcerns(days: readonly DayRow[]): Concern[] {
  const bad = days.filter(
    ({ findings }) =>
      toneOfFigure(findings, "state") === undefined && findings.some(({ tone }) => tone === "bad"),
  );
  if (bad.length === 0) return [];
  return [
    {
      id: "day",
      tone: "warn",
      title: `${count(bad.length, "camera")} had trouble in the last 24 hours`,
      found: `${bad.map(({ camera }) => camera.name).join(", ")}.`,
      means: "Footage is missing, or the connection was not steady.",
      next: "Each figure that is not as it should be says what it means and what helps.",
      link: { href: "#sys-cameras", text: "See the cameras' last 24 hours" },
    },
  ];
}

const said = (reason: string) => (reason === "" ? "" : sentence(reason));
