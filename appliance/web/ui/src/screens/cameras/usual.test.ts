import { describe, expect, it } from "vitest";
import { inWords, STEPS, stepOf, usualHours } from "./usual";

const at = (...hours: number[]) => Array.from({ length: 24 }, (_, hour) => (hours.includes(hour) ? 0.9 : 0));

describe("what is usual", () => {
  it("is told in five steps", () => {
    const words = [0, 0.05, 0.3, 0.6, 1].map((share) => STEPS[stepOf(share)]);
    expect(words).toEqual(["never", "rarely", "sometimes", "often", "usually"]);
  });

  it("is told in hours that follow each other", () => {
    expect(usualHours(at(7, 8, 17))).toBe("07:00 to 09:00 and 17:00 to 18:00");
    expect(usualHours(at(23))).toBe("23:00 to 00:00");
    expect(usualHours(at())).toBe("");
  });

  it("says where there is no usual hour", () => {
    expect(inWords("Person", "weekends", at())).toBe("Person on weekends: at no usual hour");
    expect(inWords("Person", "workdays", at(10))).toBe("Person on workdays: usual from 10:00 to 11:00");
  });
});
