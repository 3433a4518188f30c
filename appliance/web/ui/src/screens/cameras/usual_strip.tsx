// What is usual at a camera: on how many of the days each label comes at each hour.

import { useEffect, useState } from "preact/hooks";
import { get } from "../../api";
import type { Baseline, LabelBaseline } from "../../wire";
import { count } from "../../words";
import { inWords, STEPS, shown, stepOf } from "./usual";
import "./usual.css";

export function Usual({ cameraId }: { cameraId: string }) {
  const [usual, setUsual] = useState<Baseline | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    get<Baseline>(`/cameras/${cameraId}/baseline`, stop.signal).then(
      ({ data }) => setUsual(data),
      () => undefined,
    );
    return () => stop.abort();
  }, [cameraId]);
  if (usual === null || usual.labels.length === 0) return null;
  return (
    <section class="panel usual-here" aria-labelledby="usual">
      <h2 id="usual">What is usual here</h2>
      <p class="muted small">{basis(usual)}</p>
      {shown(usual.labels).map((one) => (
        <Label key={one.label} of={one} />
      ))}
      <p class="usual-scale muted small" aria-hidden="true">
        {STEPS.map((word, step) => (
          <span key={word}>
            <i data-step={step} /> {word}
          </span>
        ))}
      </p>
    </section>
  );
}

function basis({ days, needed_days }: Baseline): string {
  const learnt =
    days < 1 ? "Learnt on less than a day so far." : `Learnt on ${count(Math.round(days), "day")}.`;
  return days < needed_days
    ? `${learnt} It counts in the risk once there are ${needed_days}.`
    : `${learnt} What is rare at its hour counts up in the risk, what is usual down.`;
}

function Label({ of: { label, workdays, weekends } }: { of: LabelBaseline }) {
  const name = label.charAt(0).toUpperCase() + label.slice(1);
  return (
    <div class="usual-label">
      <h3>{name}</h3>
      <Strip name="Workdays" words={inWords(name, "workdays", workdays)} shares={workdays} />
      <Strip name="Weekends" words={inWords(name, "weekends", weekends)} shares={weekends} />
    </div>
  );
}

function Strip({ name, words, shares }: { name: string; words: string; shares: readonly number[] }) {
  return (
    <div class="usual-row">
      <span class="muted small" aria-hidden="true">
        {name}
      </span>
      <div class="usual-strip" role="img" aria-label={words} title={words}>
        {shares.map((share, hour) => (
          <i key={hour} data-step={stepOf(share)} />
        ))}
      </div>
    </div>
  );
}
