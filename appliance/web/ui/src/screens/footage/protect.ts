// Protecting footage from being deleted for its age or for room.

import { post, wordsOf } from "../../api";
import { tell } from "../../parts/toasts";
import { joined, noteProtected, noteReleased, WANTED_SINCE } from "../../state/protected";
import type { ProtectedFootage } from "../../wire";
import { clockWithSeconds } from "../../words";
import type { View } from "./scale";

const iso = (ms: number) => new Date(Math.round(ms)).toISOString();

/**
 * Protect a time of cameras, or let go of it; `changed` is told whose footage is another now. With `canUndo` it can
 * be taken back: not where some of it was protected before, or is since, which would be let go of as well.
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
    cameras.map(async (cameraId) => {
      const { data } = await post<ProtectedFootage>(`/cameras/${cameraId}/footage/protect`, body);
      if (!isProtected) noteReleased(cameraId);
      if (data.from === null || data.to === null) return null;
      const files = { fromMs: Date.parse(data.from), toMs: Date.parse(data.to) };
      const span = joined({ cameraId, ...range }, files);
      return { ...files, isUnwanted: isProtected ? noteProtected(span) : () => true };
    }),
  );
  for (const id of cameras) changed(id);
  const found = answers.filter((one) => one !== null);
  if (found.length === 0) {
    tell({ text: "Nothing of this time is recorded.", tone: "bad" });
    return;
  }
  const from = Math.min(...found.map((one) => one.fromMs));
  const to = Math.max(...found.map((one) => one.toMs));
  const takeBack = () => {
    if (!found.every((one) => one.isUnwanted())) {
      tell({ text: WANTED_SINCE });
      return;
    }
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
