import { expect, it } from "vitest";
import { noteProtected, noteReleased, protectedIds } from "./protected";

const span = (cameraId: string, fromMs: number, toMs: number) => ({ cameraId, fromMs, toMs });

it("does not go on saying of a neighbour that it is protected when its file is let go of", () => {
  noteProtected(span("front", 0, 60), "a");
  noteProtected(span("front", 20, 30), "b");
  noteProtected(span("yard", 20, 30), "c");
  expect([...protectedIds.value]).toEqual(["a", "b", "c"]);
  noteReleased("front");
  expect([...protectedIds.value]).toEqual(["c"]);
});

it("can be taken back only while nobody has wanted any of the same footage since", () => {
  const isUnwanted = noteProtected(span("hall", 0, 60));
  noteProtected(span("hall", 61, 120));
  noteProtected(span("door", 0, 60));
  expect(isUnwanted()).toBe(true);
  noteProtected(span("hall", 60, 70));
  expect(isUnwanted()).toBe(false);
});
