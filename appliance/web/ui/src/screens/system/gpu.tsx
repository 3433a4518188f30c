// The GPUs: what each is used for and by whom, its figures, and what is wrong with it.

import { Ago, Pill } from "../../parts/signs";
import { gpus } from "../../state/session";
import type { GpuProcess, GpuStats, GpuXid } from "../../wire";
import { Bar, Figure, Figures, Panel, toneOf } from "./bits";
import { figuresOf, lostWords, NOT_TOLD, processWords, sharesOf, stateOf, xidWords } from "./gpu_words";

export function Gpus() {
  if (gpus.value.length === 0)
    return (
      <Panel title="GPU" icon="boxes" place="sys-gpu">
        <p class="muted">There is none that Nightjar can see. Detection runs on the CPU.</p>
      </Panel>
    );
  return (
    <>
      {gpus.value.map((gpu, place) => (
        <Gpu key={gpu.index} gpu={gpu} isFirst={place === 0} />
      ))}
    </>
  );
}

function Gpu({ gpu, isFirst }: { gpu: GpuStats; isFirst: boolean }) {
  const state = stateOf(gpu);
  const title = gpus.value.length > 1 ? `GPU ${gpu.index}: ${gpu.name}` : gpu.name;
  return (
    <Panel
      title={title}
      icon="boxes"
      place={isFirst ? "sys-gpu" : undefined}
      aside={
        state === null ? (
          gpu.driver && <span class="muted small">driver {gpu.driver}</span>
        ) : (
          <Pill tone={state.tone} text={state.text} />
        )
      }
    >
      {gpu.lost == null ? <Load gpu={gpu} /> : <p>{lostWords(gpu.lost)}</p>}
      <Xids xids={gpu.xids ?? []} />
    </Panel>
  );
}

function Load({ gpu }: { gpu: GpuStats }) {
  const shares = sharesOf(gpu);
  return (
    <>
      {shares.map(
        ({ name, ratio, words }) =>
          ratio !== null && (
            <Bar
              key={name}
              name={name}
              ratio={ratio}
              words={words}
              tone={name === "Memory" ? toneOf(ratio) : undefined}
            />
          ),
      )}
      <Figures>
        {shares.map(
          ({ name, ratio }) =>
            ratio === null && <Figure key={name} name={name} value={<span class="muted">{NOT_TOLD}</span>} />,
        )}
        {figuresOf(gpu).map(({ name, value, note }) => (
          <Figure
            key={name}
            name={name}
            value={value === NOT_TOLD ? <span class="muted">{value}</span> : value}
            note={note}
          />
        ))}
      </Figures>
      <Users processes={gpu.processes ?? []} />
    </>
  );
}

function Users({ processes }: { processes: readonly GpuProcess[] }) {
  if (processes.length === 0) return null;
  return (
    <>
      <h3 class="sys-sub">Memory by program</h3>
      <Figures>
        {processes.map((one) => {
          const { name, value } = processWords(one);
          return <Figure key={one.pid} name={name} value={value} />;
        })}
      </Figures>
    </>
  );
}

function Xids({ xids }: { xids: readonly GpuXid[] }) {
  if (xids.length === 0) return null;
  return (
    <>
      <h3 class="sys-sub">Errors that its driver told of</h3>
      <ul class="sys-copies small">
        {xids.map((xid) => (
          <li key={xid.code}>
            <span>{xidWords(xid)}</span>
            <span class="muted">
              <Ago iso={xid.at} />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
