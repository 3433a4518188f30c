import { describe, expect, it } from "vitest";
import { cooldownInWords, FRESH, inWords, nameFor } from "./rule_words";

const nameOf = (id: string) => ({ front: "Front door", yard: "Yard" })[id] ?? id;

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

  it("says when it can never be satisfied", () => {
    expect(inWords({ ...FRESH, labels: [] }, nameOf)).toMatch(/^Never/);
    expect(inWords({ ...FRESH, cameras: [] }, nameOf)).toMatch(/^Never/);
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
    expect(nameFor({ labels: ["person", "dog"], cameras: ["yard"] }, nameOf)).toBe("Person and dog at Yard");
    expect(nameFor({ labels: null, cameras: null }, nameOf)).toBe("Anything");
  });
});
