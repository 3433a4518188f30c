// What nearly became an event or an alert, newest first, each with its reason.

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { get, sentence, withQuery, wordsOf } from "../../api";
import { Icon } from "../../parts/icon";
import { Nothing } from "../../parts/nothing";
import { Segmented } from "../../parts/segmented";
import { Ago } from "../../parts/signs";
import { Trace } from "../../parts/trace";
import { VirtualList } from "../../parts/virtual_list";
import { cameraList, nameOf } from "../../state/session";
import type { Candidate, Items } from "../../wire";
import { tight } from "../../words";
import { linkTo, momentOf, renewed, titleOf, type Wish, wishOf } from "./candidates";

const PAGE = 50;
const ROW_PX = 108;
const LOOK_EVERY_MS = 15_000;
const KINDS = [
  ["all", "All"],
  ["event", "No event"],
  ["alert", "No alert"],
] as const;

export function NotAlerted() {
  const { query } = useLocation();
  const wish = wishOf(query);
  const { items, problem, more } = useCandidates(wish);
  return (
    <>
      <WishBar wish={wish} />
      {problem !== "" && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      {items?.length === 0 && (
        <Nothing
          icon="check"
          title="Nothing was left out"
          text="What was seen and became no event, or no alert by a rule that nearly held, is listed here with the reason."
        />
      )}
      {items !== null && items.length > 0 && (
        <VirtualList
          label="What was not alerted, newest first"
          items={items}
          keyOf={({ id }) => id}
          estimate={() => ROW_PX}
          onEnd={more}
          row={(candidate) => <Row candidate={candidate} />}
        />
      )}
    </>
  );
}

function WishBar({ wish }: { wish: Wish }) {
  const { route } = useLocation();
  const cameraId = useId();
  const go = (change: Partial<Wish>) =>
    route(withQuery("/alerts", { tab: "missed", ...wish, ...change }), true);
  return (
    <div class="alert-filter">
      <Segmented
        label="What it did not become"
        value={wish.what === "" ? "all" : wish.what}
        options={KINDS}
        onChange={(what) => go({ what: what === "all" ? "" : what })}
      />
      <label class="unseen" for={cameraId}>
        Camera
      </label>
      <select
        id={cameraId}
        value={wish.camera}
        onChange={({ currentTarget }) => go({ camera: currentTarget.value })}
      >
        <option value="">All cameras</option>
        {cameraList.value.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

function Row({ candidate }: { candidate: Candidate }) {
  const [hasPicture, setPicture] = useState(true);
  const { camera_id, reason, started_at, steps } = candidate;
  const title = titleOf(candidate);
  const picture = withQuery(`/api/v1/cameras/${camera_id}/preview.jpg`, { at: momentOf(candidate) });
  return (
    <article class="alert-row missed-row" aria-label={title}>
      <div class="alert-picture on-picture">
        {hasPicture ? (
          <img src={picture} alt="" loading="lazy" onError={() => setPicture(false)} />
        ) : (
          <Icon name="events" />
        )}
      </div>
      <div class="alert-text">
        <p class="alert-title">
          <a href={linkTo(candidate)}>{title}</a>
        </p>
        <p class="missed-reason">{tight(sentence(reason))}</p>
        <p class="muted small">
          {nameOf(camera_id)} · <Ago iso={started_at} />
        </p>
        {steps.length > 1 && (
          <details>
            <summary>All that was asked</summary>
            <Trace steps={steps} label={`All that was asked: ${title}`} />
          </details>
        )}
      </div>
    </article>
  );
}

/** The candidates that are wished for: no message tells of them, so the newest are looked up now and then. */
function useCandidates(wish: Wish) {
  const [items, setItems] = useState<readonly Candidate[] | null>(null);
  const [problem, setProblem] = useState("");
  const next = useRef<string | null>(null);
  const isBusy = useRef(false);
  const stop = useRef(new AbortController());
  const page = (token: string | null, signal: AbortSignal) =>
    get<Items<Candidate>>(withQuery("/candidates", { ...wish, limit: PAGE, page: token }), signal);

  useEffect(() => {
    stop.current = new AbortController();
    const { signal } = stop.current;
    setItems(null);
    const look = async (isFirst: boolean) => {
      try {
        const { data } = await page(null, signal);
        if (isFirst) next.current = data.next;
        setItems((now) => (now === null ? data.items : renewed(now, data.items)));
        setProblem("");
      } catch (refused) {
        if (!signal.aborted) setProblem(wordsOf(refused));
      }
    };
    void look(true);
    const timer = setInterval(() => void look(false), LOOK_EVERY_MS);
    return () => {
      clearInterval(timer);
      stop.current.abort();
    };
  }, [wish.camera, wish.what]);

  const more = async () => {
    const [token, { signal }] = [next.current, stop.current];
    if (token === null || isBusy.current) return;
    isBusy.current = true;
    try {
      const { data } = await page(token, signal);
      if (signal.aborted) return;
      next.current = data.next;
      setItems((now) => renewed(now ?? [], data.items));
    } catch (refused) {
      if (!signal.aborted) setProblem(wordsOf(refused));
    } finally {
      isBusy.current = false;
    }
  };
  return { items, problem, more };
}
