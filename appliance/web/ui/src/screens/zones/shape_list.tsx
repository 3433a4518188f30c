// All that is drawn, as a list.

import { Icon } from "../../parts/icon";
import { count } from "../../words";
import type { Editor } from "./editor";
import { faultOf } from "./faults";
import { isSame, NAMES, type Shape, shapesOf } from "./scene";
import type { LastHour } from "./use_footpoints";

export function ShapeList({ editor, lastHour }: { editor: Editor; lastHour: LastHour }) {
  const shapes = shapesOf(editor.scene.value);
  if (shapes.length === 0)
    return (
      <p class="muted small">
        Nothing is drawn yet. A <b>zone</b> is a piece of ground, such as the drive; a <b>line</b> is crossed;
        under a <b>mask</b> nothing is looked for.
      </p>
    );
  return (
    <ul class="shape-list">
      {shapes.map((shape) => {
        const isChosen = isSame(shape, editor.chosen.value);
        return (
          <li key={`${shape.kind} ${shape.id}`}>
            <button
              type="button"
              class="shape-row"
              data-kind={shape.kind}
              aria-pressed={isChosen}
              onClick={() => editor.choose(isChosen ? null : shape)}
            >
              <Icon name={shape.kind} />
              <span class="shape-row-name">
                {shape.name.trim() || NAMES[shape.kind]}
                <span class="muted small">{sayBriefly(shape)}</span>
              </span>
              <span class="shape-row-note small">{sayCaught(shape, lastHour)}</span>
              {faultOf(shape, editor.scene.value) !== null && (
                <span class="shape-row-fault">
                  <Icon name="warn" />
                  <span class="unseen">Something is wrong with it</span>
                </span>
              )}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function sayBriefly(shape: Shape): string {
  const what =
    shape.kind === "mask" ? (shape.hides === "motion" ? "Mask of motion" : "Mask") : NAMES[shape.kind];
  return shape.labels === null ? what : `${what}: ${shape.labels.join(", ")}`;
}

/** What a shape would have caught in the last hour, in words. */
export function sayCaught(shape: Shape, lastHour: LastHour): string {
  const note = lastHour.noteOf(shape);
  if (note === null) return "";
  if (shape.kind === "line") {
    const [one, other] = note.split(" / ");
    return other === undefined ? `${one} crossed` : `${one} A → B, ${other} B → A`;
  }
  return count(Number(note), "object");
}
