import { describe, expect, it } from "vitest";
import type { Event } from "../../wire";
import { EventStore } from "./event_store";
import { ALL } from "./filter";
import { eventOf, second } from "./sample";

const at = (n: number, values: Partial<Event> = {}) =>
  eventOf({ id: `e${n}`, started_at: second(n), ...values });
const ids = (store: EventStore) => store.entries.map(({ event }) => event.id);

function storeOf(events: Event[], isLast = true, filter = ALL): EventStore {
  const store = new EventStore(filter);
  store.addPage(events, 10, isLast);
  return store;
}

describe("the events that are shown", () => {
  it("are in the order of their begin, and ids break ties", () => {
    const store = storeOf([at(2), at(1)]);
    store.put(at(3), 11);
    store.put(eventOf({ id: "e1b", started_at: second(1) }), 12);
    expect(ids(store)).toEqual(["e3", "e2", "e1b", "e1"]);
  });

  it("are never replaced by what is older than what is known", () => {
    const store = storeOf([at(1)]);
    expect(store.put(at(1, { note: "new" }), 20)).toBe(true);
    expect(store.put(at(1, { note: "old" }), 15)).toBe(false);
    expect(store.get("e1")?.note).toBe("new");
  });

  it("leave and come in as the filter has it", () => {
    const store = storeOf([at(2), at(1)], true, { ...ALL, reviewed: false });
    store.put(at(2, { reviewed: true }), 11);
    expect(ids(store)).toEqual(["e1"]);
    store.put(at(2, { reviewed: false }), 12);
    expect(ids(store)).toEqual(["e2", "e1"]);
    expect(store.put(at(3, { reviewed: true }), 13)).toBe(false);
  });

  it("do not come in beyond the last page: theirs will bring them", () => {
    const store = storeOf([at(9), at(8)], false);
    expect(store.put(at(3), 11)).toBe(false);
    store.addPage([at(3), at(2)], 12, true);
    expect(ids(store)).toEqual(["e9", "e8", "e3", "e2"]);
    expect(store.put(at(1), 13)).toBe(true);
  });

  it("come in at the top though all that was fetched has gone meanwhile", () => {
    const store = storeOf([at(9), at(8)], false);
    store.remove("e9");
    store.remove("e8");
    expect(store.put(at(10), 11)).toBe(true);
    expect(store.put(at(7), 12)).toBe(false);
  });

  it("are right though messages overtake the page that was asked for", () => {
    const store = storeOf([at(9)], false);
    store.expectPage();
    store.put(at(3, { note: "newer" }), 21);
    store.remove("e2");
    store.addPage([at(3), at(2), at(1)], 20, true);
    expect(ids(store)).toEqual(["e9", "e3", "e1"]);
    expect(store.get("e3")?.note).toBe("newer");
  });

  it("move when their begin changes", () => {
    const store = storeOf([at(2), at(1)]);
    store.put(at(1, { started_at: second(5) }), 11);
    expect(ids(store)).toEqual(["e1", "e2"]);
  });

  it("can be a hundred thousand", () => {
    const store = new EventStore(ALL);
    for (let page = 0; page < 200; page += 1) {
      const events = Array.from({ length: 500 }, (_, i) => at(100_000 - page * 500 - i));
      store.addPage(events, 10, page === 199);
    }
    const before = performance.now();
    for (let n = 0; n < 100; n += 1) store.put(at(100_001 + n), 11);
    expect(store.entries.length).toBe(100_100);
    expect(store.entries[0]?.event.id).toBe("e100100");
    expect(performance.now() - before).toBeLessThan(500);
  });
});
