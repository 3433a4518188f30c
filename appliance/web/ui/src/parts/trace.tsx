import type { TraceStep } from "../wire";
import { tight } from "../words";
import { Icon } from "./icon";
import "./trace.css";

/** The steps of a decision: what was asked, and whether it spoke for it. */
export function Trace({ steps, label }: { steps: readonly TraceStep[]; label: string }) {
  return (
    <ol class="trace" aria-label={label}>
      {steps.map(({ name, passed, detail }, index) => (
        <li key={`${name} ${index}`} data-passed={passed}>
          <Icon name={passed ? "check" : "close"} />
          <span>
            <span class="unseen">{passed ? "Yes: " : "No: "}</span>
            {tight(detail)}
          </span>
        </li>
      ))}
    </ol>
  );
}
