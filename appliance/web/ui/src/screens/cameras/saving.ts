// Saving a camera's settings: at once, with an undo.

import { patch, wordsOf } from "../../api";
import { tell } from "../../parts/toasts";
import { cameras, putCamera } from "../../state/session";
import type { Camera, CameraChange } from "../../wire";
import { holds, reverse } from "./changes";

export type Save = (change: CameraChange, done: string) => Promise<void>;

/** Change a camera, and offer to take it back where that can be done. Throws what the server refused. */
export async function save(camera: Camera, change: CameraChange, done: string): Promise<void> {
  const back = reverse(camera, change);
  const { data } = await patch<Camera>(`/cameras/${camera.id}`, change);
  putCamera(data);
  tell({
    text: done,
    tone: "good",
    ms: back === null ? 6000 : 10_000,
    ...(back !== null && { undo: () => void undo(data, change, back) }),
  });
}

async function undo(made: Camera, change: CameraChange, back: CameraChange): Promise<void> {
  const now = cameras.value.get(made.id);
  if (now !== undefined && !holds(now, made, change))
    return void tell({ text: "It was changed again meanwhile; nothing was taken back.", tone: "bad" });
  try {
    putCamera((await patch<Camera>(`/cameras/${made.id}`, back)).data);
    tell({ text: "It is as it was before." });
  } catch (problem) {
    tell({ text: wordsOf(problem), tone: "bad" });
  }
}
