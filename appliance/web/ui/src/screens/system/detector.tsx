// The detector: what looks at the pictures, how it gets on, and the models that it can work with.

import { sentence } from "../../api";
import { Pill, type Tone } from "../../parts/signs";
import { detector } from "../../state/session";
import type { QueueReport } from "../../wire";
import { count } from "../../words";
import { Figure, Figures, Panel } from "./bits";
import { ModelList } from "./models";

const STATES: Record<string, readonly [string, Tone]> = {
  ready: ["At work", "good"],
  starting: ["Starting", "wait"],
  failed: ["Failed", "bad"],
};

export function Detector({ queue }: { queue: QueueReport | undefined }) {
  const status = detector.value;
  const [word, tone] = STATES[status?.state ?? ""] ?? ["Not known", "idle"];
  return (
    <Panel title="Detector" icon="boxes" place="sys-detector" aside={<Pill tone={tone} text={word} />}>
      <p class="sys-big">{status?.name || "No detector yet"}</p>
      {status?.note && status.progress == null && <p>{sentence(status.note)}</p>}
      {queue !== undefined && (
        <Figures>
          <Figure name="Waiting for it" value={count(queue.length ?? 0, "frame")} />
          <Figure
            name="Left out for newer ones"
            value={count(queue.dropped_last_hour ?? 0, "frame")}
            note="in the last hour"
          />
        </Figures>
      )}
      <ModelList />
    </Panel>
  );
}
