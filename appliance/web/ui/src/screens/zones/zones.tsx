// Zones, lines and masks of one camera, drawn on its live picture.

import { useEffect, useMemo, useState } from "preact/hooks";
import { useRoute } from "preact-iso";
import { patch, wordsOf } from "../../api";
import { Button } from "../../parts/button";
import { Icon } from "../../parts/icon";
import { AskBeforeLeaving } from "../../parts/leaving";
import { Nothing } from "../../parts/nothing";
import { tell } from "../../parts/toasts";
import { WhatIfAsked } from "../../parts/what_if";
import { may } from "../../state/access";
import { cameras, putCamera } from "../../state/session";
import type { Camera } from "../../wire";
import { count } from "../../words";
import { Editor } from "./editor";
import { firstFault } from "./faults";
import { type Kind, NAMES } from "./scene";
import { ShapeForm } from "./shape_form";
import { ShapeList } from "./shape_list";
import { Stage } from "./stage";
import { useLastHour } from "./use_footpoints";
import { useEditorKeys } from "./use_keys";
import "./zones.css";

export function Zones() {
  const { id } = useRoute().params;
  const camera = cameras.value.get(id ?? "");
  if (camera === undefined)
    return (
      <Nothing
        icon="camera"
        title="There is no such camera"
        action={
          <a class="button" href="/cameras">
            All cameras
          </a>
        }
      />
    );
  return <ZonesOf key={camera.id} camera={camera} />;
}

function ZonesOf({ camera }: { camera: Camera }) {
  const editor = useMemo(() => new Editor(camera.scene), []);
  const [hasDots, showDots] = useState(true);
  const lastHour = useLastHour(camera.id);
  const isFile = camera.scene_managed_by === "file";
  const isFixed = isFile || !may("cameras.manage");
  const shape = editor.shape.value;
  useEditorKeys(editor, isFixed);
  useSavedElsewhere(editor, camera);
  return (
    <div class="zones" data-fixed={isFixed || undefined}>
      <header class="screen-head">
        <a
          class="button quiet icon-only"
          href={`/cameras/${camera.id}`}
          aria-label={`Back to ${camera.name}`}
        >
          <Icon name="back" />
        </a>
        <h1>Zones of {camera.name}</h1>
        {!isFixed && <SaveBar camera={camera} editor={editor} />}
      </header>
      <div class="zones-body">
        <section class="zones-picture" aria-label="The picture">
          {!isFixed && <Tools editor={editor} hasDots={hasDots} onDots={() => showDots(!hasDots)} />}
          <Stage camera={camera} editor={editor} lastHour={lastHour} hasDots={hasDots} isFixed={isFixed} />
        </section>
        <div class="zones-side">
          {isFile && <Fixed id={camera.id} />}
          <section aria-label="What is drawn">
            <ShapeList editor={editor} lastHour={lastHour} />
          </section>
          {shape !== null && !isFixed && (
            <ShapeForm key={`${shape.kind} ${shape.id}`} {...{ camera, editor, shape, lastHour }} />
          )}
          {editor.isChanged.value && (
            <WhatIfAsked settings={{ camera: camera.id, scene: editor.scene.value }} />
          )}
        </div>
      </div>
      <AskBeforeLeaving
        isChanged={editor.isChanged.value}
        what="What you have drawn here is not saved yet."
      />
    </div>
  );
}

function Fixed({ id }: { id: string }) {
  return (
    <p class="panel note">
      <Icon name="lock" />
      <span>
        What is drawn here is set in the configuration file, in the entry of <code>[[cameras]]</code> with{" "}
        <code>id = "{id}"</code>. Change it there and start Nightjar again; here it can only be looked at.
      </span>
    </p>
  );
}

const KINDS: readonly Kind[] = ["zone", "line", "mask"];

function Tools({ editor, hasDots, onDots }: { editor: Editor; hasDots: boolean; onDots: () => void }) {
  const draft = editor.draft.value;
  if (draft !== null) return <DraftBar editor={editor} kind={draft.kind} />;
  return (
    <div class="zones-tools">
      {KINDS.map((kind) => (
        <Button key={kind} icon={kind} label={`Add a ${kind}`} onClick={() => editor.begin(kind)}>
          {NAMES[kind]}
        </Button>
      ))}
      <span class="zones-tools-end">
        <Button
          icon="undo"
          label="Undo"
          title="Undo (Ctrl+Z)"
          disabled={!editor.canUndo.value}
          onClick={() => editor.undo()}
        />
        <Button
          icon="redo"
          label="Redo"
          title="Redo (Ctrl+Shift+Z)"
          disabled={!editor.canRedo.value}
          onClick={() => editor.redo()}
        />
        <Button pressed={hasDots} icon="dots" label="Where objects stood in the last hour" onClick={onDots} />
      </span>
    </div>
  );
}

function DraftBar({ editor, kind }: { editor: Editor; kind: Kind }) {
  const placed = editor.draft.value?.points.length ?? 0;
  return (
    <div class="zones-tools zones-draft">
      <p role="status" class="small">
        {kind === "line"
          ? "Press both ends, or drag from one to the other."
          : "Press its corners, or drag out a rectangle."}
        {placed > 0 && <span class="unseen"> {count(placed, "point")} so far.</span>}
      </p>
      <span class="zones-tools-end">
        {placed === 0 ? (
          <Button autoFocus onClick={() => editor.finishReady()}>
            Put one in the middle
          </Button>
        ) : (
          <Button icon="undo" label="Take the last corner back" onClick={() => editor.unplace()} />
        )}
        {kind !== "line" && placed > 0 && (
          <Button
            kind="primary"
            icon="check"
            disabled={!editor.canFinish.value}
            onClick={() => editor.finish()}
          >
            Done
          </Button>
        )}
        <Button onClick={() => editor.cancel()}>Cancel</Button>
      </span>
    </div>
  );
}

function SaveBar({ camera, editor }: { camera: Camera; editor: Editor }) {
  const isChanged = editor.isChanged.value;
  const save = async () => {
    const fault = firstFault(editor.scene.value);
    if (fault !== null) {
      editor.choose(fault.ref);
      tell({ text: `Not saved. ${fault.words}`, tone: "bad" });
      return;
    }
    editor.settle();
    try {
      const { data } = await patch<Camera>(`/cameras/${camera.id}`, { scene: editor.scene.value });
      editor.wasSaved(data.scene);
      putCamera(data);
      tell({ text: "Saved. It counts from now on.", tone: "good" });
    } catch (problem) {
      tell({ text: `Not saved. ${wordsOf(problem)}`, tone: "bad" });
    }
  };
  return (
    <span class="buttons">
      <Button disabled={!isChanged} onClick={() => editor.load(camera.scene)}>
        Cancel
      </Button>
      <Button kind="primary" icon="check" disabled={!isChanged} onClick={save}>
        Save
      </Button>
    </span>
  );
}

/** What somebody else has saved is shown, unless something is being drawn here that is not saved yet. */
function useSavedElsewhere(editor: Editor, camera: Camera): void {
  useEffect(() => {
    if (editor.isSaved(camera.scene)) return;
    if (editor.isChanged.peek() || editor.draft.peek() !== null) {
      tell({ text: "Somebody else has changed what is drawn here. Saving replaces it.", tone: "bad" });
      editor.wasSaved(camera.scene);
    } else editor.load(camera.scene);
  }, [camera.scene]);
}
