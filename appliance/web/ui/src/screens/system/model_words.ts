// What is said of the models: where each is from, how it is doing, and which of them is wanted.

import type { Tone } from "../../parts/signs";
import type { Model, Models } from "../../wire";
import { bytes } from "../../words";

/** How a model is doing, in a word. */
export function stateOf({ is_at_work, is_here, progress, export_ratio }: Model): readonly [string, Tone] {
  if (progress !== null) return ["Being fetched", "wait"];
  if (export_ratio !== null) return ["Engine being built", "wait"];
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

// As their makers write them.
const BACK_ENDS: Record<string, string> = {
  onnxruntime: "ONNX Runtime",
  "onnxruntime-cuda": "ONNX Runtime with CUDA",
  "onnxruntime-tensorrt": "ONNX Runtime with TensorRT",
  openvino: "OpenVINO",
  ultralytics: "Ultralytics",
};

export const backEndName = (name: string) => BACK_ENDS[name] ?? name;

/** `OpenVINO 12 ms, ONNX Runtime 15 ms: OpenVINO is used`; empty where nothing is known. */
export function speedOf({ back_ends, back_end, is_at_work }: Model): string {
  const told = back_ends.map(({ name, picture_ms, problem }) =>
    picture_ms === null
      ? `${backEndName(name)} cannot be used (${problem})`
      : `${backEndName(name)} ${milliseconds(picture_ms)}`,
  );
  const used = is_at_work && back_end !== "" ? `${backEndName(back_end)} is used` : "";
  return [told.join(", "), used].filter((part) => part !== "").join(": ");
}

const milliseconds = (ms: number) => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;

/** Why the last fetch or engine did not work. */
export function problemOf({ problem, export_problem }: Model): string {
  if (problem !== "") return `It could not be fetched: ${problem}.`;
  return export_problem === "" ? "" : `No engine could be built: ${export_problem}.`;
}

/** Which model is wanted, and whether what is pulled will be used. */
export function wantedWords({ wanted }: Pick<Models, "wanted">): string {
  if (wanted === "auto") return "The newest model that is here is put to work by itself.";
  const set = `The configuration file asks for ${wanted === "builtin" ? "the built-in detector" : wanted}`;
  return `${set}: other models stay on the shelf until that is changed (\`[detector] model\`).`;
}

export const FETCH_OFF =
  "This box fetches no models: `[detector] fetch = false` in the configuration file. One is added by hand: `nightjar model add FILE`.";
