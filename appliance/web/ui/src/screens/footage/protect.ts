// Protecting footage from being deleted for its age or for room.

import { post, wordsOf } from "../../api";
import { tell } from "../../parts/toasts";
import type { ProtectedFootage } from "../../wire";
import { clockWithSeconds } from "../../words";
import type { View } from "./scale";

const iso = (ms: number) => new Date(Math.round(ms)).toISOString();

/**
 * Protect a time of cameras, or let go of it; `changed` is told whose footage is another now. With `canUndo` it can
 * be taken back: not where some of it was protected before, which would be let go of as well.
 */
export async function protect(
  cameras: readonly string[],
  range: View,
  isProtected: boolean,
  changed: (cameraId: string) => void,
  canUndo: boolean,
): Promise<void> {
  const body = { from: iso(range.fromMs), to: iso(range.toMs), protected: isProtected };
  const answers = await Promise.all(
    cameras.map((id) => post<ProtectedFootage>(`/cameras/${id}/footage/protect`, body)),
  );
  for (const id of cameras) changed(id);
  const found = answers.map((one) => one.data).filter((one) => one.segments > 0);
  if (found.length === 0) {
    tell({ text: "Nothing of this time is recorded.", tone: "bad" });
    return;
  }
  const from = Math.min(...found.map((one) => Date.parse(one.from ?? "")));
  const to = Math.max(...found.map((one) => Date.parse(one.to ?? "")));
  const takeBack = () => {
    protect(cameras, range, !isProtected, changed, false).catch((problem) =>
      tell({ text: wordsOf(problem), tone: "bad" }),
    );
  };
  const what = isProtected ? "Protected" : "No longer protected";
  tell({
    text: `${what}: ${clockWithSeconds(from)} – ${clockWithSeconds(to)}, in whole files.`,
    tone: "good",
    ...(canUndo && { undo: takeBack }),
  });
}
