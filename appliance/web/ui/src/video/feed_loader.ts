// hls.js asks for its playlist again and again; this answers from what is known, and fetches more where it runs out.

import type {
  Loader,
  LoaderCallbacks,
  LoaderConfiguration,
  LoaderStats,
  PlaylistLoaderContext,
} from "hls.js";
import { wordsOf } from "../api";
import { type FootageFeed, isPassing } from "./footage_feed";

/** What the loader has to know of the player. */
export interface Progress {
  feed: FootageFeed;
  beginS: number;
  /** How many seconds of the list are still ahead of the picture that is shown. */
  aheadS(): number;
  /** More could not be fetched just now. */
  trouble(words: string): void;
}

const WANTED_AHEAD_S = 300;

/** The class that hls.js makes its playlist loaders of. */
export function loaderOf(progress: Progress) {
  return class FeedLoader implements Loader<PlaylistLoaderContext> {
    context: PlaylistLoaderContext | null = null;
    stats: LoaderStats = newStats();
    #isAborted = false;

    load(
      context: PlaylistLoaderContext,
      _config: LoaderConfiguration,
      on: LoaderCallbacks<PlaylistLoaderContext>,
    ): void {
      this.context = context;
      this.stats.loading.start = performance.now();
      void this.#answer(context, on);
    }

    abort(): void {
      this.#isAborted = true;
    }

    destroy(): void {
      this.#isAborted = true;
    }

    async #answer(context: PlaylistLoaderContext, on: LoaderCallbacks<PlaylistLoaderContext>) {
      const { feed, beginS } = progress;
      // hls.js does not expect an answer before `load` has returned.
      await Promise.resolve();
      try {
        if (!feed.isEnded && progress.aheadS() < WANTED_AHEAD_S) await feed.extend();
      } catch (problem) {
        if (this.#isAborted || feed.isClosed) return;
        progress.trouble(wordsOf(problem));
        // What is known goes on playing; hls.js asks again by itself.
        if (!isPassing(problem)) feed.isEnded = true;
      }
      if (this.#isAborted || feed.isClosed) return;
      const text = feed.list.text(feed.isEnded, beginS);
      Object.assign(this.stats.loading, { first: performance.now(), end: performance.now() });
      this.stats.loaded = this.stats.total = text.length;
      on.onSuccess({ url: context.url, data: text, code: 200 }, this.stats, context, null);
    }
  };
}

const newStats = (): LoaderStats => ({
  aborted: false,
  loaded: 0,
  retry: 0,
  total: 0,
  chunkCount: 0,
  bwEstimate: 0,
  loading: { start: 0, first: 0, end: 0 },
  parsing: { start: 0, end: 0 },
  buffering: { start: 0, first: 0, end: 0 },
});
