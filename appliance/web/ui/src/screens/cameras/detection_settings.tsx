// What is looked for at a camera, and how much of its stream is decoded for that.

import { useState } from "preact/hooks";
import { Chips } from "../../parts/chips";
import { Field } from "../../parts/field";
import type { Camera } from "../../wire";
import { USUAL_LABELS } from "../alerts/rule_words";
import { numberOf } from "./changes";
import type { Save } from "./saving";
import { ChoiceSetting, SwitchSetting, TextSetting, useRefusal } from "./settings";

const DECODES = [
  ["auto", "As much as is happening"],
  ["always", "Every picture"],
  ["keyframes", "Keyframes only"],
] as const;

const DECODE_HINTS = {
  auto: "While it is quiet only keyframes are decoded; when something happens, everything is.",
  always: "The most work. Only for cameras with which the first choice misses something.",
  keyframes: "The least work: a look every second or two, whatever happens.",
};

export function DetectionSettings({ camera, save, isFile }: { camera: Camera; save: Save; isFile: boolean }) {
  const { detect_fps, decode, loop } = camera;
  return (
    <section class="panel form">
      <h2>Detection</h2>
      <LabelsSetting camera={camera} save={save} />
      <div class="pair">
        <TextSetting
          isNumber
          label="Looks a second, at most"
          hint="5 is enough for people and cars."
          value={String(detect_fps)}
          save={(text) => {
            const fps = numberOf(text, { least: 0.1, most: 30 });
            if (fps === null) throw new Error("Write a number from 0.1 to 30.");
            return save({ detect_fps: fps }, `It is looked at ${fps} times a second.`);
          }}
        />
        <ChoiceSetting
          label="Decode"
          hint={DECODE_HINTS[decode]}
          value={decode}
          options={DECODES}
          save={(next) => save({ decode: next }, "It is decoded as you wish from now on.")}
        />
      </div>
      {isFile && (
        <SwitchSetting
          label="Play again and again"
          hint="A file that has ended begins anew."
          value={loop}
          save={(next) => save({ loop: next }, next ? "It begins anew at its end." : "It is played once.")}
        />
      )}
    </section>
  );
}

function LabelsSetting({ camera, save }: { camera: Camera; save: Save }) {
  const [error, attempt] = useRefusal();
  const [other, setOther] = useState("");
  const labels = camera.labels ?? USUAL_LABELS;
  const keep = (next: readonly string[] | null) =>
    attempt(() =>
      save(
        { labels: next === null ? null : [...next] },
        next === null ? "The usual ones count." : "What counts is changed.",
      ),
    );
  const known = [...new Set([...USUAL_LABELS, ...labels])];
  const add = () => {
    const label = other.trim().toLowerCase();
    if (label === "") return;
    setOther("");
    void keep([...labels.filter((one) => one !== label), label]);
  };
  return (
    <fieldset class="field labels">
      <legend>What counts</legend>
      <Chips options={known.map((one) => [one, one])} chosen={labels} onChange={keep} />
      <p class="hint">
        {camera.labels === null
          ? "The usual ones. “motion” is what moves and is nothing else."
          : labels.length === 0
            ? "Nothing: this camera makes no events."
            : "Only these make events."}
      </p>
      {error !== null && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      {camera.managed_by !== "file" && (
        <div class="pair">
          <Field label="Another one" hint="As the detector calls it, such as bird. Enter adds it.">
            <input
              value={other}
              maxLength={64}
              autocapitalize="none"
              autocomplete="off"
              onInput={(event) => setOther(event.currentTarget.value)}
              onChange={add}
            />
          </Field>
          {camera.labels !== null && (
            <p class="buttons">
              <button type="button" class="button small" onClick={() => keep(null)}>
                Back to the usual ones
              </button>
            </p>
          )}
        </div>
      )}
    </fieldset>
  );
}
