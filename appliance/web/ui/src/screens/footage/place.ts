// What the address says of what is shown: `/footage?camera=a&camera=b&at=ISO`, or `at=now` for what the cameras see
// just now; and times as fields have them.

export interface Place {
  cameras: string[];
  /** Null where no moment is named, and for what is live. */
  atMs: number | null;
  isLive: boolean;
}

const NOW = "now";
const HOUR_MS = 3_600_000;

export function placeOf(url: string): Place {
  const query = new URL(url, "http://box").searchParams;
  const atMs = Date.parse(query.get("at") ?? "");
  return {
    cameras: [...new Set(query.getAll("camera").filter((id) => id !== ""))],
    atMs: Number.isNaN(atMs) ? null : atMs,
    isLive: query.get("at") === NOW,
  };
}

export function addressOf({ cameras, atMs, isLive }: Place): string {
  const query = new URLSearchParams(cameras.map((id) => ["camera", id]));
  // Readable, and exact to the second at which a link leads there.
  if (isLive) query.set("at", NOW);
  else if (atMs !== null)
    query.set("at", new Date(Math.floor(atMs / 1000) * 1000).toISOString().replace(".000", ""));
  return `/footage?${query.toString().replaceAll("%3A", ":")}`;
}

const two = (n: number) => String(n).padStart(2, "0");

/** `2026-11-26`, as a date field has it, by the browser's calendar. */
export function dateField(ms: number): string {
  const at = new Date(ms);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** `2026-11-26T15:04:05`, as a field for date and time has it. */
export function timeField(ms: number): string {
  const at = new Date(ms);
  return `${dateField(ms)}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** The moment that a field names, or null; in an hour that comes twice the one nearer to `nearMs`. */
export function momentOf(field: string, nearMs?: number): number | null {
  const ms = new Date(field).getTime();
  if (Number.isNaN(ms)) return null;
  const again = [ms - HOUR_MS, ms + HOUR_MS].filter((one) => timeField(one) === timeField(ms));
  const apart = (one: number) => Math.abs(one - (nearMs ?? ms));
  return again.reduce((best, one) => (apart(one) < apart(best) ? one : best), ms);
}

/** The moment on another day at the same time of the day. */
export function sameTimeOn(field: string, ms: number): number | null {
  const day = momentOf(`${field}T00:00`);
  if (day === null) return null;
  const [at, on] = [new Date(ms), new Date(day)];
  return new Date(
    on.getFullYear(),
    on.getMonth(),
    on.getDate(),
    at.getHours(),
    at.getMinutes(),
    at.getSeconds(),
  ).getTime();
}
