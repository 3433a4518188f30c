import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Camera } from "../wire";
import { lastPictureOf } from "./last_picture";
import { LivePicture } from "./live_picture";

interface Asked {
  path: string;
  signal: AbortSignal;
  answer: (answer: Response) => void;
}

/** Stands in for the one that plays video. */
class Player {
  static newest: Player | null = null;
  isStarted = false;
  constructor(
    _video: unknown,
    _path: string,
    readonly on: { gone(): void },
  ) {
    Player.newest = this;
  }
  start(): void {
    this.isStarted = true;
  }
  stop(): void {
    this.isStarted = false;
  }
  retry(): void {}
  end(): void {}
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

describe("a camera that is deleted", () => {
  beforeEach(() => {
    vi.resetModules();
    vi.doMock("./live_buffer", () => ({ canPlayLive: true }));
    vi.doMock("./live_player", () => ({ LivePlayer: Player }));
  });
  afterEach(() => {
    vi.doUnmock("./live_buffer");
    vi.doUnmock("./live_player");
  });

  it("is asked for nothing any more, until one of its id is there again", async () => {
    const { LivePicture } = await import("./live_picture");
    const options = { stream: "main" as const, sound: false, onFrame: () => {}, flow: undefined };
    const camera = { id: "c", status: "online", status_reason: "" } as Camera;
    live = new LivePicture(camera, {} as HTMLVideoElement, options);
    live.setSeen(true);
    await settle();
    const before = asked.length;
    Player.newest?.on.gone();
    live.setSeen(false);
    live.setSeen(true);
    live.retry();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(before);
    expect(Player.newest?.isStarted).toBe(false);
    expect(live.staleReason.value).toBe("The camera is deleted");
    live.update({ ...camera, status: "connecting" });
    live.update(camera);
    expect(Player.newest?.isStarted).toBe(true);
  });
});
