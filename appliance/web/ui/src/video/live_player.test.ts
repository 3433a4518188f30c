import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LivePlayer } from "./live_player";

const shown = vi.hoisted(() => ({ frame: (_wallMs: number) => {} }));
vi.mock("./live_buffer", () => ({
  LiveBuffer: class {
    isOpen = false;
    newestWallMs = null;
    constructor(_video: unknown, on: { frame: (wallMs: number) => void }) {
      shown.frame = on.frame;
    }
    begin = () => true;
    take = () => null;
    close() {}
  },
}));

class Socket extends EventTarget {
  static readonly CONNECTING = 0;
  static all: Socket[] = [];
  readyState = 1;
  constructor() {
    super();
    Socket.all.push(this);
    setTimeout(() => this.dispatchEvent(new Event("open")), 0);
  }
  say(what: object): void {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(what) }));
  }
  close(): void {}
  hangUp(code: number): void {
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

const STREAM = { type: "stream", mime: "video/mp4", base_us: 0 };

let player: LivePlayer;
const behind = vi.fn();
const gone = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  behind.mockClear();
  gone.mockClear();
  Socket.all = [];
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("location", { protocol: "http:", host: "box" });
  vi.stubGlobal("WebSocket", Socket);
  const on = { state() {}, arrived() {}, frame() {}, closing() {}, behind, gone };
  player = new LivePlayer(new EventTarget() as HTMLVideoElement, "/cameras/a/live", on);
  player.start();
  vi.advanceTimersByTime(1);
});
afterEach(() => {
  player.end();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("that the connection is too slow", () => {
  it("is said once of a beginning, however long that takes", () => {
    vi.advanceTimersByTime(5000);
    expect(behind).toHaveBeenCalledTimes(0);
    vi.advanceTimersByTime(9000);
    Socket.all[0]?.say(STREAM);
    vi.advanceTimersByTime(14_000);
    expect(Socket.all).toHaveLength(1);
    expect(behind).toHaveBeenCalledTimes(1);
  });

  it("is said again of the next attempt", () => {
    vi.advanceTimersByTime(16_000);
    expect(Socket.all).toHaveLength(2);
    vi.advanceTimersByTime(9000);
    expect(behind).toHaveBeenCalledTimes(2);
  });

  it("is said of a video that stands still, also where it began slowly", () => {
    vi.advanceTimersByTime(7000);
    shown.frame(0);
    vi.advanceTimersByTime(4600);
    expect(behind).toHaveBeenCalledTimes(2);
  });
});

describe("a connection that the box has closed", () => {
  it("is made again", () => {
    Socket.all[0]?.hangUp(1001);
    vi.advanceTimersByTime(4000);
    expect(Socket.all).toHaveLength(2);
    expect(gone).not.toHaveBeenCalled();
  });

  it("is not made again where the camera is deleted", () => {
    Socket.all[0]?.hangUp(4404);
    vi.advanceTimersByTime(4000);
    expect(Socket.all).toHaveLength(1);
    expect(gone).toHaveBeenCalledOnce();
  });
});
