// What is said of the models: where each is from, how it is doing, and which of them is wanted.

import type { Tone } from "../../parts/signs";
import type { Model, Models } from "../../wire";
import { bytes } from "../../words";

/** How a model is doing, in a word. */
export function stateOf({ is_at_work, is_here, progress }: Model): readonly [string, Tone] {
  if (progress !== null) return ["Being fetched", "wait"];
  if (is_at_work) return ["At work", "good"];
  return is_here ? ["On the shelf", "idle"] : ["Not here", "idle"];
}

/** `3.7 MB · Apache-2.0 · from github.com`, as far as it is known. */
export function originOf({ size_bytes, licence, source }: Model): string {
  return [bytes(size_bytes), licence, source === "" ? "" : `from ${placeOf(source)}`]
    .filter((part) => part !== "")
    .join(" · ");
}

// Of an address its host says enough.
const placeOf = (source: string) => /^https?:\/\/([^/?#]+)/.exec(source)?.[1] ?? source;

/** Which model is wanted, and whether what is pulled will be used. */
export function wantedWords({ wanted }: Pick<Models, "wanted">): string {
  if (wanted === "auto") return "The newest model that is here is put to work by itself.";
  const set = `The configuration file asks for ${wanted === "builtin" ? "the built-in detector" : wanted}`;
  return `${set}: other models stay on the shelf until that is changed (\`[detector] model\`).`;
}

export const FETCH_OFF =
  "This box fetches no models: `[detector] fetch = false` in the configuration file. One is added by hand: `nightjar model add FILE`.";
