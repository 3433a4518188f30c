import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type * as Session from "./session";

/** The other end of a page: answers of the API, and one socket after the other. */
class Box {
  epoch = "a";
  cursor = 10;
  cameras: { id: string; name: string }[] = [];
  held: (() => void)[] | null = null;

  readonly fetch = async (address: string) => {
    const path = address.replace("/api/v1/", "").split("?")[0] ?? "";
    const headers = new Headers({ "Nightjar-Cursor": String(this.cursor) });
    const answer = Response.json(this.#answer(path), { headers });
    if (this.held !== null) await new Promise<void>((done) => this.held?.push(done));
    return answer;
  };

  #answer(path: string): object {
    if (path === "system")
      return { version: { epoch: this.epoch }, health: { level: "ok" }, detector: null, gpus: [] };
    if (path === "cameras/stats") return { cameras: [] };
    return { items: path === "cameras" ? [...this.cameras] : [], next: null };
  }
}

class Socket extends EventTarget {
  static readonly OPEN = 1;
  static all: Socket[] = [];
  readyState = 1;
  sent: Record<string, unknown>[] = [];

  constructor() {
    super();
    Socket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  say(said: object): void {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(said) }));
  }

  close(): void {
    this.readyState = 3;
    this.dispatchEvent(new Event("close"));
  }
}

const socket = () => Socket.all.at(-1) as Socket;
const camera = (id: string, name = id) => ({ id, name });
const updated = (cursor: number, id: string, name: string) => ({
  type: "camera_updated",
  cursor,
  data: camera(id, name),
});
const settle = async () => {
  for (let n = 0; n < 30; n += 1) await Promise.resolve();
};

let page: EventTarget;
let document: EventTarget & { hidden: boolean };
let box: Box;
let session: typeof Session;
const names = () => [...session.cameras.value.values()].map(({ name }) => name);

beforeEach(async () => {
  vi.useFakeTimers();
  vi.resetModules();
  Socket.all = [];
  box = new Box();
  page = new EventTarget();
  document = Object.assign(new EventTarget(), { hidden: false });
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("document", document);
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("location", { protocol: "http:", host: "box" });
  vi.stubGlobal("WebSocket", Socket);
  vi.stubGlobal("fetch", box.fetch);
  session = await import("./session");
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function connected(): Promise<void> {
  box.cameras = [camera("a", "Front")];
  await session.start();
  socket().say({ type: "hello", epoch: "a", cursor: 12 });
  socket().say({ type: "subscribed", cursor: 10 });
}

describe("the page", () => {
  it("goes on from what it has fetched, and after a cut from what it has heard", async () => {
    await connected();
    expect(socket().sent[0]).toMatchObject({ epoch: "a", after: 10 });
    socket().say(updated(11, "a", "Garden"));
    socket().say({ type: "position", cursor: 15 });
    socket().close();
    expect(session.connection.value.word).toBe("lost");
    vi.advanceTimersByTime(1000);
    expect(Socket.all.length).toBe(2);
    socket().say({ type: "hello", epoch: "a", cursor: 40 });
    expect(socket().sent[0]).toMatchObject({ epoch: "a", after: 15 });
    expect(names()).toEqual(["Garden"]);
  });

  it("has missed nothing where the connection breaks before what it missed has come", async () => {
    await connected();
    socket().close();
    vi.advanceTimersByTime(1000);
    socket().say({ type: "hello", epoch: "a", cursor: 900 });
    // The log does not reach back to 10; the reset that says so does not get through.
    socket().say({ type: "subscribed", cursor: 900 });
    socket().close();
    vi.advanceTimersByTime(2000);
    socket().say({ type: "hello", epoch: "a", cursor: 900 });
    expect(socket().sent[0]).toMatchObject({ after: 10 });
  });

  it("takes what comes while it fetches anew, whatever order it comes in", async () => {
    await connected();
    const resets = vi.fn();
    session.listen({ reset: resets });
    [box.epoch, box.cursor, box.held] = ["b", 3, []];
    box.cameras = [camera("a", "Front"), camera("b", "Hall")];
    socket().say({ type: "reset", reason: "new_epoch", cursor: 3 });
    await settle();
    // The answers are on their way; this is not contained in them, and its cursor is smaller than the old ones.
    socket().say(updated(4, "b", "Kitchen"));
    for (const done of box.held ?? []) done();
    await vi.advanceTimersByTimeAsync(0);
    expect(names()).toEqual(["Front", "Kitchen"]);
    expect(resets).toHaveBeenCalledTimes(1);
    socket().say(updated(5, "a", "Door"));
    expect(names()).toEqual(["Door", "Kitchen"]);
  });

  it("has one connection, whatever the network says before there is anything to go on from", async () => {
    vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("no network")));
    await session.start();
    expect(session.connection.value.word).toBe("lost");
    page.dispatchEvent(new Event("online"));
    expect(Socket.all.length).toBe(0);
    vi.stubGlobal("fetch", box.fetch);
    await vi.advanceTimersByTimeAsync(2000);
    expect(Socket.all.length).toBe(1);
  });

  it("asks at once whether the box is still there when somebody comes back to it", async () => {
    await connected();
    vi.advanceTimersByTime(100);
    document.dispatchEvent(new Event("visibilitychange"));
    expect(socket().sent.at(-1)).toEqual({ type: "ping" });
    vi.advanceTimersByTime(5000);
    expect(session.connection.value.word).toBe("lost");
    document.dispatchEvent(new Event("visibilitychange"));
    expect(session.connection.value.word).toBe("connecting");
  });
});
