import { tight } from "../../words";

const MOST_MS = 60_000;

/** How far behind a picture is; empty where the clocks of box and browser differ too much to tell. */
export function lagWords(lagMs: number): string {
  return lagMs < 0 || lagMs > MOST_MS ? "" : tight(`${(lagMs / 1000).toFixed(1)} s behind`);
}
