// Asking the server: JSON in, JSON out, and errors as sentences.

const BASE = "/api/v1";
// Nothing that is only looked up takes as long; a network that is gone may never say so.
const ANSWER_WITHIN_MS = 20_000;
const LOGIN_NEEDED = 401;

/** What the server refused, or that it did not answer (`status` 0); `field` names the input that is wrong. */
export class Refusal extends Error {
  constructor(
    text: string,
    readonly status = 0,
    readonly field: string | null = null,
  ) {
    super(text);
  }
}

/** What came, and the cursor up to which every message is contained in it (0 where there is none). */
export interface Answer<T> {
  data: T;
  cursor: number;
}

// Told when the box says that nobody is logged in any more.
let tellLoggedOut: () => void = () => undefined;

/** Say who is told when the box does not know any more who asks. */
export function whenLoggedOut(tell: () => void): void {
  tellLoggedOut = tell;
}

// What was asked before a login tells nothing of who is logged in after it, whenever its answer comes.
let logins = 0;

/** How often somebody has logged in on this page. */
export const loginCount = () => logins;

/** Take note that somebody has just logged in. */
export function noteLogin(): void {
  logins += 1;
}

type Query = Record<string, string | number | boolean | string[] | null | undefined>;

/** Add a query to a path; what is null, undefined, empty or an empty list is left out. */
export function withQuery(path: string, query: Query): string {
  const found = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const one of value) found.append(name, one);
    else if (value !== null && value !== undefined && value !== "") found.append(name, String(value));
  }
  const text = found.toString();
  return text === "" ? path : `${path}?${text}`;
}

/** Ask; throws a `Refusal`, or the signal's `AbortError`. */
export async function ask<T>(
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Answer<T>> {
  // What is asked to be done is done, though the page may be left before the answer comes; but not where
  // somebody waits for the answer alone.
  const request: RequestInit = { method, keepalive: method !== "GET" && signal === undefined };
  if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers = { "Content-Type": "application/json" };
  }
  const stop = stopping(signal, method === "GET" ? ANSWER_WITHIN_MS : null);
  try {
    const response = await answered(BASE + path, { ...request, signal: stop.signal }, signal);
    const data = response.status === 204 ? null : await whole(response.json(), signal);
    return { data, cursor: Number(response.headers.get("Nightjar-Cursor") ?? 0) };
  } finally {
    stop.end();
  }
}

/** Aborts with another signal, and after a time where there is a limit; `end` when it is not needed any more. */
function stopping(other: AbortSignal | undefined, withinMs: number | null) {
  const stop = new AbortController();
  const abort = () => stop.abort(other?.reason);
  const timer = withinMs === null ? undefined : setTimeout(abort, withinMs);
  if (other?.aborted) abort();
  other?.addEventListener("abort", abort);
  const end = () => {
    clearTimeout(timer);
    other?.removeEventListener("abort", abort);
  };
  return { signal: stop.signal, end };
}

export const get = <T>(path: string, signal?: AbortSignal) => ask<T>("GET", path, undefined, signal);
export const post = <T>(path: string, body?: unknown) => ask<T>("POST", path, body);
export const patch = <T>(path: string, body: unknown) => ask<T>("PATCH", path, body);
export const put = <T>(path: string, body: unknown) => ask<T>("PUT", path, body);
export const remove = (path: string) => ask<null>("DELETE", path);

/** Fetch a picture; throws a `Refusal` with the reason when there is none. */
export async function picture(
  path: string,
  signal?: AbortSignal,
  cache: RequestCache = "no-store",
): Promise<Blob> {
  const response = await answered(BASE + path, { cache, ...(signal && { signal }) }, signal);
  return whole(response.blob(), signal);
}

/** A camera's newest frame, and when it was taken; null where the box does not say. */
export async function frame(
  path: string,
  signal: AbortSignal,
): Promise<{ blob: Blob; takenMs: number | null }> {
  const response = await answered(BASE + path, { cache: "no-store", signal }, signal);
  const takenMs = Date.parse(response.headers.get("Nightjar-Taken-At") ?? "");
  return { blob: await whole(response.blob(), signal), takenMs: Number.isNaN(takenMs) ? null : takenMs };
}

// Only what aborts `signal`, the caller's own, is no failure.
async function answered(
  address: string,
  request: RequestInit,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const asked = logins;
  const response = await whole(fetch(address, request), signal);
  if (response.status === LOGIN_NEEDED && asked === logins && !address.endsWith("/login")) tellLoggedOut();
  if (!response.ok) throw await refusalOf(response);
  return response;
}

/** What has come, unless the network broke, or took too long, before all of it was there. */
async function whole<T>(coming: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await coming;
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refusal("Nightjar does not answer.");
  }
}

async function refusalOf(response: Response): Promise<Refusal> {
  try {
    const { detail, title, field } = await response.json();
    return new Refusal(sentence(detail || title), response.status, field ?? null);
  } catch {
    return new Refusal(`Nightjar answered with status ${response.status}.`, response.status);
  }
}

/** Make a sentence of it: a capital in front, a full stop behind. */
export function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(start) ? start : `${start}.`;
}

/** What to say of anything that was thrown. */
export const wordsOf = (problem: unknown) => (problem instanceof Error ? problem.message : String(problem));
