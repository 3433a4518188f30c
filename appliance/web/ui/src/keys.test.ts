import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Binding } from "./keys";

vi.mock("preact/hooks", () => ({
  useRef: (current: unknown) => ({ current }),
  useLayoutEffect: (work: () => void) => work(),
}));
vi.mock("./parts/dialog", () => ({ Dialog: () => null }));

let page: EventTarget;
let useKeys: (title: string, bindings: readonly Binding[]) => void;

beforeEach(async () => {
  vi.resetModules();
  page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("Element", class {});
  vi.stubGlobal("document", { querySelector: () => null });
  ({ useKeys } = await import("./keys"));
});

afterEach(() => vi.unstubAllGlobals());

function press(key: string, repeat = false): Event {
  const event = Object.assign(new Event("keydown", { cancelable: true }), { key, repeat });
  page.dispatchEvent(event);
  return event;
}

it("does once what a held key means, and again only what may be", () => {
  const done: string[] = [];
  useKeys("Test", [
    { keys: "Delete", does: "Delete it", act: () => done.push("delete") },
    { keys: "j", does: "Next", act: () => done.push("next"), mayRepeat: true },
  ]);
  press("Delete");
  for (let n = 0; n < 30; n += 1) press("Delete", true);
  expect(done).toEqual(["delete"]);
  press("j");
  press("j", true);
  expect(done).toEqual(["delete", "next", "next"]);
  press("Delete");
  expect(done.length).toBe(4);
});

it("keeps what the browser does with a held key from it all the same", () => {
  useKeys("Test", [{ keys: " ", does: "Play or pause", act: () => {} }]);
  expect(press(" ", true).defaultPrevented).toBe(true);
});
