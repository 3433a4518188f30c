import { describe, expect, it } from "vitest";
import type { Message } from "../../messages";
import type { Alert } from "../../wire";
import { applied, filterOf, joined, matches, put } from "./list";

const alert = (id: string, second: number, changes: Partial<Alert> = {}) =>
  ({
    id,
    event_id: `event-${id}`,
    camera_id: "front",
    severity: "medium",
    state: "open",
    created_at: `2026-11-26T12:00:${String(second).padStart(2, "0")}.000Z`,
    ...changes,
  }) as Alert;

const OPEN = filterOf({});
const items = [alert("c", 30), alert("b", 20), alert("a", 10)];
const ids = (some: readonly Alert[]) => some.map(({ id }) => id).join("");

describe("the list of alerts", () => {
  it("takes its filter from the address, and open ones where that makes no sense", () => {
    expect(filterOf({ state: "all", camera: "yard", severity: "high" })).toEqual({
      state: "all",
      camera: "yard",
      severity: "high",
    });
    expect(filterOf({ state: "lost", severity: "huge" })).toEqual(OPEN);
  });

  it("wants a severity or a higher one", () => {
    const wanted = filterOf({ severity: "high" });
    expect(matches(alert("a", 1, { severity: "critical" }), wanted)).toBe(true);
    expect(matches(alert("a", 1, { severity: "medium" }), wanted)).toBe(false);
  });

  it("has what is new at its top, and each alert once", () => {
    const fresh = alert("d", 40);
    const said = { type: "alert_created", data: fresh } as Message;
    const once = applied(items, said, OPEN, true);
    expect(ids(once)).toBe("dcba");
    expect(ids(applied(once, said, OPEN, true))).toBe("dcba");
  });

  it("lets go of what is open no more, and of what has lost its event", () => {
    const seen = { type: "alert_acknowledged", data: { ...items[1], state: "acknowledged" } } as Message;
    expect(ids(applied(items, seen, OPEN, true))).toBe("ca");
    expect(ids(applied(items, seen, filterOf({ state: "all" }), true))).toBe("cba");
    const gone = { type: "event_deleted", data: { id: "event-c" } } as Message;
    expect(ids(applied(items, gone, OPEN, true))).toBe("ba");
  });

  it("leaves what lies further down to its page", () => {
    const old = alert("z", 5);
    expect(ids(put(items, old, OPEN, false))).toBe("cba");
    expect(ids(put(items, old, OPEN, true))).toBe("cbaz");
    expect(ids(joined(items, [alert("a", 10), old]))).toBe("cbaz");
  });
});
