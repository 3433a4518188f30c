import { describe, expect, it } from "vitest";
import type { Model } from "../../wire";
import { originOf, stateOf, wantedWords } from "./model_words";

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
  });

  it("is said not to be used where the file asks for another", () => {
    expect(wantedWords({ wanted: "auto" })).toContain("put to work by itself");
    expect(wantedWords({ wanted: "builtin" })).toContain("the built-in detector: other models stay");
    expect(wantedWords({ wanted: "mine" })).toContain("asks for mine:");
  });
});
