// What needs attention, each with what it means and what to do; and that all the rest is well.

import { Icon } from "../../parts/icon";
import { Pill } from "../../parts/signs";
import { may } from "../../state/access";
import type { HealthReport } from "../../wire";
import { count } from "../../words";
import { WithCode } from "./bits";
import { type Concern, type HowMuch, verdictOf } from "./concerns";
import { partWords } from "./part_words";

export function Attention({
  concerns,
  health,
  known,
}: {
  concerns: readonly Concern[];
  health: HealthReport | null;
  known: HowMuch;
}) {
  const well = (health?.parts ?? []).filter((part) => part.level === "ok");
  const { tone, text } = verdictOf(concerns, known);
  return (
    <section class="panel sys-health" data-tone={tone} aria-labelledby="sys-health">
      <div role="status">
        <h2 id="sys-health" class="sys-verdict">
          <Icon name={tone === "good" ? "check" : tone === "wait" ? "info" : "warn"} />
          {text}
        </h2>
      </div>
      {concerns.length > 0 && (
        <ul class="sys-concerns">
          {concerns.map((concern) => (
            <ConcernItem key={concern.id} concern={concern} />
          ))}
        </ul>
      )}
      {well.length > 0 && (
        <details class="sys-well">
          <summary>{count(well.length, "part of the service is", "parts of the service are")} well</summary>
          <ul>
            {well.map((part) => (
              <li key={part.part}>
                <Icon name="check" />
                {partWords(part.part).name}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

// Who is told of alerts is not for everybody who may see how the box is doing.
const isOpen = (href: string) => !href.startsWith("/alerts?tab=send") || may("targets.view");

function ConcernItem({ concern }: { concern: Concern }) {
  return (
    <li data-tone={concern.tone}>
      <div class="sys-concern-head">
        <h3>{concern.title}</h3>
        <Pill tone={concern.tone} text={concern.tone === "bad" ? "Failed" : "Look at it"} />
      </div>
      {concern.found !== "" && <p class="sys-found">{concern.found}</p>}
      <dl>
        <dt>What it means</dt>
        <dd>{concern.means}</dd>
        <dt>What to do</dt>
        <dd>
          <WithCode text={concern.next} />{" "}
          {concern.link && isOpen(concern.link.href) && <a href={concern.link.href}>{concern.link.text}</a>}
        </dd>
      </dl>
    </li>
  );
}
