// Everything that can be set of the chosen shape besides its corners.

import { Button } from "../../parts/button";
import { Chips } from "../../parts/chips";
import { Field } from "../../parts/field";
import { Segmented } from "../../parts/segmented";
import type { Camera } from "../../wire";
import { USUAL_LABELS } from "../alerts/rule_words";
import type { Editor } from "./editor";
import { faultOf } from "./faults";
import { LineFields } from "./line_fields";
import { NAMES, type Shape } from "./scene";
import { sayCaught } from "./shape_list";
import type { LastHour } from "./use_footpoints";
import { ZoneFields } from "./zone_fields";

interface Props {
  camera: Camera;
  editor: Editor;
  shape: Shape;
  lastHour: LastHour;
}

const HIDES = [
  ["objects", "Objects"],
  ["motion", "Motion"],
] as const;

export function ShapeForm({ camera, editor, shape, lastHour }: Props) {
  const fault = faultOf(shape, editor.scene.value);
  const put = (change: Partial<Shape>, doing: string) =>
    editor.change({ ...shape, ...change } as Shape, doing);
  const isOfMotion = shape.kind === "mask" && shape.hides === "motion";
  return (
    <section class="panel form shape-form" aria-label={`${NAMES[shape.kind]} ${shape.name}`}>
      {fault !== null && (
        <p class="error" role="alert">
          {fault}
        </p>
      )}
      <Field label="Name">
        <input
          value={shape.name}
          maxLength={100}
          autocomplete="off"
          onInput={(event) => put({ name: event.currentTarget.value }, `name ${shape.id}`)}
          onBlur={() => editor.settle(`name ${shape.id}`)}
        />
      </Field>
      {!isOfMotion && (
        <p class="caught" aria-live="polite">
          {sayLastHour(shape, lastHour)}
        </p>
      )}
      {shape.kind === "mask" && (
        <div class="field">
          <span class="group-label">What is not looked for here</span>
          <Segmented
            label="What is not looked for here"
            value={shape.hides}
            options={HIDES}
            onChange={(hides) => put(hides === "motion" ? { hides, labels: null } : { hides }, "hides")}
          />
          <p class="hint">
            {isOfMotion
              ? "What moves here wakes nothing: for a tree, a flag or a clock in the picture."
              : "An object whose feet are here is ignored: for the street beyond the fence."}
          </p>
        </div>
      )}
      {!isOfMotion && (
        <Labels
          camera={camera}
          labels={shape.labels}
          all={shape.kind === "mask" ? "Whatever it is" : "Everything that counts at this camera"}
          onChange={(labels) => put({ labels }, "labels")}
        />
      )}
      {shape.kind === "zone" && <ZoneFields zone={shape} change={(part, doing) => put(part, doing)} />}
      {shape.kind === "line" && (
        <LineFields line={shape} editor={editor} change={(part, doing) => put(part, doing)} />
      )}
      <p class="buttons">
        <Button kind="quiet" icon="bin" onClick={() => editor.remove(shape)}>
          Delete this {shape.kind}
        </Button>
      </p>
    </section>
  );
}

function sayLastHour(shape: Shape, lastHour: LastHour): string {
  if (lastHour.problem !== null) return `What was seen in the last hour is not known: ${lastHour.problem}`;
  if (lastHour.objects === null) return "Asking what was seen in the last hour …";
  if (lastHour.objects === 0) return "Nothing was seen in the last hour.";
  const said = sayCaught(shape, lastHour);
  if (shape.kind === "line") return `In the last hour ${said}.`;
  const does = shape.kind === "zone" ? "stood here" : "stood under it";
  return `Of ${lastHour.objects.toLocaleString()} in the last hour, ${said} ${does}.`;
}

function Labels({
  camera,
  labels,
  all,
  onChange,
}: {
  camera: Camera;
  labels: readonly string[] | null;
  all: string;
  onChange: (labels: string[] | null) => void;
}) {
  const known = [...new Set([...(camera.labels ?? USUAL_LABELS), ...(labels ?? [])])];
  return (
    <fieldset class="field">
      <legend class="group-label">For</legend>
      <label class="check">
        <input
          type="checkbox"
          checked={labels === null}
          onChange={(event) => onChange(event.currentTarget.checked ? null : known.slice(0, 1))}
        />
        <span>{all}</span>
      </label>
      {labels !== null && (
        <Chips options={known.map((one) => [one, one])} chosen={labels} onChange={onChange} />
      )}
    </fieldset>
  );
}
