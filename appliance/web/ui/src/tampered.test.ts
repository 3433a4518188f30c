import { expect, test } from "vitest";
import { labelsInWords } from "./screens/alerts/rule_words";
import { eventOf } from "./screens/events/sample";
import { course, pictureless } from "./words";

test("a camera that is tampered with has no picture to wait for", () => {
  const tampered = eventOf({ kind: "tampering", label: "tampering", state: "open" });
  expect(pictureless(tampered)).toBe("Tampered with");
  expect(course(tampered)).toBe("still so");
  expect(course({ ...tampered, kind: "object" })).toBe("still there");
});

test("a rule says in words that it is of a camera and not of an object", () => {
  expect(labelsInWords(["person", "tampering"])).toBe(
    "a person or a camera that is covered, moved or out of focus",
  );
});
