// What was done, by whom and from where, newest first.

import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { get, withQuery, wordsOf } from "../../api";
import { Nothing } from "../../parts/nothing";
import { Pill } from "../../parts/signs";
import { VirtualList } from "../../parts/virtual_list";
import type { AuditEntry, Items } from "../../wire";
import { moment } from "../../words";
import { actionInWords } from "./words";

const PAGE = 100;
const ROW_PX = 76;
const TONES = { done: "good", refused: "warn", failed: "bad" } as const;
const OUTCOMES = { done: "Done", refused: "Refused", failed: "Failed" } as const;

export function Audit() {
  const { query, route } = useLocation();
  const who = query.who ?? "";
  const { items, problem, more } = useAudit(who);
  return (
    <>
      <form
        class="access-filter"
        onSubmit={(event) => {
          event.preventDefault();
          const name = String(new FormData(event.currentTarget).get("who") ?? "").trim();
          route(withQuery("/access", { tab: "audit", who: name }), true);
        }}
      >
        <label class="access-who">
          <span class="unseen">Done by</span>
          <input name="who" type="search" placeholder="Done by …" defaultValue={who} />
        </label>
      </form>
      {problem !== null && (
        <p class="error" role="alert">
          {problem}
        </p>
      )}
      {items?.length === 0 && (
        <Nothing
          icon="check"
          title="Nothing was done"
          text="Logins, changes, exports and deletions are kept here for a year."
        />
      )}
      {items !== null && items.length > 0 && (
        <VirtualList
          label="What was done, newest first"
          items={items}
          keyOf={({ id }) => String(id)}
          estimate={() => ROW_PX}
          onEnd={more}
          row={(entry) => <Entry entry={entry} />}
        />
      )}
    </>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const { at, who, address, subject, outcome } = entry;
  return (
    <article class="audit-row">
      <p>
        <strong>{actionInWords(entry)}</strong>
        {subject !== "" && <span class="muted"> {subject}</span>}
      </p>
      <Pill tone={TONES[outcome]} text={OUTCOMES[outcome]} />
      <p class="muted small">
        {who}
        {address !== "" && ` from ${address}`} · <time dateTime={at}>{moment(Date.parse(at))}</time>
      </p>
    </article>
  );
}

/** The log, a page at a time; an answer to an older question is dropped. */
function useAudit(who: string) {
  const [items, setItems] = useState<AuditEntry[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const next = useRef<string | null>(null);
  const asked = useRef(0);
  const fetch = async (page: string | null) => {
    asked.current += 1;
    const mine = asked.current;
    try {
      const path = withQuery("/audit", { who, page, limit: PAGE });
      const { data } = await get<Items<AuditEntry>>(path);
      if (mine !== asked.current) return;
      next.current = data.next;
      setProblem(null);
      setItems((old) => (page === null ? data.items : [...(old ?? []), ...data.items]));
    } catch (error) {
      if (mine === asked.current) setProblem(wordsOf(error));
    }
  };
  useEffect(() => {
    setItems(null);
    void fetch(null);
  }, [who]);
  const more = () => {
    if (next.current !== null) void fetch(next.current);
  };
  return { items, problem, more };
}
