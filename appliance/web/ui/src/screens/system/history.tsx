// How the box was doing: charts over an hour to a month, or the same as a table.

import { useMemo } from "preact/hooks";
import { useLocation } from "preact-iso";
import { Segmented } from "../../parts/segmented";
import type { History as Answer } from "../../wire";
import { now } from "../../words";
import { Panel, ScrolledTable } from "./bits";
import { Chart } from "./chart";
import { CHARTS, columns, fullMoment, isKnown, isRange, RANGE_WORDS, RANGES, type Range } from "./chart_data";
import { usePolled } from "./polled";

const MINUTE_MS = 60_000;
const POINTS = 240;
const ROWS = 24;

const VIEWS = [
  ["charts", "Charts"],
  ["table", "Table"],
] as const;

export function History() {
  const { query, route } = useLocation();
  const range: Range = isRange(query.range) ? query.range : "1h";
  const view = query.view === "table" ? "table" : "charts";
  const go = (to: { range?: Range; view?: string }) => {
    const next = { range, view, ...to };
    const asked = new URLSearchParams();
    if (next.range !== "1h") asked.set("range", next.range);
    if (next.view === "table") asked.set("view", "table");
    const text = asked.toString();
    route(text === "" ? "/system" : `/system?${text}`, true);
  };
  return (
    <Panel
      title="History"
      icon="events"
      aside={
        <div class="buttons">
          <Segmented label="Show as" value={view} options={VIEWS} onChange={(to) => go({ view: to })} />
          <Segmented label="Time" value={range} options={RANGE_WORDS} onChange={(to) => go({ range: to })} />
        </div>
      }
    >
      <Shown range={range} view={view} />
    </Panel>
  );
}

function Shown({ range, view }: { range: Range; view: string }) {
  // It ends at the next full minute: so the question changes once a minute, and with it the answer.
  const to = Math.ceil(now.value / MINUTE_MS) * MINUTE_MS;
  const points = view === "table" ? ROWS : POINTS;
  const path = useMemo(() => {
    const from = new Date(to - RANGES[range] * 1000).toISOString();
    return `/system/history?from=${from}&to=${new Date(to).toISOString()}&points=${points}`;
  }, [to, range, points]);
  const { data, problem } = usePolled<Answer>(path, 10 * MINUTE_MS);
  if (data === null) return <p class="muted">{problem ?? "Asking …"}</p>;
  const known = CHARTS.filter((kind) => isKnown(data, kind.figure));
  if (known.length === 0)
    return <p class="muted">Nothing yet: the box notes how it is doing once a minute, from its start on.</p>;
  return (
    <>
      {problem && <p class="error">This may be old: {problem}</p>}
      {view === "table" ? (
        <Table history={data} />
      ) : (
        <div class="sys-charts">
          {known.map((kind) => (
            <Chart key={kind.figure} kind={kind} history={data} />
          ))}
        </div>
      )}
    </>
  );
}

function Table({ history }: { history: Answer }) {
  const known = CHARTS.filter((kind) => isKnown(history, kind.figure));
  const all = known.map((kind) => columns(history, kind.figure));
  const moments = all[0]?.at ?? [];
  return (
    <ScrolledTable name="History as a table" isPlain>
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            {known.map((kind) => (
              <th key={kind.figure} scope="col">
                {kind.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {moments.map((at, place) => {
            const begin = at - history.bucket_s / 2;
            return (
              <tr key={at}>
                <th scope="row">{fullMoment(begin, { at: moments })}</th>
                {known.map((kind, which) => {
                  const mean = all[which]?.mean[place];
                  return <td key={kind.figure}>{mean == null ? "–" : kind.say(mean)}</td>;
                })}
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrolledTable>
  );
}
