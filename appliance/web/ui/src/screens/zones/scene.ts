// What is drawn on a camera's picture: zones, lines and masks, and how they are changed.

import type { Line, Mask, Scene, Zone } from "../../wire";
import type { Point } from "./geometry";

export type { Line, Mask, Scene, Zone };

export type Kind = "zone" | "line" | "mask";
/** Which one of what is drawn. */
export interface Ref {
  kind: Kind;
  id: string;
}
export type Shape = ({ kind: "zone" } & Zone) | ({ kind: "line" } & Line) | ({ kind: "mask" } & MaskShape);
// A mask has a kind of its own.
type MaskShape = Omit<Mask, "kind"> & { hides: Mask["kind"] };

export const EMPTY: Scene = { zones: [], lines: [], masks: [] };
export const NAMES: Record<Kind, string> = { zone: "Zone", line: "Line", mask: "Mask" };
/** As many as the box takes: of each kind, and of corners. */
export const MOST_CORNERS = 64;
export const LEAST_CORNERS = 3;

const asShape = {
  zone: (zone: Zone): Shape => ({ ...zone, kind: "zone" }),
  line: (line: Line): Shape => ({ ...line, kind: "line" }),
  mask: ({ kind, ...mask }: Mask): Shape => ({ ...mask, kind: "mask", hides: kind }),
};

/** All that is drawn, in the owner's order. */
export const shapesOf = ({ zones, lines, masks }: Scene): Shape[] => [
  ...zones.map(asShape.zone),
  ...lines.map(asShape.line),
  ...masks.map(asShape.mask),
];

export const isSame = (one: Ref | null, other: Ref | null) =>
  one?.kind === other?.kind && one?.id === other?.id;

/** The one that is meant; null where it is gone. */
export const find = (scene: Scene, ref: Ref | null): Shape | null =>
  shapesOf(scene).find((shape) => isSame(shape, ref)) ?? null;

/** Its corners or ends. */
export const pointsOf = (shape: Shape): Point[] =>
  shape.kind === "line" ? [shape.a, shape.b] : shape.points;

/** The same shape with other corners; the lengths of sides count only for four. */
export function withPoints<S extends Shape>(shape: S, points: readonly Point[]): S {
  if (shape.kind === "line") return { ...shape, a: points[0] as Point, b: points[1] as Point };
  if (shape.kind === "zone" && points.length !== 4) return { ...shape, points: [...points], sides_m: null };
  return { ...shape, points: [...points] };
}

/** The scene with a shape changed, or added where it is not there yet. */
export function put(scene: Scene, shape: Shape): Scene {
  if (shape.kind === "zone") return { ...scene, zones: replaced(scene.zones, plain(shape)) };
  if (shape.kind === "line") return { ...scene, lines: replaced(scene.lines, plain(shape)) };
  const { hides, ...mask } = shape;
  return { ...scene, masks: replaced(scene.masks, { ...mask, kind: hides }) };
}

/** The scene without a shape. */
export const without = (scene: Scene, { kind, id }: Ref): Scene => ({
  zones: kind === "zone" ? scene.zones.filter((one) => one.id !== id) : scene.zones,
  lines: kind === "line" ? scene.lines.filter((one) => one.id !== id) : scene.lines,
  masks: kind === "mask" ? scene.masks.filter((one) => one.id !== id) : scene.masks,
});

function plain<S extends { kind: "zone" | "line" }>({ kind: _, ...rest }: S): Omit<S, "kind"> {
  return rest;
}

function replaced<S extends { id: string }>(list: readonly S[], shape: S): S[] {
  const isThere = list.some((one) => one.id === shape.id);
  return isThere ? list.map((one) => (one.id === shape.id ? shape : one)) : [...list, shape];
}

/**
 * A new shape of these corners, with a name that none of its kind has yet. Its id is nowhere else: a rule for several
 * cameras means by an id the zones of that id at all of them.
 */
export function fresh(scene: Scene, kind: Kind, points: readonly Point[], id = newId(kind)): Shape {
  const others = shapesOf(scene).filter((one) => one.kind === kind);
  const taken = new Set(others.map(({ name }) => name));
  let number = others.length + 1;
  while (taken.has(`${NAMES[kind]} ${number}`)) number += 1;
  const own = { id, name: `${NAMES[kind]} ${number}`, labels: null };
  if (kind === "line")
    return { ...own, kind, a: points[0] as Point, b: points[1] as Point, min_score: 0, counts: "both" };
  if (kind === "mask") return { ...own, kind, points: [...points], hides: "objects" };
  return {
    ...own,
    kind,
    points: [...points],
    min_area_ratio: 0,
    max_area_ratio: 1,
    min_score: 0,
    enter_s: 0.4,
    leave_s: 1,
    required_for: "none",
    sides_m: null,
  };
}

function newId(kind: Kind): string {
  const [number = 0] = crypto.getRandomValues(new Uint32Array(1));
  return `${kind}-${number.toString(36)}`;
}
