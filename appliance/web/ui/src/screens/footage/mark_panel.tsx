// What becomes of a marked time: exported, protected, or nothing.

import { useEffect, useRef, useState } from "preact/hooks";
import { Refusal, wordsOf } from "../../api";
import { Button } from "../../parts/button";
import { Field } from "../../parts/field";
import { tell } from "../../parts/toasts";
import { may } from "../../state/access";
import { nameOf } from "../../state/session";
import { bytes, lasting } from "../../words";
import { within } from "./coverage";
import type { Desk } from "./desk";
import { exports_ } from "./exports";
import { momentOf, timeField } from "./place";
import type { View } from "./scale";
import { type Estimate, useEstimate } from "./use_estimate";

export function MarkPanel({ desk }: { desk: Desk }) {
  const marked = desk.marked.value;
  const [chosen, setChosen] = useState("all");
  const [isExact, setExact] = useState(true);
  const [error, setError] = useState<string | null>(null);
  const shown = desk.cameras.value;
  const cameras = shown.includes(chosen) ? [chosen] : [...shown];
  const estimate = useEstimate(desk, cameras, marked);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => setError(null), [marked]);
  // On a phone it comes below what is seen.
  useEffect(() => panel.current?.scrollIntoView({ block: "nearest" }), [marked === null]);
  if (marked === null) return null;
  const take = async () => {
    try {
      for (const id of cameras)
        await exports_.add({ camera_id: id, from: iso(marked.fromMs), to: iso(marked.toMs), exact: isExact });
      tell({ text: "The file is being made; it is in the list below." });
    } catch (problem) {
      if (!(problem instanceof Refusal)) throw problem;
      setError(wordsOf(problem));
    }
  };
  return (
    <section ref={panel} class="panel mark-panel" aria-label="The marked time">
      <div class="mark-fields">
        <TimeField desk={desk} label="From" end="fromMs" marked={marked} />
        <TimeField desk={desk} label="To" end="toMs" marked={marked} />
        {shown.length > 1 && (
          <Field label="Of">
            <select value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
              <option value="all">all {shown.length} cameras</option>
              {shown.map((id) => (
                <option key={id} value={id}>
                  {nameOf(id)}
                </option>
              ))}
            </select>
          </Field>
        )}
        <Field label="Cut">
          <select
            value={isExact ? "exact" : "keyframe"}
            onChange={(event) => setExact(event.currentTarget.value === "exact")}
          >
            <option value="exact">exactly here</option>
            <option value="keyframe">a little before, for any player</option>
          </select>
        </Field>
      </div>
      {error !== null && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      <div class="actions">
        <p class="mark-sum">
          <strong>{lasting(marked.toMs - marked.fromMs)}</strong>{" "}
          <span class="muted">{sizeWords(estimate)}</span>
        </p>
        <Button kind="primary" icon="download" onClick={take}>
          {cameras.length > 1 ? `Export ${cameras.length} files` : "Export"}
        </Button>
        {may("footage.manage") && <Protect desk={desk} cameras={cameras} marked={marked} />}
        <Button kind="quiet" icon="close" label="Mark nothing" onClick={() => desk.unmark()} />
      </div>
    </section>
  );
}

function TimeField({
  desk,
  label,
  end,
  marked,
}: {
  desk: Desk;
  label: string;
  end: "fromMs" | "toMs";
  marked: View;
}) {
  const [error, setError] = useState<string | null>(null);
  useEffect(() => setError(null), [marked]);
  const change = (text: string) => {
    const ms = momentOf(text, marked[end]);
    const next = { ...marked, [end]: ms ?? marked[end] };
    if (ms === null) setError("Enter a day and a time.");
    else if (next.fromMs >= next.toMs) setError("The end has to be after the begin.");
    else desk.marked.value = next;
  };
  return (
    <div class="mark-field">
      <Field label={label} error={error}>
        <input
          type="datetime-local"
          step="1"
          value={timeField(marked[end])}
          onChange={(event) => change(event.currentTarget.value)}
        />
      </Field>
      <Button
        kind="quiet"
        small
        label={`${label}: the moment that is shown`}
        onClick={() => desk.markEnd(end)}
      >
        Here
      </Button>
    </div>
  );
}

function Protect({ desk, cameras, marked }: { desk: Desk; cameras: readonly string[]; marked: View }) {
  void desk.held.changes.value;
  const { fromMs, toMs } = marked;
  const sums = cameras.map((id) => within(desk.held.intervals(id, fromMs, toMs), fromMs, toMs));
  const recorded = sums.reduce((sum, one) => sum + one.recorded, 0);
  const guarded = sums.reduce((sum, one) => sum + one.isProtected, 0);
  // Of a long time seen from afar it is not known to the second: both are offered.
  const isKnown = cameras.every((id) => desk.held.isWhole(id, fromMs, toMs));
  const isAll = isKnown && recorded > 0 && guarded >= recorded * 0.999;
  return (
    <>
      {!isAll && (
        <Button icon="lock" onClick={() => desk.protect(cameras, marked, true, isKnown && guarded === 0)}>
          {guarded > 0 ? "Protect all of it" : "Protect"}
        </Button>
      )}
      {(isAll || !isKnown) && (
        <Button icon="unlock" onClick={() => desk.protect(cameras, marked, false, true)}>
          Stop protecting
        </Button>
      )}
    </>
  );
}

function sizeWords(estimate: Estimate | null): string {
  if (estimate === null) return "";
  if (estimate.bytes === 0) return "nothing of it is recorded";
  return estimate.bytes === null ? "size unknown" : `about ${bytes(estimate.bytes)}`;
}

const iso = (ms: number) => new Date(Math.round(ms)).toISOString();
