// The bounded queues, what was left out, and who is connected; and what versions run.

import { sentence } from "../../api";
import { Ago } from "../../parts/signs";
import { version } from "../../state/session";
import type { QueueReport, Queues } from "../../wire";
import { bytes } from "../../words";
import { Bar, Figure, Figures, Panel, ScrolledTable, toneOf } from "./bits";
import type { Polled } from "./polled";

export function QueuesPanel({ queues }: { queues: Polled<Queues> }) {
  const shown = (queues.data?.items ?? []).filter((queue) => queue.kind !== "connections");
  return (
    <Panel title="Queues and drops" icon="filter" problem={queues.problem}>
      <p class="muted small">
        Each queue has a bound, so that nothing that is slow can fill the memory. Drops are counted since the
        start.
      </p>
      <ScrolledTable name="Queues and drops">
        <table>
          <thead>
            <tr>
              <th scope="col">What waits</th>
              <th scope="col">Now</th>
              <th scope="col">Most</th>
              <th scope="col">Left out, last hour</th>
              <th scope="col">In all</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((queue) => (
              <Row key={queue.key} queue={queue} />
            ))}
          </tbody>
        </table>
      </ScrolledTable>
    </Panel>
  );
}

function Row({ queue }: { queue: QueueReport }) {
  const lost = (queue.dropped_last_hour ?? 0) > 0;
  return (
    <tr>
      <th scope="row">
        {queue.name}
        <span class="muted small">
          {" "}
          {queue.kind === "queue" ? `When full: ${queue.when_full}.` : sentence(queue.when_full)}
        </span>
      </th>
      <td data-name="Now">{amount(queue.length, queue.unit)}</td>
      <td data-name="Most">{amount(queue.capacity, queue.unit)}</td>
      <td
        data-name="Left out, last hour"
        data-tone={lost ? "warn" : undefined}
        class={lost ? "sys-lost" : undefined}
      >
        {amount(queue.dropped_last_hour, "")}
      </td>
      <td data-name="In all">{amount(queue.dropped, "")}</td>
    </tr>
  );
}

const amount = (value: number | null, unit: string) =>
  value === null ? "–" : unit === "bytes" ? bytes(value) : value.toLocaleString();

export function Connections({ queues }: { queues: Polled<Queues> }) {
  const shown = (queues.data?.items ?? []).filter((queue) => queue.kind === "connections");
  return (
    <Panel title="Connections" icon="live" problem={queues.problem}>
      {shown.map((one) => (
        <Bar
          key={one.key}
          name={one.name}
          ratio={(one.length ?? 0) / (one.capacity ?? 1)}
          words={`${one.length ?? 0} of ${one.capacity ?? 0}`}
          tone={toneOf((one.length ?? 0) / (one.capacity ?? 1))}
        />
      ))}
    </Panel>
  );
}

export function Versions() {
  const about = version.value;
  if (about === null) return null;
  return (
    <Panel title="Versions" icon="info">
      <Figures>
        <Figure name="Nightjar" value={about.version} />
        <Figure name="SQLite" value={about.sqlite_version} />
        <Figure name="Started" value={<Ago iso={about.started_at} />} />
        <Figure name="Epoch of the database" value={<code>{about.epoch}</code>} />
      </Figures>
    </Panel>
  );
}
