import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, get, noteLogin, patch, picture, post, remove, whenLoggedOut } from "./api";

afterEach(() => vi.unstubAllGlobals());

function broken(): Response {
  const body = new ReadableStream({
    pull: (controller) => controller.error(new TypeError("network error")),
  });
  return new Response(body);
}

it.each([
  ["before there is an answer", async () => Promise.reject(new TypeError("Failed to fetch"))],
  ["within the answer", async () => broken()],
])("says that nobody answers where the network breaks %s", async (_, fetch) => {
  vi.stubGlobal("fetch", fetch);
  await expect(get("/system")).rejects.toMatchObject({ message: "Nightjar does not answer.", status: 0 });
  await expect(picture("/frame.jpg")).rejects.toMatchObject({ status: 0 });
});

it("is told by what was asked since the last login that nobody is logged in any more", async () => {
  const told = vi.fn();
  whenLoggedOut(told);
  const answers: ((response: Response) => void)[] = [];
  vi.stubGlobal("fetch", () => new Promise((answer) => answers.push(answer)));
  const needed = () => Response.json({ detail: "log in first" }, { status: 401 });
  const before = get("/cameras").catch(() => null);
  noteLogin();
  const after = get("/cameras").catch(() => null);
  answers[0]?.(needed());
  await before;
  expect(told).not.toHaveBeenCalled();
  answers[1]?.(needed());
  await after;
  expect(told).toHaveBeenCalledOnce();
});

it("says a refusal in the box's own words, as a sentence", async () => {
  const answer = { detail: "name: expected 1 to 80 letters", field: "name" };
  vi.stubGlobal("fetch", async () => Response.json(answer, { status: 422 }));
  await expect(get("/cameras")).rejects.toMatchObject({
    message: "Name: expected 1 to 80 letters.",
    status: 422,
    field: "name",
  });
});

it("lets what is to be done outlive the page, and nothing that can be given up", async () => {
  const kept: unknown[] = [];
  vi.stubGlobal("fetch", async (_: string, { keepalive }: RequestInit) => {
    kept.push(keepalive);
    return Response.json({});
  });
  await Promise.all([post("/a"), patch("/a", {}), remove("/a")]);
  const { signal } = new AbortController();
  await Promise.all([get("/a"), get("/a", signal), ask("POST", "/cameras/find", {}, signal)]);
  expect(kept).toEqual([true, true, true, false, false, false]);
});

/** A network that is gone and does not say so: a request ends only when it is given up. */
function silent(): AbortSignal[] {
  const asked: AbortSignal[] = [];
  vi.stubGlobal("fetch", (_: string, { signal }: { signal: AbortSignal }) => {
    asked.push(signal);
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((_, fail) => signal.addEventListener("abort", () => fail(signal.reason)));
  });
  return asked;
}

describe("where nothing is heard any more", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("says after a while that nobody answers", async () => {
    silent();
    const asked = expect(get("/events", new AbortController().signal)).rejects.toMatchObject({
      message: "Nightjar does not answer.",
      status: 0,
    });
    await vi.advanceTimersByTimeAsync(20_000);
    await asked;
    expect(vi.getTimerCount()).toBe(0);
  });

  it("leaves what is to be done its time", async () => {
    const asked = silent();
    void post("/cameras/find");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked.map(({ aborted }) => aborted)).toEqual([false]);
  });

  it("ends at once, and as that, when it is not wanted any more", async () => {
    silent();
    const stop = new AbortController();
    const asked = expect(get("/events", stop.signal)).rejects.toMatchObject({ name: "AbortError" });
    stop.abort();
    await asked;
    expect(vi.getTimerCount()).toBe(0);
    await expect(get("/events", stop.signal)).rejects.toMatchObject({ name: "AbortError" });
  });
});
