// Why it is an event, who was told of it, and which rule nearly alerted.

import { Trace } from "../../parts/trace";
import type { Event, TraceStep } from "../../wire";
import { tight } from "../../words";
import { useWhy } from "./use_event";

export function Decision({ event }: { event: Event }) {
  const why = useWhy(event);
  if (why === null) return null;
  const { steps, alerts, not_alerted: missed } = why;
  if (steps.length === 0 && alerts.length === 0 && missed.length === 0) return null;
  return (
    <section class="panel story-decision" aria-labelledby="story-decision">
      <h2 id="story-decision">Why is this an event?</h2>
      {steps.length > 0 ? (
        <Trace steps={steps} label="Why this is an event" />
      ) : (
        <p class="muted">It is from before reasons were kept.</p>
      )}
      {alerts.map(({ alert_id, rule_name, steps }) => (
        <Rule key={alert_id} title={`Rule “${rule_name}” alerted`} steps={steps} />
      ))}
      {missed.map(({ id, rule_name, reason, steps }) => (
        <Rule
          key={id}
          title={`Rule “${rule_name ?? "since deleted"}” did not alert: ${tight(reason)}`}
          steps={steps}
        />
      ))}
    </section>
  );
}

function Rule({ title, steps }: { title: string; steps: readonly TraceStep[] }) {
  if (steps.length === 0) return <p>{title}</p>;
  return (
    <details>
      <summary>{title}</summary>
      <Trace steps={steps} label={title} />
    </details>
  );
}
