import { describe, expect, it } from "vitest";
import { cooldownInWords, FRESH, inWords, nameFor } from "./rule_words";

const nameOf = {
  camera: (id: string) => ({ front: "Front door", yard: "Yard" })[id] ?? id,
  zone: (id: string) => ({ "zone-1": "Drive", "zone-2": "Lawn" })[id] ?? id,
  line: (id: string) => ({ "line-1": "Gate" })[id] ?? id,
};

describe("a rule in words", () => {
  it("says what, where, how severe and how often", () => {
    const rule = { ...FRESH, labels: ["person", "car"], cameras: ["front", "yard"] };
    expect(inWords(rule, nameOf)).toBe(
      "Tells you when a person or a car of at least medium severity is seen at Front door or Yard, " +
        "at most once in 5 minutes. What happens in one go counts once, however many come.",
    );
  });

  it("leaves out what limits nothing", () => {
    const rule = {
      ...FRESH,
      labels: null,
      min_severity: "low",
      cooldown_s: 0,
      deduplication: "visit",
    } as const;
    expect(inWords(rule, nameOf)).toBe(
      "Tells you when anything is seen at any camera. Each visit counts by itself.",
    );
    expect(inWords({ ...rule, min_severity: "critical" }, nameOf)).toContain("anything of critical severity");
  });

  it("says where, how long, while who is at home, and when", () => {
    const rule = {
      ...FRESH,
      min_severity: "low",
      cooldown_s: 0,
      zones: ["zone-1", "zone-2"],
      min_dwell_s: 10,
      armed: ["away" as const],
    } as const;
    const told = (more: object) =>
      inWords({ ...rule, zones: [...rule.zones], armed: [...rule.armed], ...more }, nameOf);
    expect(told({})).toMatch(
      /^Tells you when a person is in Drive or Lawn for 10.s at any camera, while nobody is at home\. /,
    );
    expect(told({ lines: ["line-1"], min_dwell_s: 0, armed: null })).toMatch(
      /^Tells you when a person is in Drive or Lawn and crosses Gate at any camera\. /,
    );
    expect(told({ zones: null, lines: ["line-1"], min_dwell_s: 0, cameras: ["yard"] })).toMatch(
      /^Tells you when a person crosses Gate at Yard, while nobody is at home\. /,
    );
    expect(told({ zones: null, min_dwell_s: 60, armed: ["away", "night"] })).toMatch(
      /^Tells you when a person is seen for 1.min at any camera, while nobody is at home or everybody is in bed\. /,
    );
    const hours = [{ days: ["sat", "sun"], from: "22:00", to: "06:00" }];
    expect(told({ armed: null, hours })).toMatch(
      /at any camera, Saturday and Sunday from 22:00 to 06:00 on the next day\. /,
    );
  });

  it("says when it can never be satisfied", () => {
    expect(inWords({ ...FRESH, labels: [] }, nameOf)).toMatch(/^Never/);
    expect(inWords({ ...FRESH, cameras: [] }, nameOf)).toMatch(/^Never/);
    expect(inWords({ ...FRESH, zones: [] }, nameOf)).toMatch(/^Never/);
    expect(inWords({ ...FRESH, lines: [] }, nameOf)).toMatch(/^Never/);
    expect(inWords({ ...FRESH, armed: [] }, nameOf)).toMatch(/^Never/);
  });

  it.each([
    [0, "every time"],
    [300, "at most once in 5 minutes"],
    [7200, "at most once in 2 hours"],
    [600, "at most once in 10 minutes"],
    [45, "at most once in 45 seconds"],
  ])("says a cooldown of %i s as %s", (seconds, words) => {
    expect(cooldownInWords(seconds)).toBe(words);
  });

  it("has a name made of what it looks for", () => {
    const of = { labels: ["person", "dog"], cameras: ["yard"], zones: null };
    expect(nameFor(of, nameOf)).toBe("Person and dog at Yard");
    expect(nameFor({ ...of, zones: ["zone-1"] }, nameOf)).toBe("Person and dog in Drive");
    expect(nameFor({ labels: null, cameras: null, zones: null }, nameOf)).toBe("Anything");
  });
});
