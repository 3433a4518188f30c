// What stands above events: the day, and what went on at a camera for a while.

import { Button } from "../../parts/button";
import { Severity } from "../../parts/signs";
import { nameOf } from "../../state/session";
import { clock, count, dateOf, lasting, tight } from "../../words";
import { dayOf, type Run } from "./rows";

const DAY_MS = 86_400_000;

export function DayHead({ dayMs }: { dayMs: number }) {
  const today = dayOf(Date.now());
  const word = dayMs === today ? "Today" : dayMs === dayOf(today - DAY_MS / 2) ? "Yesterday" : null;
  return (
    <h2 class="day-head">
      {word !== null && <span>{word}</span>}
      <span class={word !== null ? "muted" : undefined}>{dateOf(dayMs)}</span>
    </h2>
  );
}

interface BatchProps {
  run: Run;
  /** How many of them nobody has looked at. */
  unreviewed: number;
  onReview: () => unknown;
}

export function BatchHead({ run, unreviewed, onReview }: BatchProps) {
  const { batch, firstMs, lastMs } = run;
  const what = batch?.summary || nameOf(run.cameraId);
  const all = Math.max(run.count, batch?.event_count ?? 0);
  const howMany = run.count < all ? `${run.count} of ${count(all, "event")}` : count(all, "event");
  return (
    <div class="batch-head" data-severity={run.severity}>
      <h3>{tight(what)}</h3>
      {unreviewed > 0 && (
        <Button
          needs="events.review"
          kind="quiet"
          small
          icon="check"
          label={`Mark ${count(unreviewed, "event")} as reviewed: ${what}`}
          title="Mark these as reviewed"
          onClick={onReview}
        >
          <span class="wide-word">Mark </span>
          {unreviewed}
          <span class="wide-word"> reviewed</span>
        </Button>
      )}
      <p class="event-line">
        <Severity of={run.severity} />
        <span>
          {clock(firstMs)}
          {clock(firstMs) !== clock(lastMs) && ` – ${clock(lastMs)}`}
        </span>
        {!batch?.summary && <span>{lasting(lastMs - firstMs)}</span>}
        <span>{howMany}</span>
        {batch?.state === "open" && <span class="batch-open">going on</span>}
      </p>
    </div>
  );
}
