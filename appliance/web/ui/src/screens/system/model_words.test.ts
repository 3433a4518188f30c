import { describe, expect, it } from "vitest";
import type { Model } from "../../wire";
import { originOf, problemOf, speedOf, stateOf, wantedWords } from "./model_words";

const model: Model = {
  name: "yolox_nano",
  source: "https://github.com/makers/yolox/releases/yolox_nano.onnx",
  licence: "Apache-2.0",
  size_bytes: 3_659_407,
  is_here: false,
  is_at_work: false,
  can_be_pulled: true,
  progress: null,
  problem: "",
  back_end: "",
  back_ends: [],
  engine: "",
  can_be_exported: false,
  export_ratio: null,
  export_note: "",
  export_problem: "",
};
const plain = (text: string) => text.replaceAll("\u00a0", " ");

describe("a model", () => {
  it("is told with its size, its licence and where it is from", () => {
    expect(plain(originOf(model))).toBe("3.7 MB · Apache-2.0 · from github.com");
    expect(plain(originOf({ ...model, source: "/home/me/mine.onnx", licence: "" }))).toBe(
      "3.7 MB · from /home/me/mine.onnx",
    );
    expect(plain(originOf({ ...model, source: "", licence: "" }))).toBe("3.7 MB");
  });

  it("is not here, here, at work, or on its way", () => {
    const said = (more: Partial<Model>) => stateOf({ ...model, ...more })[0];
    expect(said({})).toBe("Not here");
    expect(said({ is_here: true })).toBe("On the shelf");
    expect(said({ is_here: true, is_at_work: true })).toBe("At work");
    expect(said({ progress: 0 })).toBe("Being fetched");
    expect(said({ is_here: true, is_at_work: true, export_ratio: 0 })).toBe("Engine being built");
  });

  it("tells how fast each back end is, and which is used", () => {
    const fast = { name: "openvino", picture_ms: 12.3, problem: "", is_fastest: true };
    const slow = { name: "onnxruntime", picture_ms: 15, problem: "", is_fastest: false };
    const none = { name: "new", picture_ms: null, problem: "no GPU", is_fastest: false };
    const at_work = { is_at_work: true, back_end: "openvino" };
    expect(plain(speedOf({ ...model, ...at_work, back_ends: [fast, slow] }))).toBe(
      "OpenVINO 12 ms, ONNX Runtime 15 ms: OpenVINO is used",
    );
    expect(plain(speedOf({ ...model, back_ends: [{ ...fast, picture_ms: 2.04 }, none] }))).toBe(
      "OpenVINO 2.0 ms, new cannot be used (no GPU)",
    );
    expect(speedOf({ ...model, ...at_work })).toBe("OpenVINO is used");
    expect(speedOf(model)).toBe("");
  });

  it("says what did not work", () => {
    expect(problemOf(model)).toBe("");
    expect(problemOf({ ...model, problem: "no answer" })).toBe("It could not be fetched: no answer.");
    expect(problemOf({ ...model, export_problem: "no TensorRT" })).toBe(
      "No engine could be built: no TensorRT.",
    );
  });

  it("is said not to be used where the file asks for another", () => {
    expect(wantedWords({ wanted: "auto" })).toContain("put to work by itself");
    expect(wantedWords({ wanted: "builtin" })).toContain("the built-in detector: other models stay");
    expect(wantedWords({ wanted: "mine" })).toContain("asks for mine:");
  });
});
