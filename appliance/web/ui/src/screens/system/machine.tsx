// The machine: CPU, memory, temperatures, clock.

import { Pill } from "../../parts/signs";
import type { HostStats } from "../../wire";
import { bytes, lasting, tight } from "../../words";
import { Bar, Figure, Figures, Panel, toneOf } from "./bits";
import type { Polled } from "./polled";

const percent = (value: number) => tight(`${Math.round(value)} %`);

export function Machine({ host }: { host: Polled<HostStats> }) {
  const stats = host.data;
  return (
    <Panel
      title="Machine"
      icon="system"
      place="sys-machine"
      problem={host.problem}
      aside={<ClockPill stats={stats} />}
    >
      {stats === null ? (
        <p class="muted">Asking …</p>
      ) : (
        <>
          {stats.cpu_percent !== null && (
            <Bar
              name="CPU"
              ratio={stats.cpu_percent / 100}
              words={percent(stats.cpu_percent)}
              tone={toneOf(stats.cpu_percent / 100)}
            />
          )}
          <Cores cores={stats.core_percents} />
          <Memory stats={stats} />
          <Figures>
            {stats.processes.map((one) => (
              <Figure
                key={one.name}
                name={one.name}
                value={
                  one.cpu_percent === null ? bytes(one.memory_bytes) : `${percent(one.cpu_percent)} of a core`
                }
                note={one.cpu_percent === null ? undefined : bytes(one.memory_bytes)}
              />
            ))}
            <Figure
              name="Load"
              value={stats.load?.map((one) => one.toFixed(1)).join(" · ") ?? null}
              note="1, 5, 15 min"
            />
            <Figure name="Running for" value={stats.uptime_s && lasting(stats.uptime_s * 1000)} />
          </Figures>
          <Temperatures stats={stats} />
        </>
      )}
    </Panel>
  );
}

function ClockPill({ stats }: { stats: HostStats | null }) {
  if (stats === null || stats.clock_synchronised === null) return null;
  return stats.clock_synchronised ? (
    <Pill tone="good" text="Clock synchronised" />
  ) : (
    <Pill tone="warn" text="Clock not synchronised" />
  );
}

function Cores({ cores }: { cores: readonly (number | null)[] }) {
  if (cores.length < 2) return null;
  const words = cores.map((one, place) => `core ${place + 1} ${one === null ? "not known" : percent(one)}`);
  return (
    <div class="sys-cores" role="img" aria-label={words.join(", ")}>
      {cores.map((one, place) => (
        <span key={place} title={words[place]}>
          <i style={{ height: `${one ?? 0}%` }} />
        </span>
      ))}
    </div>
  );
}

function Memory({ stats }: { stats: HostStats }) {
  const { memory_total_bytes: total, memory_available_bytes: free } = stats;
  const { swap_total_bytes: swap, swap_used_bytes: swapped } = stats;
  return (
    <>
      {total !== null && free !== null && (
        <Bar
          name="Memory"
          ratio={1 - free / total}
          words={`${bytes(total - free)} of ${bytes(total)}`}
          tone={toneOf(1 - free / total)}
        />
      )}
      {swap !== null && swapped !== null && swap > 0 && (
        <Bar name="Swap" ratio={swapped / swap} words={`${bytes(swapped)} of ${bytes(swap)}`} />
      )}
    </>
  );
}

function Temperatures({ stats }: { stats: HostStats }) {
  if (stats.temperatures.length === 0) return <p class="muted small">This machine tells no temperatures.</p>;
  return (
    <Figures>
      {stats.temperatures.map((one, place) => (
        <Figure
          key={`${one.name} ${place}`}
          name={one.name}
          value={tight(`${Math.round(one.celsius)} °C`)}
          note={one.limit_c === null ? undefined : tight(`of ${Math.round(one.limit_c)} °C`)}
        />
      ))}
    </Figures>
  );
}
