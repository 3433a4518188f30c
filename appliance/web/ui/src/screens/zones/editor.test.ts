import { beforeEach, describe, expect, it } from "vitest";
import { Editor } from "./editor";
import { faultOf, firstFault } from "./faults";
import type { Point } from "./geometry";
import { EMPTY, pointsOf } from "./scene";

const CORNERS: Point[] = [
  [0.1, 0.1],
  [0.5, 0.1],
  [0.5, 0.5],
  [0.1, 0.5],
];

let editor: Editor;
beforeEach(() => {
  editor = new Editor(EMPTY);
});

function drawn(kind: "zone" | "line" | "mask" = "zone"): void {
  editor.begin(kind);
  for (const corner of kind === "line" ? CORNERS.slice(0, 2) : CORNERS) editor.place(corner);
  editor.finish();
}

const points = () => {
  const shape = editor.shape.value;
  return shape === null ? null : pointsOf(shape);
};

describe("drawing", () => {
  it("has a shape once all its corners are placed, and chooses it", () => {
    editor.begin("zone");
    editor.place(CORNERS[0] as Point);
    expect(editor.canFinish.value).toBe(false);
    expect(editor.isChanged.value).toBe(false);
    for (const corner of CORNERS.slice(1)) editor.place(corner);
    editor.finish();
    expect(points()).toEqual(CORNERS);
    expect(editor.shape.value?.name).toBe("Zone 1");
    expect(editor.isChanged.value).toBe(true);
  });

  it("has a line with its second end", () => {
    drawn("line");
    expect(editor.scene.value.lines).toMatchObject([{ name: "Line 1", a: [0.1, 0.1], b: [0.5, 0.1] }]);
    editor.turn();
    expect(points()).toEqual([
      [0.5, 0.1],
      [0.1, 0.1],
    ]);
  });

  it("gives each one a name and an id of its own", () => {
    drawn();
    drawn();
    drawn("mask");
    const { zones, masks } = editor.scene.value;
    expect(zones.map(({ name }) => name)).toEqual(["Zone 1", "Zone 2"]);
    expect(new Set(zones.map(({ id }) => id)).size).toBe(2);
    for (const { id } of [...zones, ...masks]) expect(id).toMatch(/^[a-z0-9_-]{1,64}$/);
  });

  it("takes a corner back, or everything", () => {
    editor.begin("mask");
    editor.place([0.2, 0.2]);
    editor.place([0.3, 0.2]);
    editor.unplace();
    expect(editor.draft.value?.points).toEqual([[0.2, 0.2]]);
    editor.cancel();
    expect(editor.draft.value).toBeNull();
    expect(editor.canUndo.value).toBe(false);
  });

  it("has one ready in the middle for whoever does not point", () => {
    editor.begin("zone");
    editor.finishReady();
    expect(points()).toHaveLength(4);
    expect(editor.toFocus.value).toBe(0);
  });

  it("keeps every point on the picture", () => {
    editor.begin("line");
    editor.place([-0.5, 0.5]);
    editor.place([0.5, 7]);
    expect(points()).toEqual([
      [0, 0.5],
      [0.5, 1],
    ]);
  });
});

describe("changing", () => {
  it("moves, adds and deletes corners, and each is a step", () => {
    drawn();
    editor.movePoint(0, [0.15, 0.2], "drag 1");
    editor.movePoint(0, [0.2, 0.2], "drag 1");
    expect(editor.addAfter(0)).toBe(1);
    expect(points()).toEqual([[0.2, 0.2], [0.35, 0.15], ...CORNERS.slice(1)]);
    expect(editor.removePoint(1)).toBe(true);
    editor.undo();
    editor.undo();
    expect(points()).toEqual([[0.2, 0.2], ...CORNERS.slice(1)]);
    editor.undo();
    expect(points()).toEqual(CORNERS);
    editor.undo();
    expect(editor.shape.value).toBeNull();
    editor.redo();
    expect(editor.scene.value.zones).toHaveLength(1);
  });

  it("goes on with a step while something else is left", () => {
    drawn();
    editor.addAfter(0, [0.3, 0.1], "drag 1");
    editor.settle("keys 0");
    editor.movePoint(1, [0.3, 0.05], "drag 1");
    editor.undo();
    expect(points()).toEqual(CORNERS);
  });

  it("keeps three corners at least, and two ends", () => {
    drawn();
    expect(editor.removePoint(3)).toBe(true);
    expect(editor.removePoint(0)).toBe(false);
    drawn("line");
    expect(editor.removePoint(0)).toBe(false);
    expect(editor.addAfter(0)).toBeNull();
  });

  it("knows the lengths of sides only for four corners", () => {
    drawn();
    const shape = editor.shape.value;
    if (shape?.kind !== "zone") throw new Error("no zone");
    editor.change({ ...shape, sides_m: [1, 2, 3, 4] });
    editor.movePoint(0, [0.2, 0.2], "drag");
    expect(editor.scene.value.zones[0]?.sides_m).toEqual([1, 2, 3, 4]);
    editor.addAfter(0);
    expect(editor.scene.value.zones[0]?.sides_m).toBeNull();
  });

  it("is not changed any more when it is undone or saved", () => {
    drawn();
    editor.undo();
    expect(editor.isChanged.value).toBe(false);
    editor.redo();
    editor.wasSaved(editor.scene.value);
    expect(editor.isChanged.value).toBe(false);
    editor.undo();
    expect(editor.isChanged.value).toBe(true);
  });
});

describe("what is wrong", () => {
  it("is that a polygon crosses itself", () => {
    drawn();
    expect(firstFault(editor.scene.value)).toBeNull();
    editor.movePoint(0, [0.9, 0.3], "drag");
    expect(firstFault(editor.scene.value)?.words).toMatch(/crosses itself/);
  });

  it.each([
    [{ name: " " }, /needs a name/],
    [{ labels: [] }, /at least one label/],
    [{ min_area_ratio: 0.5, max_area_ratio: 0.2 }, /smallest size/],
  ])("is said in words: %j", (change, words) => {
    drawn();
    const shape = editor.shape.value;
    if (shape?.kind !== "zone") throw new Error("no zone");
    expect(faultOf({ ...shape, ...change }, editor.scene.value)).toMatch(words);
  });

  it("is that two zones have one name, but not a zone and a mask", () => {
    drawn();
    drawn();
    const shape = editor.shape.value;
    if (shape === null) throw new Error("no zone");
    editor.change({ ...shape, name: "Zone 1" });
    expect(firstFault(editor.scene.value)?.words).toBe("There is another zone called Zone 1.");
    editor.undo();
    drawn("mask");
    const mask = editor.shape.value;
    if (mask === null) throw new Error("no mask");
    editor.change({ ...mask, name: "Zone 1" });
    expect(firstFault(editor.scene.value)).toBeNull();
  });
});
