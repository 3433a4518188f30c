// The feed's list, and what its rows and keys do.

import { useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { wordsOf } from "../../api";
import { useKeys } from "../../keys";
import { Button } from "../../parts/button";
import { useCurrent } from "../../parts/current";
import { type ListHandle, VirtualList } from "../../parts/virtual_list";
import type { Event } from "../../wire";
import { deleteEvent, review, reviewSeveral, told, undoLast } from "./acts";
import { NoteDialog } from "./dialogs";
import { Empty } from "./empty";
import { EventRow, type RowActs, storyOf } from "./event_row";
import type { Feed } from "./feed";
import { addressOf } from "./filter";
import { BatchHead, DayHead } from "./heads";
import { lookAgain } from "./preview";
import { turnProtection } from "./protection";
import { eventIn, eventsUnder, isInBatch, type Row, type Run } from "./rows";
import type { NewsBoard } from "./use_news";

const isPhone = matchMedia("(max-width: 40rem)").matches;
const HEIGHTS = { day: 48, batch: 66, event: isPhone ? 136 : 104 };
const heightOf = (row: Row) => HEIGHTS[row.kind];
const keyOf = (row: Row) => row.key;
const REVIEW = "events.review";
const isDay = (row: Row) => row.kind === "day";

interface ListProps {
  feed: Feed;
  rows: readonly Row[];
  news: NewsBoard;
  onFilters: () => void;
  onReviewAll: () => void;
  onClear: () => void;
}

export function List({ feed, rows, news, onFilters, onReviewAll, onClear }: ListProps) {
  const { route } = useLocation();
  const list = useRef<ListHandle>(null);
  const current = useCurrent(rows, eventIn, addressOf("/events", feed.filter));
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
    protect: turnProtection,
    remove: deleteEvent,
    choose: (event) => current.choose(event.id),
    why: ({ id }) => setExplained((before) => turned(before, id)),
  };
  const headOf = (run: Run, events: Event[]) => (
    <BatchHead
      run={run}
      unreviewed={events.filter((event) => !event.reviewed).length}
      onReview={() => reviewSeveral(events, take)}
    />
  );
  const withCurrent = (act: (event: Event) => unknown) => () => {
    const row = rows[current.index];
    if (row?.kind !== "event") current.step(1);
    else void told(Promise.resolve(act(row.event)));
  };
  useKeys("Events", [
    { keys: "j", does: "Next event", act: () => current.step(1), mayRepeat: true },
    { keys: "k", does: "Previous event", act: () => current.step(-1), mayRepeat: true },
    { keys: "Enter", does: "Play it", act: withCurrent((event) => route(storyOf(event))) },
    { keys: "r", needs: REVIEW, does: "Mark it as reviewed, or not", act: withCurrent(acts.review) },
    { keys: "n", needs: REVIEW, does: "Write a note", act: withCurrent(acts.note) },
    { keys: "p", needs: "footage.manage", does: "Protect its footage", act: withCurrent(acts.protect) },
    { keys: "w", does: "Why this severity?", act: withCurrent(acts.why) },
    { keys: "Delete", needs: "events.delete", does: "Delete it", act: withCurrent(acts.remove) },
    { keys: "u", needs: REVIEW, does: "Undo", act: undoLast },
    { keys: "f", does: "Filters", act: () => goToFilters(onFilters) },
    { keys: "a", needs: REVIEW, does: "Mark all as reviewed", act: onReviewAll },
  ]);
  if (rows.length === 0 && feed.store.isComplete) return <Empty filter={feed.filter} onClear={onClear} />;
  const fresh = [...news.fresh].filter((id) => feed.store.get(id) !== undefined).length;
  return (
    <div class="feed" onScrollCapture={lookAgain}>
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
        isHead={isDay}
        reveal={current.isByKey ? current.index : -1}
        onEnd={() => void more()}
        onTop={news.onTop}
        row={(row, index) => {
          if (row.kind === "day") return <DayHead dayMs={row.dayMs} />;
          if (row.kind === "batch") return headOf(row.run, eventsUnder(rows, index));
          const isCurrent = row.key === current.id;
          return (
            <EventRow
              event={row.event}
              isInBatch={isInBatch(rows, index)}
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
