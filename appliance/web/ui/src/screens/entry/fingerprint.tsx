import { access } from "../../state/access";

/** By what one can tell that this is the own box: its certificate vouches for nothing else. */
export function Fingerprint() {
  const print = access.value?.fingerprint ?? null;
  if (print === null) return null;
  return (
    <details class="entry-print">
      <summary>Is this my box?</summary>
      <p class="muted">
        Compare the certificate that your browser shows with the fingerprint that Nightjar prints at its start
        and with <code>nightjar setup-token</code>:
      </p>
      <code class="entry-hash">{print}</code>
    </details>
  );
}
