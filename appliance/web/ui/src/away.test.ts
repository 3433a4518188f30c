import { expect, test } from "vitest";
import { eventOf } from "./screens/events/sample";
import { course, pictureless } from "./words";

test("a camera that is not reached has no picture to wait for", () => {
  const away = eventOf({ kind: "offline", label: "offline", state: "open" });
  expect(pictureless(away)).toBe("Not reached");
  expect(pictureless({ ...away, kind: "object" })).toBe("No picture yet");
  expect(course(away)).toBe("still not reached");
});
