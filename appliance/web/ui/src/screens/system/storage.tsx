// Where footage is kept: each disk, how long its room lasts, whose footage it is, and what goes next.

import { Pill } from "../../parts/signs";
import { nameOf } from "../../state/session";
import type { CameraFootage, FootageBytes, Storage, StoragePath } from "../../wire";
import { bytes, dateOf, now } from "../../words";
import { Bar, Panel } from "./bits";
import type { Polled } from "./polled";
import { CLASSES, daily, goes, lasts, rate, STATES, share } from "./storage_words";

export function StoragePanels({ storage }: { storage: Polled<Storage> }) {
  const { data, problem } = storage;
  if (data === null)
    return (
      <Panel title="Disks" icon="disk" place="sys-disks" problem={problem}>
        <p class="muted">Asking …</p>
      </Panel>
    );
  return (
    <>
      {data.paths.map((path, number) => (
        <Path key={path.path} path={path} problem={problem} isFirst={number === 0} />
      ))}
      <Cameras cameras={data.cameras} />
    </>
  );
}

function Path({ path, problem, isFirst }: { path: StoragePath; problem: string | null; isFirst: boolean }) {
  const [word, tone] = STATES[path.state];
  const footage = Object.values(path.footage_bytes).reduce((sum, size) => sum + size, 0);
  return (
    <Panel
      title={`Storage: ${path.name}`}
      icon="disk"
      {...(isFirst && { place: "sys-disks" as const })}
      problem={problem}
      aside={<Pill tone={tone} text={word} title={path.reason} />}
    >
      <p class="sys-big">{lasts(path)}</p>
      <p class="muted small">{rate(path)}</p>
      {path.reason !== "" && <p class="error">{path.reason}</p>}
      <Room path={path} />
      <p>
        {footage === 0 ? "No footage in it yet." : `${bytes(footage)} of footage`}
        {path.protected_bytes > 0 && `, of which ${bytes(path.protected_bytes)} are protected`}
      </p>
      <Classes sizes={path.footage_bytes} />
      {path.next !== null && (
        <p class="sys-next">
          <strong>Goes next: </strong>
          {goes(path.next, nameOf, now.value)}{" "}
          <a href={`/footage?camera=${encodeURIComponent(path.next.camera_id)}&at=${path.next.from}`}>
            Look at it
          </a>
        </p>
      )}
      <p class="muted small sys-path">{path.path}</p>
    </Panel>
  );
}

function Room({ path }: { path: StoragePath }) {
  const { capacity_bytes: whole, free_bytes: free, reserve_bytes: reserve } = path;
  if (whole === null || free === null || whole === 0)
    return <p class="muted">How much room there is is not known.</p>;
  return (
    <>
      <Bar
        name="Used"
        ratio={1 - free / whole}
        words={`${bytes(free)} free of ${bytes(whole)}`}
        tone={reserve !== null && free < reserve ? "bad" : "wait"}
      />
      {reserve !== null && <p class="muted small">{bytes(reserve)} are to stay free.</p>}
    </>
  );
}

function Classes({ sizes }: { sizes: FootageBytes }) {
  const there = (Object.keys(CLASSES) as (keyof FootageBytes)[]).filter((name) => sizes[name] > 0);
  if (there.length === 0) return null;
  return (
    <ul class="sys-classes">
      {there.map((name) => (
        <li key={name}>
          {CLASSES[name]} <strong>{bytes(sizes[name])}</strong>
        </li>
      ))}
    </ul>
  );
}

function Cameras({ cameras }: { cameras: readonly CameraFootage[] }) {
  if (cameras.length === 0) return null;
  return (
    <Panel title="Footage by camera" icon="footage">
      {cameras.map((camera) => (
        <div key={camera.camera_id} class="sys-camera">
          <Bar
            name={nameOf(camera.camera_id)}
            ratio={share(camera, cameras)}
            words={bytes(camera.footage_bytes)}
          />
          <p class="muted small">
            {daily(camera)} · since {dateOf(Date.parse(camera.oldest_at))}
            {camera.protected_bytes > 0 && ` · ${bytes(camera.protected_bytes)} protected`}
          </p>
        </div>
      ))}
    </Panel>
  );
}
