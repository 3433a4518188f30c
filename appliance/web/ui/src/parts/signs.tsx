// Small signs: severities, states, ages.

import { ago, moment, SEVERITIES, type Severity as Word } from "../words";

export type Tone = "good" | "wait" | "warn" | "bad" | "idle";

/** A severity: a word and a colour. */
export function Severity({ of }: { of: Word }) {
  return (
    <span class="severity" data-severity={of}>
      {SEVERITIES[of]}
    </span>
  );
}

/** A state: a word with a dot in its tone. */
export function Pill({ tone, text, title }: { tone: Tone; text: string; title?: string }) {
  return (
    <span class="pill" data-tone={tone} title={title}>
      <span class="dot" aria-hidden="true" />
      <span>{text}</span>
    </span>
  );
}

/** How long ago something was, kept right; the moment itself on hover. */
export function Ago({ iso }: { iso: string }) {
  return (
    <time dateTime={iso} title={moment(Date.parse(iso))}>
      {ago(iso)}
    </time>
  );
}
