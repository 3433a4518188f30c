import { describe, expect, it } from "vitest";
import type { Backup } from "../../wire";
import { backupWords } from "./backup_words";

const MADE: Backup = {
  wanted: true,
  at: "2026-11-27T02:30:00.000Z",
  file: "/backups/box.tar",
  bytes: 1e6,
  verified: true,
  verified_at: "2026-11-27T02:31:00.000Z",
  trouble: "",
};

describe("the last backup in words", () => {
  it("that could be restored is well", () => {
    expect(backupWords(MADE)).toMatchObject({ tone: "good", pill: "Can be restored" });
  });

  it("that was not tried says how", () => {
    const words = backupWords({ ...MADE, verified: null, verified_at: null });
    expect(words.tone).toBe("idle");
    expect(words.text).toContain("--verify");
  });

  it("that cannot be relied on says why", () => {
    const words = backupWords({ ...MADE, verified: false, trouble: "it is damaged" });
    expect(words).toMatchObject({ tone: "warn", text: "it is damaged" });
  });

  it("is no alarm where none was ever wanted", () => {
    const words = backupWords({ ...MADE, wanted: false, at: null, file: null, bytes: null, verified: null });
    expect(words.tone).toBe("idle");
    expect(words.text).toContain("nightjar backup FILE");
  });
});
