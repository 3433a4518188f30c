// What is wrong with a drawing, in words; it is not saved before that is put right.

import { areaOf, crossesItself } from "./geometry";
import { find, type Ref, type Scene, type Shape, shapesOf } from "./scene";

const LEAST_AREA = 1e-5;

/** What is wrong with a shape; null where nothing is. */
export function faultOf(shape: Shape, scene: Scene): string | null {
  const name = shape.name.trim();
  if (name === "") return "It needs a name.";
  const isTwin = (other: Shape) =>
    other.kind === shape.kind && other.id !== shape.id && other.name.trim() === name;
  if (shapesOf(scene).some(isTwin)) return `There is another ${shape.kind} called ${name}.`;
  if (shape.labels?.length === 0) return "Choose at least one label, or all of them.";
  if (shape.kind === "line")
    return shape.a[0] === shape.b[0] && shape.a[1] === shape.b[1] ? "Its two ends are one point." : null;
  if (crossesItself(shape.points))
    return `This ${shape.kind} crosses itself. Move a corner until its edges do not meet.`;
  if (areaOf(shape.points) < LEAST_AREA) return `This ${shape.kind} covers nothing.`;
  if (shape.kind === "zone" && shape.min_area_ratio > shape.max_area_ratio)
    return "The smallest size is above the largest.";
  return null;
}

/** The first shape with which something is wrong, and what. */
export function firstFault(scene: Scene): { ref: Ref; words: string } | null {
  for (const shape of shapesOf(scene)) {
    const words = faultOf(shape, scene);
    if (words !== null) return { ref: { kind: shape.kind, id: shape.id }, words };
  }
  return null;
}

/** What is wrong with the one that is meant. */
export function faultAt(scene: Scene, ref: Ref): string | null {
  const shape = find(scene, ref);
  return shape === null ? null : faultOf(shape, scene);
}
