import { describe, expect, it } from "vitest";
import { actionInWords, browserInWords, sightInWords } from "./words";

const NAMES: Record<string, string> = { front: "Front door", yard: "Yard" };
const nameOf = (id: string) => NAMES[id] ?? id;

describe("which cameras are seen", () => {
  it("is said by their names, and by a number where they are many", () => {
    expect(sightInWords(null, nameOf)).toBe("all cameras");
    expect(sightInWords([], nameOf)).toBe("no camera");
    expect(sightInWords(["front", "yard"], nameOf)).toBe("Front door, Yard");
    expect(sightInWords(["a", "b", "c", "d"], nameOf)).toBe("4 cameras");
  });
  it("names a camera that is gone by its id", () => {
    expect(sightInWords(["old"], nameOf)).toBe("old");
  });
});

describe("a browser", () => {
  it("is named as people know it", () => {
    const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36";
    const phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1";
    expect(browserInWords(chrome)).toBe("Chrome on Linux");
    expect(browserInWords(phone)).toBe("Safari on iOS");
    expect(browserInWords("Mozilla/5.0 (Android 15; Mobile) Gecko/140.0 Firefox/140.0")).toBe(
      "Firefox on Android",
    );
  });
  it("stays what it says of itself where it is none of them", () => {
    expect(browserInWords("curl/8.14.1")).toBe("curl/8.14.1");
    expect(browserInWords("")).toBe("a program");
  });
});

describe("what was done", () => {
  it("is a sentence where there is one, else the word itself", () => {
    expect(actionInWords({ what: "login" })).toBe("Logged in");
    expect(actionInWords({ what: "something.new" })).toBe("something.new");
  });
});
