import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Camera } from "../wire";
import { lastPictureOf } from "./last_picture";
import { LivePicture } from "./live_picture";

interface Asked {
  path: string;
  signal: AbortSignal;
  answer: (answer: Response) => void;
}

// This browser plays no video: single pictures have to do.
let asked: Asked[];
let live: LivePicture;

/** Let what is on its way happen. */
const settle = () => vi.advanceTimersByTimeAsync(10);
const taken = () => new Response("picture", { headers: { "Nightjar-Taken-At": new Date().toISOString() } });

function watch(id: string, status: Camera["status"]): void {
  const options = { stream: "main" as const, sound: false, onFrame: () => {}, flow: undefined };
  live = new LivePicture({ id, status, status_reason: "" } as Camera, {} as HTMLVideoElement, options);
  live.setSeen(true);
}

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("fetch", (path: string, { signal }: { signal: AbortSignal }) => {
    return new Promise<Response>((answer, fail) => {
      asked.push({ path, signal, answer });
      signal.addEventListener("abort", () => fail(signal.reason));
    });
  });
});
afterEach(() => {
  live.end();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("once the box answers again", () => {
  it("a picture that was asked for before is asked for anew, and goes on from there", async () => {
    watch("a", "online");
    await settle();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(1);
    live.retry();
    await settle();
    expect(asked).toHaveLength(2);
    expect(asked[0]?.signal.aborted).toBe(true);
    expect(live.staleReason.value).toBeNull();
    asked[1]?.answer(taken());
    await settle();
    expect(lastPictureOf("a").value).not.toBeNull();
    await vi.advanceTimersByTimeAsync(250);
    expect(asked).toHaveLength(3);
  });

  it("the last picture of a camera that is down is looked for again", async () => {
    watch("b", "offline");
    await settle();
    live.retry();
    await settle();
    expect(asked.map(({ path }) => path.includes("/cameras/b/footage"))).toEqual([true, true]);
  });
});
