// What zones and lines of all cameras are called, and which of them there are to choose from.

import { cameraList, nameOf } from "../../state/session";
import type { Camera } from "../../wire";
import type { Names } from "./rule_words";

export type ShapeKind = "zones" | "lines";

/** The zones or lines of some cameras, null for all: ids with what to call them, each once. */
export function shapesAt(kind: ShapeKind, cameraIds: readonly string[] | null): [string, string][] {
  const cameras = cameraList.value.filter(({ id }) => cameraIds === null || cameraIds.includes(id));
  const found = new Map<string, string>();
  for (const camera of cameras) {
    for (const { id, name } of camera.scene[kind]) {
      const called = cameras.length > 1 ? `${name} (${camera.name})` : name;
      found.set(id, found.has(id) ? `${found.get(id)}, ${called}` : called);
    }
  }
  return [...found];
}

const named = (kind: ShapeKind) => (id: string) => {
  const has = (camera: Camera) => camera.scene[kind].find((one) => one.id === id);
  const found = [...new Set(cameraList.value.map((camera) => has(camera)?.name).filter(Boolean))];
  return found.length === 0 ? `a deleted ${kind.slice(0, -1)}` : found.join("/");
};

/** What everything is called that a rule speaks of. */
export const names: Names = { camera: nameOf, zone: named("zones"), line: named("lines") };
