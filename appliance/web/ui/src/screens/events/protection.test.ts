import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type * as Protected from "../../state/protected";
import type { Event } from "../../wire";
import type * as FootageProtect from "../footage/protect";
import type * as Acts from "./acts";
import type * as Protection from "./protection";

const told: { text: string; undo?: () => unknown }[] = [];
const announced: string[] = [];
vi.mock("../../parts/toasts", () => ({
  tell: (one: { text: string; undo?: () => unknown }) => {
    told.push(one);
    return () => {};
  },
}));
vi.mock("../../parts/announcer", () => ({ announce: (words: string) => announced.push(words) }));
vi.mock("../../state/session", () => ({ listen: () => () => {}, nameOf: (id: string) => id }));

const FILE_MS = 60_000;
const BEGIN_MS = Date.parse("2026-11-26T12:00:00Z");
const iso = (ms: number) => new Date(ms).toISOString();

/** The box: files of a minute each, which are protected whole. */
class Box {
  readonly guarded = new Set<string>();
  isBroken = false;

  readonly fetch = async (address: string, { method, body }: RequestInit) => {
    if (this.isBroken) throw new TypeError("no network");
    const url = new URL(address, "http://box");
    const cameraId = url.pathname.split("/")[4] ?? "";
    const asked = method === "GET" ? Object.fromEntries(url.searchParams) : JSON.parse(String(body));
    const files = this.#files(Date.parse(asked.from), Date.parse(asked.to));
    if (method === "GET") return Response.json({ items: files.map((at) => this.#item(cameraId, at)) });
    for (const at of files) {
      if (asked.protected) this.guarded.add(`${cameraId} ${at}`);
      else this.guarded.delete(`${cameraId} ${at}`);
    }
    const [from, to] = [iso(files[0] ?? 0), iso((files.at(-1) ?? 0) + FILE_MS)];
    return Response.json({ segments: files.length, from, to });
  };

  #files(fromMs: number, toMs: number): number[] {
    const found: number[] = [];
    for (let at = Math.floor(fromMs / FILE_MS) * FILE_MS; at < toMs; at += FILE_MS) found.push(at);
    return found;
  }

  #item(cameraId: string, at: number) {
    return { state: "recorded", protected: this.guarded.has(`${cameraId} ${at}`) };
  }
}

const event = (id: string, second: number) =>
  ({
    id,
    camera_id: "front",
    label: "person",
    summary: "",
    started_at: iso(BEGIN_MS + second * 1000),
    ended_at: iso(BEGIN_MS + (second + 5) * 1000),
  }) as Event;

let box: Box;
let state: typeof Protected;
let acts: typeof Acts;
let events: typeof Protection;
let footage: typeof FootageProtect;

const settle = () => new Promise((done) => setTimeout(done, 0));
const known = () => [...state.protectedIds.value].join("");

beforeEach(async () => {
  vi.resetModules();
  [told.length, announced.length] = [0, 0];
  box = new Box();
  vi.stubGlobal("fetch", box.fetch);
  state = await import("../../state/protected");
  acts = await import("./acts");
  events = await import("./protection");
  footage = await import("../footage/protect");
});

afterEach(() => vi.unstubAllGlobals());

it("does not take back a protection that another event of the same file has come to rely on", async () => {
  await events.turnProtection(event("a", 10));
  await events.turnProtection(event("b", 30));
  expect(known()).toBe("ab");
  acts.undoLast();
  await settle();
  expect(told.at(-1)?.text).toBe("There is nothing to undo.");
  told[0]?.undo?.();
  await settle();
  expect(told.at(-1)?.text).toBe(state.WANTED_SINCE);
  expect([known(), box.guarded.size, announced]).toEqual(["ab", 1, []]);
});

it("takes it back where only other footage was protected since", async () => {
  await events.turnProtection(event("a", 10));
  await events.turnProtection(event("b", 130));
  acts.undoLast();
  await settle();
  acts.undoLast();
  await settle();
  expect([known(), box.guarded.size, announced.length]).toEqual(["", 0, 2]);
});

it("asks anew about the other events of a camera when one is let go of", async () => {
  await events.turnProtection(event("a", 10));
  await events.turnProtection(event("b", 30));
  await events.turnProtection(event("a", 10));
  expect([known(), box.guarded.size]).toEqual(["", 0]);
  await events.turnProtection(event("b", 30));
  expect([known(), box.guarded.size]).toEqual(["b", 1]);
});

it("knows of what is let go of, and wanted, on the screen of footage", async () => {
  const range = { fromMs: BEGIN_MS + 20_000, toMs: BEGIN_MS + 25_000 };
  const changed = vi.fn();
  await events.turnProtection(event("a", 10));
  await footage.protect(["front"], range, false, changed, true);
  expect([known(), box.guarded.size]).toEqual(["", 0]);

  await events.turnProtection(event("a", 10));
  const first = told.at(-1);
  await footage.protect(["front"], range, true, changed, false);
  first?.undo?.();
  await settle();
  expect([told.at(-1)?.text, box.guarded.size]).toEqual([state.WANTED_SINCE, 1]);
});

it("does not take back on the screen of footage what an event has come to rely on", async () => {
  const range = { fromMs: BEGIN_MS + 20_000, toMs: BEGIN_MS + 25_000 };
  await footage.protect(["front", "yard"], range, true, () => {}, true);
  const first = told.at(-1);
  await events.turnProtection(event("a", 10));
  first?.undo?.();
  await settle();
  expect([told.at(-1)?.text, known(), box.guarded.size]).toEqual([state.WANTED_SINCE, "a", 2]);
});

it("says that something is taken back when it is, and not where that failed", async () => {
  await events.turnProtection(event("a", 10));
  await events.turnProtection(event("b", 130));
  box.isBroken = true;
  acts.undoLast();
  expect(announced).toEqual([]);
  await settle();
  expect(announced).toEqual([]);
  expect(told.at(-1)?.text).toBe("Nightjar does not answer.");
  box.isBroken = false;
  acts.undoLast();
  await settle();
  expect(announced.length).toBe(1);
  expect(announced[0]).toContain("Taken back: Protected");
});
