// The feed: what happened, newest first, and what is happening just now.

import { useMemo, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { Button } from "../../parts/button";
import { hidden } from "./acts";
import { ReviewAllDialog, type ToReview } from "./dialogs";
import { ALL, addressOf, countOf, type EventFilter, filterOf } from "./filter";
import { Filters } from "./filters";
import { List } from "./list";
import { Preview } from "./preview";
import { rowsOf } from "./rows";
import { useFeed } from "./use_feed";
import { useLabels } from "./use_labels";
import { useNews } from "./use_news";
import "./events.css";

const NO_ENTRIES: [] = [];

export function Events() {
  const { url, route } = useLocation();
  const filter = useMemo(() => filterOf(url), [url]);
  const news = useNews();
  const { feed, version, problem } = useFeed(filter, news.heard);
  const entries = feed?.store.entries ?? NO_ENTRIES;
  const labels = useLabels(filter, feed?.store.labels);
  const rows = useMemo(
    () => (feed === null ? [] : rowsOf(entries, feed.batches, hidden.value)),
    [feed, version, hidden.value],
  );
  const [areFiltersOpen, openFilters] = useState(false);
  const [toReview, setToReview] = useState<ToReview | null>(null);
  const setFilter = (next: EventFilter) => route(addressOf("/events", next), true);
  // What comes in while it is being asked is not marked unseen.
  const askToReview = () => {
    const newest = entries[0]?.event;
    if (newest === undefined) return;
    const known = entries.filter(({ event }) => !event.reviewed && !hidden.value.has(event.id)).length;
    // Where only reviewed ones are wanted, there is none that is not.
    setToReview({
      filter,
      newest,
      known,
      isComplete: filter.reviewed === true || feed?.store.isComplete === true,
    });
  };
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
          needs="events.review"
          icon="check"
          label="Mark all as reviewed"
          onClick={askToReview}
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
          {problem}
        </p>
      )}
      {feed === null && problem === null && (
        <p class="muted" role="status">
          Fetching the events …
        </p>
      )}
      {feed !== null && (
        <List
          key={addressOf("/events", feed.filter)}
          feed={feed}
          rows={rows}
          news={news}
          onFilters={() => openFilters(true)}
          onReviewAll={askToReview}
          onClear={() => setFilter(ALL)}
        />
      )}
      <ReviewAllDialog of={toReview} onClose={() => setToReview(null)} />
      <Preview />
    </div>
  );
}
