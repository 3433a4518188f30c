// The feed: what happened, newest first, and what is happening just now.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { wordsOf } from "../../api";
import { useKeys } from "../../keys";
import { announce } from "../../parts/announcer";
import { Button } from "../../parts/button";
import { type ListHandle, VirtualList } from "../../parts/virtual_list";
import { nameOf } from "../../state/session";
import type { Event } from "../../wire";
import { SEVERITIES } from "../../words";
import { deleteEvent, hidden, protect, review, told, undoLast, whatOf } from "./acts";
import { NoteDialog, ReviewAllDialog } from "./dialogs";
import { Empty } from "./empty";
import { EventRow, type RowActs } from "./event_row";
import type { Feed } from "./feed";
import { ALL, addressOf, countOf, type EventFilter, filterOf } from "./filter";
import { Filters } from "./filters";
import { BatchHead, DayHead } from "./heads";
import { News } from "./news";
import { lookAway, Preview } from "./preview";
import { type Row, rowsOf } from "./rows";
import { useCurrent } from "./use_current";
import { useFeed } from "./use_feed";
import { useLabels } from "./use_labels";
import "./events.css";

const NO_ENTRIES: [] = [];
const isPhone = matchMedia("(max-width: 40rem)");
const HEIGHTS = { day: 44, batch: 62, event: 118, phone: 168 };
const heightOf = (row: Row) =>
  row.kind === "event" ? (isPhone.matches ? HEIGHTS.phone : HEIGHTS.event) : HEIGHTS[row.kind];
const keyOf = (row: Row) => row.key;

export function Events() {
  const { url, route } = useLocation();
  const filter = useMemo(() => filterOf(url), [url]);
  const news = useNews();
  const { feed, version, problem } = useFeed(filter, news.heard);
  const entries = feed?.store.entries ?? NO_ENTRIES;
  const labels = useLabels(filter, entries, version);
  const rows = useMemo(
    () => (feed === null ? [] : rowsOf(entries, feed.batches, hidden.value)),
    [feed, version, hidden.value],
  );
  const [areFiltersOpen, openFilters] = useState(false);
  const [isReviewOpen, openReview] = useState(false);
  const setFilter = (next: EventFilter) => route(addressOf("/events", next), true);
  const unreviewed = () =>
    entries.filter(({ event }) => !event.reviewed && !hidden.value.has(event.id)).length;
  return (
    <div class="events">
      <header class="screen-head">
        <h1>Events</h1>
        <Button
          icon="filter"
          pressed={countOf(filter) > 0}
          label={areFiltersOpen ? "Fold the filters" : "Show the filters"}
          onClick={() => openFilters(!areFiltersOpen)}
        >
          {countOf(filter) > 0 ? `Filters (${countOf(filter)})` : "Filters"}
        </Button>
        <Button
          icon="check"
          label="Mark all as reviewed"
          onClick={() => openReview(true)}
          disabled={rows.length === 0}
        >
          Mark all<span class="wide-word"> reviewed</span>
        </Button>
      </header>
      <div class="filter-fold" data-open={areFiltersOpen}>
        <Filters filter={filter} labels={labels} onChange={setFilter} onClear={() => setFilter(ALL)} />
      </div>
      {problem !== null && (
        <p class="error" role="alert">
          {problem} Trying again …
        </p>
      )}
      {feed !== null && (
        <List
          key={addressOf("/events", feed.filter)}
          feed={feed}
          rows={rows}
          news={news}
          onFilters={() => openFilters(true)}
          onReviewAll={() => openReview(true)}
          onClear={() => setFilter(ALL)}
        />
      )}
      <ReviewAllDialog
        isOpen={isReviewOpen}
        filter={filter}
        newest={entries[0]?.event ?? null}
        known={isReviewOpen ? unreviewed() : 0}
        isComplete={feed?.store.isComplete ?? false}
        onClose={() => openReview(false)}
      />
      <Preview />
    </div>
  );
}

type NewsBoard = ReturnType<typeof useNews>;

/** What has come in by itself: said to whoever hears the page, and counted while somebody reads further down. */
function useNews() {
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const isTop = useRef(true);
  const news = useMemo(
    () =>
      new News(
        announce,
        () => performance.now(),
        setTimeoutOf,
        (timer) => window.clearTimeout(timer),
      ),
    [],
  );
  useEffect(() => () => news.close(), []);
  return {
    fresh,
    heard: (event: Event) => {
      news.add(`${SEVERITIES[event.severity]}: ${whatOf(event)} at ${nameOf(event.camera_id)}`);
      if (!isTop.current) setFresh((before) => new Set(before).add(event.id));
    },
    onTop: (is: boolean) => {
      isTop.current = is;
      if (is) setFresh(new Set());
    },
  };
}

const setTimeoutOf = (work: () => void, ms: number) => window.setTimeout(work, ms);

interface ListProps {
  feed: Feed;
  rows: readonly Row[];
  news: NewsBoard;
  onFilters: () => void;
  onReviewAll: () => void;
  onClear: () => void;
}

function List({ feed, rows, news, onFilters, onReviewAll, onClear }: ListProps) {
  const { route } = useLocation();
  const list = useRef<ListHandle>(null);
  const current = useCurrent(rows, addressOf("/events", feed.filter));
  const [explained, setExplained] = useState<ReadonlySet<string>>(new Set());
  const [noted, setNoted] = useState<Event | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const take = (event: Event, cursor: number) => feed.take(event, cursor);
  const more = async () => {
    setProblem(null);
    try {
      await feed.more();
    } catch (error) {
      setProblem(wordsOf(error));
    }
  };
  const acts: RowActs = {
    review: (event) => review(event, take),
    note: setNoted,
    protect,
    remove: deleteEvent,
    choose: (event) => current.choose(event.id),
    why: ({ id }) => setExplained((before) => turned(before, id)),
  };
  const withCurrent = (act: (event: Event) => unknown) => () => {
    const row = rows[current.index];
    if (row?.kind !== "event") current.step(1);
    else void told(Promise.resolve(act(row.event)));
  };
  useKeys("Events", [
    { keys: "j", does: "Next event", act: () => current.step(1) },
    { keys: "k", does: "Previous event", act: () => current.step(-1) },
    { keys: "Enter", does: "Play it", act: withCurrent((event) => route(`/events/${event.id}`)) },
    { keys: "r", does: "Mark it as reviewed, or not", act: withCurrent(acts.review) },
    { keys: "n", does: "Write a note", act: withCurrent(acts.note) },
    { keys: "p", does: "Protect its footage", act: withCurrent(acts.protect) },
    { keys: "w", does: "Why this severity?", act: withCurrent(acts.why) },
    { keys: "Delete", does: "Delete it", act: withCurrent(acts.remove) },
    { keys: "u", does: "Undo", act: undoLast },
    { keys: "f", does: "Filters", act: () => goToFilters(onFilters) },
    { keys: "a", does: "Mark all as reviewed", act: onReviewAll },
  ]);
  if (rows.length === 0 && feed.store.isComplete) return <Empty filter={feed.filter} onClear={onClear} />;
  const fresh = [...news.fresh].filter((id) => feed.store.get(id) !== undefined).length;
  return (
    <div class="feed" onScrollCapture={lookAway}>
      {fresh > 0 && (
        <div class="fresh">
          <Button kind="primary" small onClick={() => list.current?.toTop()}>
            ↑ {fresh} new
          </Button>
        </div>
      )}
      <VirtualList
        label="Events, newest first"
        handle={list}
        items={rows}
        keyOf={keyOf}
        estimate={heightOf}
        reveal={current.isByKey ? current.index : -1}
        onEnd={() => void more()}
        onTop={news.onTop}
        row={(row) => {
          if (row.kind === "day") return <DayHead dayMs={row.dayMs} />;
          if (row.kind === "batch") return <BatchHead run={row.run} />;
          const isCurrent = row.key === current.id;
          return (
            <EventRow
              event={row.event}
              isInBatch={row.isInBatch}
              isCurrent={isCurrent}
              hasFocus={isCurrent && current.isByKey}
              isExplained={explained.has(row.key)}
              acts={acts}
            />
          );
        }}
        foot={<Foot isComplete={feed.store.isComplete} problem={problem} onAgain={more} />}
      />
      <NoteDialog event={noted} take={take} onClose={() => setNoted(null)} />
    </div>
  );
}

function turned(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return next;
}

function goToFilters(open: () => void): void {
  open();
  // Once they are unfolded.
  setTimeout(() => document.querySelector<HTMLElement>("#event-filters summary")?.focus(), 0);
}

function Foot({
  isComplete,
  problem,
  onAgain,
}: {
  isComplete: boolean;
  problem: string | null;
  onAgain: () => Promise<void>;
}) {
  return (
    <div class="feed-foot muted small">
      {isComplete ? (
        "That is all."
      ) : problem === null ? (
        "Fetching older events …"
      ) : (
        <>
          <span class="error">{problem}</span>
          <Button small onClick={onAgain}>
            Try again
          </Button>
        </>
      )}
    </div>
  );
}
