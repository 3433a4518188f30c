// What became of each alert that was to be sent, newest first.

import { useEffect, useState } from "preact/hooks";
import { get, withQuery, wordsOf } from "../../api";
import { Button } from "../../parts/button";
import { Ago, Pill } from "../../parts/signs";
import { nameOf } from "../../state/session";
import type { Delivery, Items, Target } from "../../wire";
import { usePolled } from "../system/polled";
import { STATES } from "./target_words";

const EVERY_MS = 4000;
const PAGE = 50;
const keyOf = ({ alert_id, target_id }: Delivery) => `${alert_id}.${target_id}`;

export function Deliveries({ targets }: { targets: readonly Target[] }) {
  const [target, setTarget] = useState("");
  const [state, setState] = useState("");
  const asked = { target, state, limit: PAGE };
  const { data, problem } = usePolled<Items<Delivery>>(withQuery("/deliveries", asked), EVERY_MS);
  const { older, more, hasMore } = useOlder(asked, data);
  const shown = joined(data?.items ?? [], older);
  return (
    <section class="deliveries" aria-labelledby="deliveries-head">
      <header class="screen-head">
        <h2 id="deliveries-head">What was sent</h2>
        <span class="buttons">
          <select
            aria-label="Target"
            value={target}
            onChange={(event) => setTarget(event.currentTarget.value)}
          >
            <option value="">All targets</option>
            {targets.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
          <select aria-label="State" value={state} onChange={(event) => setState(event.currentTarget.value)}>
            <option value="">Any state</option>
            {Object.entries(STATES).map(([value, { text }]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </span>
      </header>
      {problem !== null && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      {data !== null && shown.length === 0 && (
        <p class="muted">
          {target === "" && state === ""
            ? "Nothing yet: it begins with the next alert."
            : "Nothing like this."}
        </p>
      )}
      <ol class="delivery-list">
        {shown.map((delivery) => (
          <DeliveryRow key={keyOf(delivery)} delivery={delivery} />
        ))}
      </ol>
      {hasMore && (
        <p>
          <Button small onClick={more}>
            Show older ones
          </Button>
        </p>
      )}
    </section>
  );
}

function DeliveryRow({ delivery }: { delivery: Delivery }) {
  const { state, summary, event_id, target_name, camera_id, created_at, attempts, reason, next_at } =
    delivery;
  const tries = attempts > 1 ? ` · ${attempts} attempts` : "";
  return (
    <li class="delivery">
      <Pill tone={STATES[state].tone} text={STATES[state].text} />
      <span class="delivery-what">
        <a href={`/events/${event_id}`}>{summary || `An alert at ${nameOf(camera_id)}`}</a>
        <span class="muted small">
          {target_name} · <Ago iso={created_at} />
          {tries}
        </span>
        {reason !== "" && (
          <span class="small">
            {reason.charAt(0).toUpperCase() + reason.slice(1)}
            {state === "waiting" && next_at !== null && (
              <>
                {"; next attempt "}
                <Ago iso={next_at} />
              </>
            )}
          </span>
        )}
      </span>
    </li>
  );
}

/** The pages after the first one, which is asked for again and again. */
function useOlder(asked: { target: string; state: string }, first: Items<Delivery> | null) {
  const [older, setOlder] = useState<readonly Delivery[]>([]);
  const [next, setNext] = useState<string | null | undefined>(undefined);
  useEffect(() => {
    setOlder([]);
    setNext(undefined);
  }, [asked.target, asked.state]);
  const page = next === undefined ? (first?.next ?? null) : next;
  const more = async () => {
    const { data } = await get<Items<Delivery>>(withQuery("/deliveries", { ...asked, page })).catch(
      (refused: unknown) => {
        throw new Error(wordsOf(refused));
      },
    );
    setOlder((now) => [...now, ...data.items]);
    setNext(data.next);
  };
  return { older, more, hasMore: page !== null };
}

/** The first page as it is now, and of the others what is not in it. */
export function joined(first: readonly Delivery[], older: readonly Delivery[]): readonly Delivery[] {
  const known = new Set(first.map(keyOf));
  return [...first, ...older.filter((one) => !known.has(keyOf(one)))];
}
