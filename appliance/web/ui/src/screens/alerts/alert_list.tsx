// The alerts, newest first: what is new is at the top at once.

import { useSignal } from "@preact/signals";
import { useMemo, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { get, withQuery, wordsOf } from "../../api";
import { useKeys } from "../../keys";
import type { Message } from "../../messages";
import { Button } from "../../parts/button";
import { useCurrent } from "../../parts/current";
import { Nothing } from "../../parts/nothing";
import { tell } from "../../parts/toasts";
import { VirtualList } from "../../parts/virtual_list";
import { may } from "../../state/access";
import { useFollowed } from "../../state/follow";
import type { Alert, Items } from "../../wire";
import { useSaying } from "../events/use_news";
import { acknowledge, acknowledgeAll, dismiss, dismissAll, hidden, hiddenUntil, isHidden } from "./acts";
import { AlertRow, whatOf } from "./alert_row";
import { AlertFilter } from "./filter";
import { applied, asked, type Filter, filterOf, joined, matches, put } from "./list";
import { NoAlerts } from "./no_alerts";

const NONE: readonly Alert[] = [];
const HANDLE = "alerts.handle";
const PAGE = 50;
const ROW_PX = 108;
const RETRY_MS = 3000;
const idOf = ({ id }: Alert) => id;

export function AlertList() {
  const { query, route } = useLocation();
  const filter = filterOf(query);
  const list = useAlerts(filter);
  const shown = useMemo(
    () => list.items.filter((alert) => !isHidden(alert)),
    [list.items, hidden.value, hiddenUntil.value],
  );
  const current = useCurrent(shown, idOf, `/alerts ${JSON.stringify(filter)}`);
  const chosen = shown[current.index];
  const seen = (alert: Alert) => acknowledge(alert, list.take);
  useKeys("Alerts", [
    { keys: "j", does: "Next alert", act: () => current.step(1), mayRepeat: true },
    { keys: "k", does: "Previous alert", act: () => current.step(-1), mayRepeat: true },
    { keys: "Enter", does: "Open its event", act: () => chosen && route(`/events/${chosen.event_id}`) },
    { keys: "a", needs: HANDLE, does: "Acknowledge it", act: () => chosen && void act(() => seen(chosen)) },
    { keys: "d", needs: HANDLE, does: "Dismiss it", act: () => chosen && dismiss(chosen, list.take) },
  ]);
  const newest = shown[0];
  const canAll = filter.state === "open" && filter.camera === "" && filter.severity === "" && newest;
  return (
    <>
      <div class="alert-bar">
        <AlertFilter filter={filter} />
        {canAll && may(HANDLE) && (
          <span class="buttons">
            <Button small icon="check" onClick={() => acknowledgeAll(newest)}>
              Acknowledge all
            </Button>
            <Button small onClick={() => dismissAll(newest)}>
              Dismiss all
            </Button>
          </span>
        )}
      </div>
      {list.problem !== "" && (
        <p class="error" role="alert">
          {list.problem}{" "}
          {list.isLoaded && (
            <Button small onClick={list.more}>
              Try again
            </Button>
          )}
        </p>
      )}
      {list.isLoaded && shown.length === 0 && list.isWhole ? (
        <Empty filter={filter} />
      ) : (
        <VirtualList
          label="Alerts, newest first"
          items={shown}
          keyOf={idOf}
          estimate={() => ROW_PX}
          onEnd={list.more}
          reveal={current.isByKey ? current.index : -1}
          row={(alert, index) => (
            <AlertRow
              alert={alert}
              isChosen={index === current.index}
              hasFocus={index === current.index && current.isByKey}
              onChoose={() => current.choose(alert.id)}
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
  const [attempt, setAttempt] = useState(0);
  const say = useSaying("alerts");
  const wanted = useRef(filter);
  wanted.current = filter;
  // What has changed since a page was asked for: the page may be older than that. Null while none is.
  const since = useRef<((items: readonly Alert[]) => readonly Alert[])[] | null>(null);
  const change = (how: (items: readonly Alert[]) => readonly Alert[]) => {
    since.current?.push(how);
    items.value = how(items.value);
  };
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
        if (signal.aborted) return null;
        problem.value = `${wordsOf(refused)} Trying again …`;
        setTimeout(() => !signal.aborted && setAttempt((n) => n + 1), RETRY_MS);
        return null;
      }
    },
    (said: Message) => {
      change((now) => applied(now, said, wanted.current, next.value === null));
      if (said.type === "alert_created" && matches(said.data, wanted.current)) say(whatOf(said.data));
    },
    [key, attempt],
  );
  const more = async () => {
    const token = next.value;
    if (token === null || since.current !== null || loaded.value !== key) return;
    since.current = [];
    try {
      const { data } = await page(token);
      if (next.value !== token) return;
      items.value = joined(items.value, data.items);
      next.value = data.next;
      problem.value = "";
      for (const again of since.current) items.value = again(items.value);
    } catch (refused) {
      problem.value = wordsOf(refused);
    } finally {
      since.current = null;
    }
  };
  const isLoaded = loaded.value === key;
  return {
    items: isLoaded ? items.value : NONE,
    isLoaded,
    isWhole: next.value === null,
    problem: problem.value,
    more,
    take: (alert: Alert) => change((now) => put(now, alert, wanted.current, next.value === null)),
  };
}
