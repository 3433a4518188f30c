// The exports: asked for, followed while they are being made, cancelled, deleted.

import { signal } from "@preact/signals";
import { get, post, remove, wordsOf } from "../../api";
import { tell } from "../../parts/toasts";
import { nameOf } from "../../state/session";
import type { Export, Items, NewExport } from "../../wire";
import { bytes, count } from "../../words";

const LOOK_EVERY_MS = 1000;

export const isActive = (one: Export) => one.state === "waiting" || one.state === "running";

/** The list, looked after while it is shown and something is being made. */
class Exports {
  readonly items = signal<readonly Export[]>([]);
  readonly problem = signal("");
  #timer = 0;
  #isShown = false;
  #turn = 0;

  show(): () => void {
    this.#isShown = true;
    void this.look();
    return () => {
      this.#isShown = false;
      clearTimeout(this.#timer);
    };
  }

  async add(wanted: NewExport): Promise<void> {
    await post<Export>("/exports", wanted);
    await this.look();
  }

  /** Cancel it, or delete it with its file. */
  async drop(one: Export): Promise<void> {
    await remove(`/exports/${one.id}`);
    await this.look();
  }

  async look(): Promise<void> {
    clearTimeout(this.#timer);
    this.#turn += 1;
    const turn = this.#turn;
    let waitMs = 3 * LOOK_EVERY_MS;
    try {
      const { data } = await get<Items<Export>>("/exports");
      if (turn !== this.#turn) return;
      this.#tellOfReady(data.items);
      this.items.value = data.items;
      this.problem.value = "";
      waitMs = data.items.some(isActive) ? LOOK_EVERY_MS : 0;
    } catch (problem) {
      if (turn === this.#turn) this.problem.value = wordsOf(problem);
    }
    if (this.#isShown && waitMs > 0) this.#timer = window.setTimeout(() => this.look(), waitMs);
  }

  #tellOfReady(items: readonly Export[]): void {
    for (const before of this.items.value.filter(isActive)) {
      const after = items.find((one) => one.id === before.id);
      if (after?.state === "done")
        tell({ text: `The export of ${nameOf(after.camera_id)} is ready.`, tone: "good" });
      if (after?.state === "failed")
        tell({ text: `The export of ${nameOf(after.camera_id)} failed: ${after.reason}`, tone: "bad" });
    }
  }
}

export const exports_ = new Exports();

const STATES: Record<Export["state"], string> = {
  waiting: "Waits for its turn",
  running: "Is being made",
  done: "Ready",
  failed: "Failed",
  cancelled: "Cancelled",
};

/** How an export is doing, in words. */
export function courseOf(one: Export): string {
  const words = [STATES[one.state]];
  if (one.state === "running") words[0] += ` (${Math.round(one.progress * 100)} %)`;
  if (one.reason !== "") words.push(one.reason);
  if (one.size !== null && one.state === "done") words.push(bytes(one.size));
  if (one.size !== null && isActive(one)) words.push(`about ${bytes(one.size)}`);
  if (one.gaps.length > 0) words.push(`${count(one.gaps.length, "gap")} closed up`);
  return words.join(" · ");
}
