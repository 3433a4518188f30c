// The alerts, newest first: what is new is at the top at once.

import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { get, withQuery, wordsOf } from "../../api";
import { useKeys } from "../../keys";
import { Button } from "../../parts/button";
import { Nothing } from "../../parts/nothing";
import { tell } from "../../parts/toasts";
import { VirtualList } from "../../parts/virtual_list";
import { useFollowed } from "../../state/follow";
import type { Alert, Items } from "../../wire";
import { acknowledge, acknowledgeAll, dismiss, dismissAll, hidden } from "./acts";
import { AlertRow } from "./alert_row";
import { AlertFilter } from "./filter";
import { applied, asked, type Filter, filterOf, joined, put } from "./list";
import { NoAlerts } from "./no_alerts";

const NONE: readonly Alert[] = [];
const PAGE = 50;
const ROW_PX = 108;

export function AlertList() {
  const { query, route } = useLocation();
  const filter = filterOf(query);
  const list = useAlerts(filter);
  const away = hidden.value;
  const shown = useMemo(() => list.items.filter(({ id }) => !away.has(id)), [list.items, away]);
  const [at, setAt] = useState(-1);
  useEffect(() => setAt(-1), [JSON.stringify(filter)]);
  const chosen = shown[at];
  const move = (step: number) => setAt(Math.min(Math.max(at + step, 0), shown.length - 1));
  const seen = (alert: Alert) => acknowledge(alert, list.take);
  useKeys("Alerts", [
    { keys: "j", does: "Next alert", act: () => move(1) },
    { keys: "k", does: "Previous alert", act: () => move(-1) },
    { keys: "Enter", does: "Open its event", act: () => chosen && route(`/events/${chosen.event_id}`) },
    { keys: "a", does: "Acknowledge it", act: () => chosen && void act(() => seen(chosen)) },
    { keys: "d", does: "Dismiss it", act: () => chosen && dismiss(chosen, list.take) },
  ]);
  const newest = shown[0];
  const canAll = filter.state === "open" && filter.camera === "" && filter.severity === "" && newest;
  return (
    <>
      <div class="alert-bar">
        <AlertFilter filter={filter} />
        {canAll && (
          <span class="buttons">
            <Button small icon="check" onClick={() => acknowledgeAll(newest)}>
              Acknowledge all
            </Button>
            <Button small onClick={() => dismissAll(newest, shown)}>
              Dismiss all
            </Button>
          </span>
        )}
      </div>
      {list.problem !== "" && (
        <p class="error" role="alert">
          {list.problem}{" "}
          <Button small onClick={list.again}>
            Try again
          </Button>
        </p>
      )}
      {list.isLoaded && shown.length === 0 && list.isWhole ? (
        <Empty filter={filter} />
      ) : (
        <VirtualList
          label="Alerts, newest first"
          items={shown}
          keyOf={({ id }) => id}
          estimate={() => ROW_PX}
          onEnd={list.more}
          reveal={at}
          row={(alert, index) => (
            <AlertRow
              alert={alert}
              isChosen={index === at}
              onSeen={() => seen(alert)}
              onDismiss={() => dismiss(alert, list.take)}
            />
          )}
        />
      )}
    </>
  );
}

async function act(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (problem) {
    tell({ text: wordsOf(problem), tone: "bad" });
  }
}

function Empty({ filter }: { filter: Filter }) {
  if (filter.state === "open" && filter.camera === "" && filter.severity === "") return <NoAlerts />;
  return <Nothing icon="filter" title="No such alerts" text="None is as you asked for." />;
}

/** The alerts that a filter wants: fetched page by page, followed by messages. */
function useAlerts(filter: Filter) {
  const key = JSON.stringify(filter);
  const items = useSignal<readonly Alert[]>([]);
  const next = useSignal<string | null>(null);
  const problem = useSignal("");
  const loaded = useSignal("");
  const asking = useSignal(false);
  const [attempt, setAttempt] = useState(0);
  const page = (token: string | null, signal?: AbortSignal) =>
    get<Items<Alert>>(withQuery("/alerts", { ...asked(filter), limit: PAGE, page: token }), signal);

  useFollowed(
    async (signal) => {
      try {
        const { data, cursor } = await page(null, signal);
        items.value = data.items;
        next.value = data.next;
        problem.value = "";
        loaded.value = key;
        return cursor;
      } catch (refused) {
        if (!signal.aborted) problem.value = wordsOf(refused);
        return null;
      }
    },
    (said) => {
      items.value = applied(items.value, said, filter, next.value === null);
    },
    [key, attempt],
  );
  const more = async () => {
    const token = next.value;
    if (token === null || asking.value || loaded.value !== key) return;
    asking.value = true;
    try {
      const { data } = await page(token);
      if (next.value !== token) return;
      items.value = joined(items.value, data.items);
      next.value = data.next;
    } catch (refused) {
      problem.value = wordsOf(refused);
    } finally {
      asking.value = false;
    }
  };
  const isLoaded = loaded.value === key;
  return {
    items: isLoaded ? items.value : NONE,
    isLoaded,
    isWhole: next.value === null,
    problem: problem.value,
    more,
    again: () => setAttempt(attempt + 1),
    take: (alert: Alert) => {
      items.value = put(items.value, alert, filter, next.value === null);
    },
  };
}
