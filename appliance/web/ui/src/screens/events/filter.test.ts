import { describe, expect, it } from "vitest";
import { ALL, addressOf, countOf, filterOf, matches, SHORTCUTS, wordsOfFilter } from "./filter";
import { eventOf } from "./sample";

const NOW_MS = new Date(2026, 10, 26, 15, 4).getTime();

describe("the filter in the address", () => {
  it("is read and written", () => {
    const url =
      "/events?camera=front&camera=yard&label=person&zone=drive&severity=high&reviewed=false&from=2026-11-26T00%3A00%3A00.000Z";
    const filter = filterOf(url);
    expect(filter).toEqual({
      camera: ["front", "yard"],
      label: ["person"],
      zone: ["drive"],
      severity: "high",
      reviewed: false,
      from: "2026-11-26T00:00:00.000Z",
      to: null,
    });
    expect(filterOf(addressOf("/events", filter))).toEqual(filter);
    expect(addressOf("/events", ALL)).toBe("/events");
  });

  it.each(["severity=huge", "reviewed=perhaps", "from=then", "camera=", "toString=1", "severity=toString"])(
    "does not count what cannot be understood: %s",
    (query) => {
      expect(filterOf(`/events?${query}`)).toEqual(ALL);
    },
  );

  it("names a camera once", () => {
    expect(filterOf("/events?camera=a&camera=a").camera).toEqual(["a"]);
  });
});

describe("an event and a filter", () => {
  const event = eventOf({
    started_at: "2026-11-26T12:00:00.000Z",
    severity: "high",
    label: "car",
    zones: ["drive"],
  });

  it.each([
    [{}, true],
    [{ camera: ["front"] }, true],
    [{ camera: ["yard"] }, false],
    [{ camera: ["yard", "front"] }, true],
    [{ label: ["car"] }, true],
    [{ label: ["person"] }, false],
    [{ zone: ["drive"] }, true],
    [{ zone: ["lawn", "drive"] }, true],
    [{ zone: ["lawn"] }, false],
    [{ severity: "medium" as const }, true],
    [{ severity: "high" as const }, true],
    [{ severity: "critical" as const }, false],
    [{ reviewed: false }, true],
    [{ reviewed: true }, false],
    [{ from: "2026-11-26T12:00:00.000Z" }, true],
    [{ from: "2026-11-26T12:00:00.001Z" }, false],
    [{ to: "2026-11-26T12:00:00.000Z" }, false],
    [{ to: "2026-11-26T12:00:00.001Z" }, true],
  ])("%j lets it pass: %s", (part, passes) => {
    expect(matches({ ...ALL, ...part }, event)).toBe(passes);
  });
});

describe("a filter in words", () => {
  it("says each part", () => {
    const filter = {
      ...ALL,
      camera: ["front", "yard"],
      zone: ["drive"],
      severity: "high" as const,
      reviewed: false,
    };
    expect(
      wordsOfFilter(
        filter,
        (id) => id.toUpperCase(),
        () => "Drive",
      ),
    ).toEqual(["FRONT or YARD", "in Drive", "high severity and up", "not reviewed"]);
    expect(countOf(filter)).toBe(4);
    expect(countOf(ALL)).toBe(0);
  });

  it("knows the days by the browser's clock", () => {
    const [today, yesterday, week] = SHORTCUTS.map(({ range }) => range(NOW_MS));
    expect(today).toEqual({ from: new Date(2026, 10, 26).toISOString(), to: null });
    expect(yesterday).toEqual({
      from: new Date(2026, 10, 25).toISOString(),
      to: new Date(2026, 10, 26).toISOString(),
    });
    expect(week?.from).toBe(new Date(2026, 10, 20).toISOString());
  });
});
