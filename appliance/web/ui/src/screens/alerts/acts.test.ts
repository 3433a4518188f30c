import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Alert } from "../../wire";
import type * as Acts from "./acts";

const told: { text: string; undo?: () => unknown }[] = [];
vi.mock("../../parts/toasts", () => ({
  tell: (one: { text: string; undo?: () => unknown }) => {
    told.push(one);
    return () => {};
  },
}));
vi.mock("../../parts/announcer", () => ({ announce: () => {} }));
vi.mock("../../state/session", () => ({ putAlert: () => {} }));

const WAIT_MS = 8000;
const alert = (second: number) =>
  ({ id: `a${second}`, state: "open", created_at: `2026-11-26T12:00:0${second}.000Z` }) as Alert;
const take = () => {};

let asked: string[];
let isBroken: boolean;
let acts: typeof Acts;
const undoOf = (nth: number) => told[nth]?.undo?.();
const shown = () => [1, 2, 3].filter((second) => !acts.isHidden(alert(second)));

beforeEach(async () => {
  vi.useFakeTimers();
  vi.resetModules();
  told.length = 0;
  asked = [];
  isBroken = false;
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("fetch", async (address: string, { body }: RequestInit) => {
    if (isBroken) throw new TypeError("no network");
    const until = body === undefined ? "" : ` ${JSON.parse(String(body)).until.slice(17, 19)}`;
    asked.push(address.replace("/api/v1/alerts/", "") + until);
    return Response.json({ count: 2 });
  });
  acts = await import("./acts");
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("has all that was put away put away before all is once more, and takes back only that", async () => {
  acts.dismissAll(alert(1));
  expect(shown()).toEqual([2, 3]);
  await vi.advanceTimersByTimeAsync(3000);
  acts.dismissAll(alert(2));
  await vi.advanceTimersByTimeAsync(0);
  expect([asked, shown()]).toEqual([["dismiss 01"], [3]]);
  undoOf(0);
  expect(told.at(-1)?.text).toBe("It is too late: that is done.");
  expect(shown()).toEqual([3]);
  undoOf(1);
  expect(shown()).toEqual([2, 3]);
  await vi.advanceTimersByTimeAsync(WAIT_MS);
  expect(asked).toEqual(["dismiss 01"]);
});

it("does not have back by itself what all that follows concerns as well", async () => {
  acts.dismiss(alert(1), take);
  acts.dismissAll(alert(2));
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual(["a1/dismiss"]);
  await vi.advanceTimersByTimeAsync(WAIT_MS);
  expect(asked).toEqual(["a1/dismiss", "dismiss 02"]);
});

it("acknowledges all only after what was put away is", async () => {
  acts.dismissAll(alert(1));
  await acts.acknowledgeAll(alert(2));
  expect(asked).toEqual(["dismiss 01", "acknowledge 02"]);
});

it("acknowledges nothing where that failed, and shows it again", async () => {
  acts.dismissAll(alert(1));
  isBroken = true;
  await acts.acknowledgeAll(alert(2));
  expect(told.at(-1)?.text).toBe("Not dismissed: Nightjar does not answer.");
  expect([asked, shown()]).toEqual([[], [1, 2, 3]]);
});
