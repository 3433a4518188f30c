// The live picture with what is drawn on it.

import { useRef } from "preact/hooks";
import { LiveScreen } from "../../video/live_screen";
import type { Camera } from "../../wire";
import { Dots } from "./dots";
import { Drawing } from "./drawing";
import type { Editor } from "./editor";
import { usePictureSize } from "./picture_size";
import type { LastHour } from "./use_footpoints";

interface Props {
  camera: Camera;
  editor: Editor;
  lastHour: LastHour;
  hasDots: boolean;
  /** It can only be looked at. */
  isFixed: boolean;
}

export function Stage({ camera, editor, lastHour, hasDots, isFixed }: Props) {
  const stage = useRef<HTMLDivElement>(null);
  const size = usePictureSize(stage, camera);
  return (
    <div class="zones-stage" ref={stage} style={{ "--shape": `${size.width / size.height}` }}>
      <LiveScreen camera={camera} stream="main" />
      {hasDots && <Dots points={lastHour.points} shape={editor.shape.value} size={size} />}
      <Drawing {...{ editor, size, isFixed }} noteOf={lastHour.noteOf} />
    </div>
  );
}
