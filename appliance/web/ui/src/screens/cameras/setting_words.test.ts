import { describe, expect, it } from "vitest";
import type { SettingChange } from "../../wire";
import { changeInWords } from "./setting_words";

const change = (
  before: SettingChange["before"],
  after: SettingChange["after"],
  undoes: number | null = null,
) => ({
  id: 1,
  at: "2026-11-26T12:00:00.000Z",
  subject: "camera:front",
  before,
  after,
  undoes,
  undone_by: null,
});
const drive = { id: "z1", name: "Drive", points: [] };
const lawn = { id: "z2", name: "Lawn", points: [] };

describe("a change of settings in words", () => {
  it.each([
    [{ zones: [] }, { zones: [drive] }, "Zone Drive was added"],
    [{ zones: [drive, lawn] }, { zones: [lawn] }, "Zone Drive was deleted"],
    [{ zones: [drive] }, { zones: [{ ...drive, points: [[0, 0]] }] }, "Zone Drive changed"],
    [{ zones: [drive, lawn] }, { zones: [lawn, drive] }, "The order of zones changed"],
    [
      { zones: [drive], lines: [] },
      { zones: [], lines: [lawn] },
      "Zone Drive was deleted and line Lawn was added",
    ],
    [{ labels: null }, { labels: ["car"] }, "What counts changed"],
    [{ enabled: true }, { enabled: false }, "It was switched off"],
    [{ name: "A" }, { name: "B" }, "It was called A, now B"],
    [null, { name: "People" }, "It was added"],
    [{ name: "People" }, null, "It was deleted"],
  ])("says what it was: %j, %j", (before, after, words) => {
    expect(changeInWords(change(before, after))).toBe(words);
  });

  it("says that it took another one back", () => {
    expect(changeInWords(change({ labels: null }, { labels: [] }, 7))).toBe(
      "What counts changed, by an undo",
    );
  });
});
