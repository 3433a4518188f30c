// Small pictures while one looks for a moment: one request at a time for each camera, and only the newest counts.

import { signal } from "@preact/signals";
import { picture, withQuery } from "../../api";

export interface Preview {
  cameraId: string;
  /** The moment that was asked for. */
  ms: number;
  url: string;
  /** From asking to having it. */
  tookMs: number;
}

interface Asking {
  wantedMs: number | null;
  isRunning: boolean;
  shown: Preview | null;
}

/** Finer than this two moments mostly have the same keyframe. */
const FINEST_MS = 1000;

export class Previews {
  /** The newest picture of each camera. */
  readonly pictures = signal<ReadonlyMap<string, Preview>>(new Map());
  readonly #asking = new Map<string, Asking>();

  /**
   * Want the picture of a moment; `stepMs` is how much time one pixel is, and `leastMs` where the footage begins
   * that the moment is in.
   */
  want(cameraId: string, ms: number, stepMs: number, leastMs: number): void {
    const step = Math.max(FINEST_MS, stepMs);
    const asking = this.#of(cameraId);
    asking.wantedMs = Math.max(Math.floor(ms / step) * step, leastMs);
    if (!asking.isRunning) void this.#fetch(cameraId, asking);
  }

  /** No picture is wanted any more; those that are shown go. */
  clear(): void {
    for (const asking of this.#asking.values()) {
      asking.wantedMs = null;
      if (asking.shown !== null) URL.revokeObjectURL(asking.shown.url);
      asking.shown = null;
    }
    if (this.pictures.value.size > 0) this.pictures.value = new Map();
  }

  #of(cameraId: string): Asking {
    let found = this.#asking.get(cameraId);
    if (found === undefined) {
      found = { wantedMs: null, isRunning: false, shown: null };
      this.#asking.set(cameraId, found);
    }
    return found;
  }

  async #fetch(cameraId: string, asking: Asking): Promise<void> {
    asking.isRunning = true;
    while (asking.wantedMs !== null && asking.wantedMs !== asking.shown?.ms) {
      const [ms, begin] = [asking.wantedMs, performance.now()];
      const blob = await pictureAt(cameraId, ms);
      if (asking.wantedMs === null) break;
      if (blob === null && asking.wantedMs === ms) break;
      if (blob !== null)
        this.#show(asking, {
          cameraId,
          ms,
          url: URL.createObjectURL(blob),
          tookMs: performance.now() - begin,
        });
    }
    asking.isRunning = false;
  }

  #show(asking: Asking, preview: Preview): void {
    if (asking.shown !== null) URL.revokeObjectURL(asking.shown.url);
    asking.shown = preview;
    this.pictures.value = new Map(this.pictures.value).set(preview.cameraId, preview);
  }
}

// Where there is none the words say so already.
async function pictureAt(cameraId: string, ms: number): Promise<Blob | null> {
  const path = withQuery(`/cameras/${cameraId}/preview.jpg`, { at: new Date(ms).toISOString() });
  try {
    return await picture(path, undefined, "default");
  } catch {
    return null;
  }
}
