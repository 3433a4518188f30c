// The database: its size, its rows, its log of messages, and how long it takes to store something.

import { Ago } from "../../parts/signs";
import type { Database } from "../../wire";
import { bytes, dateOf, lasting, tight } from "../../words";
import { Figure, Figures, Panel } from "./bits";
import type { Polled } from "./polled";

const NAMES: Record<string, string> = {
  detections: "Analysed frames",
  outbox: "Messages",
  segments: "Files of footage",
  samples: "Samples of the charts",
};

const ms = (value: number) => tight(`${value < 10 ? value.toFixed(1) : Math.round(value)} ms`);

export function DatabasePanel({ database }: { database: Polled<Database> }) {
  const { data, problem } = database;
  return (
    <Panel title="Database" icon="note" place="sys-database" problem={problem}>
      {data === null ? <p class="muted">Asking …</p> : <Known data={data} />}
    </Panel>
  );
}

/** How many rows each table has; a large one is not counted. */
export function Rows({ database }: { database: Polled<Database> }) {
  if (database.data === null) return null;
  return (
    <Panel title="What lies in the database" icon="note">
      <Figures>
        {database.data.tables.map((one) => (
          <Figure
            key={one.table}
            name={NAMES[one.table] ?? one.table.charAt(0).toUpperCase() + one.table.slice(1)}
            value={`${one.is_estimate ? "about " : ""}${one.rows.toLocaleString()}`}
          />
        ))}
      </Figures>
    </Panel>
  );
}

function Known({ data }: { data: Database }) {
  const { commits, log_oldest: oldest, log_newest: newest, last_check: check } = data;
  return (
    <>
      <Figures>
        <Figure
          name="Size"
          value={data.bytes === null ? null : bytes(data.bytes)}
          note={data.free_bytes > 0 ? `${bytes(data.free_bytes)} of it free` : undefined}
        />
        <Figure name="Write-ahead log" value={data.wal_bytes === null ? null : bytes(data.wal_bytes)} />
        <Figure
          name="Storing takes"
          value={commits === null ? null : ms(commits.p50_ms)}
          note={commits === null ? undefined : `99 of 100 within ${ms(commits.p99_ms)}`}
        />
        <Figure name="Waiting to be stored" value={data.waiting.toLocaleString()} />
        <Figure
          name="Messages kept"
          value={
            oldest === null || newest === null
              ? "none"
              : lasting(Date.parse(newest.at) - Date.parse(oldest.at))
          }
          note={oldest === null || newest === null ? undefined : `no. ${oldest.cursor} to ${newest.cursor}`}
        />
        <Figure name="Newest message" value={newest === null ? null : <Ago iso={newest.at} />} />
        <Figure
          name="Looked through"
          value={check === null ? "not yet: it was made at this start" : <Ago iso={check.at} />}
          note={
            check === null
              ? undefined
              : check.is_whole
                ? "all of it, nothing wrong"
                : "in part, nothing wrong"
          }
        />
      </Figures>
      {data.copies.length > 0 && (
        <>
          <h3 class="sys-sub">Copies beside it</h3>
          <ul class="sys-copies">
            {data.copies.map((copy) => (
              <li key={copy.name}>
                <code>{copy.name}</code>
                <span class="muted small">
                  {bytes(copy.bytes)}, {dateOf(Date.parse(copy.at))}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
