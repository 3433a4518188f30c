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

/** A stretch of time of which there is footage; `untilMs` where only some of it is recorded: its first picture does. */
export interface Stretch {
  fromMs: number;
  untilMs: number | null;
}

interface Wanted {
  ms: number;
  untilMs: number | null;
}

interface Asking {
  wanted: Wanted | null;
  isRunning: boolean;
  shown: Preview | null;
  /** Of this moment there was none. */
  missingMs: number | null;
}

/** Finer than this two moments mostly have the same keyframe. */
const FINEST_MS = 1000;

export class Previews {
  /** The newest picture of each camera. */
  readonly pictures = signal<ReadonlyMap<string, Preview>>(new Map());
  readonly #asking = new Map<string, Asking>();

  constructor(private readonly load = pictureAt) {}

  /** Want the picture of a moment in a stretch of footage; `stepMs` is how much time one pixel is. */
  want(cameraId: string, ms: number, stepMs: number, { fromMs, untilMs }: Stretch): void {
    const step = Math.max(FINEST_MS, stepMs);
    const asking = this.#of(cameraId);
    asking.wanted = {
      ms: untilMs === null ? Math.max(Math.floor(ms / step) * step, fromMs) : fromMs,
      untilMs,
    };
    if (!asking.isRunning) void this.#fetch(cameraId, asking);
  }

  /** No picture is wanted any more; those that are shown go. */
  clear(): void {
    for (const asking of this.#asking.values()) {
      if (asking.shown !== null) URL.revokeObjectURL(asking.shown.url);
      asking.wanted = asking.shown = asking.missingMs = null;
    }
    if (this.pictures.value.size > 0) this.pictures.value = new Map();
  }

  #of(cameraId: string): Asking {
    let found = this.#asking.get(cameraId);
    if (found === undefined) {
      found = { wanted: null, isRunning: false, shown: null, missingMs: null };
      this.#asking.set(cameraId, found);
    }
    return found;
  }

  async #fetch(cameraId: string, asking: Asking): Promise<void> {
    asking.isRunning = true;
    for (let wanted = next(asking); wanted !== null; wanted = next(asking)) {
      const begin = performance.now();
      const blob = await this.load(cameraId, wanted.ms, wanted.untilMs);
      // Meanwhile nobody may want one any more.
      if (asking.wanted === null) break;
      if (blob === null) this.#miss(cameraId, asking, wanted.ms);
      else
        this.#show(asking, {
          cameraId,
          ms: wanted.ms,
          url: URL.createObjectURL(blob),
          tookMs: performance.now() - begin,
        });
    }
    asking.isRunning = false;
  }

  // The picture of another moment is none of this one.
  #miss(cameraId: string, asking: Asking, ms: number): void {
    asking.missingMs = ms;
    if (asking.shown === null) return;
    URL.revokeObjectURL(asking.shown.url);
    asking.shown = null;
    const pictures = new Map(this.pictures.value);
    pictures.delete(cameraId);
    this.pictures.value = pictures;
  }

  #show(asking: Asking, preview: Preview): void {
    if (asking.shown !== null) URL.revokeObjectURL(asking.shown.url);
    asking.shown = preview;
    this.pictures.value = new Map(this.pictures.value).set(preview.cameraId, preview);
  }
}

/** What is to be asked for now; null where it is there already, or known not to be. */
function next({ wanted, shown, missingMs }: Asking): Wanted | null {
  return wanted === null || wanted.ms === shown?.ms || wanted.ms === missingMs ? null : wanted;
}

const iso = (ms: number) => new Date(ms).toISOString();

// Where there is none the words say so already.
async function pictureAt(cameraId: string, ms: number, untilMs: number | null): Promise<Blob | null> {
  const query = { at: iso(ms), until: untilMs === null ? null : iso(untilMs) };
  try {
    return await picture(withQuery(`/cameras/${cameraId}/preview.jpg`, query), undefined, "default");
  } catch {
    return null;
  }
}
