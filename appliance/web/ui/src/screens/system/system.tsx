// How the box is doing: what needs attention first, then each part of it, then how it was.

import { isLocal, seesAll } from "../../state/access";
import { cameraList, cameras, connection, health } from "../../state/session";
import type { CamerasDay, Database, HostStats, Queues, Storage } from "../../wire";
import { Attention } from "./attention";
import { BackupPanel } from "./backup";
import { rowsOf } from "./camera_day";
import { CamerasDayPanel } from "./cameras_day";
import { concernsOf, howMuch } from "./concerns";
import { DatabasePanel, Rows } from "./database";
import { Detector } from "./detector";
import { Gpus } from "./gpu";
import { History } from "./history";
import { Machine } from "./machine";
import { usePolled } from "./polled";
import { Connections, QueuesPanel, Versions } from "./queues";
import { StoragePanels } from "./storage";
import "./system.css";

const EVERY_MS = 5000;
const STORAGE_EVERY_MS = 15_000;
const DAY_EVERY_MS = 30_000;

export function System() {
  const host = usePolled<HostStats>("/system/host", EVERY_MS);
  // These speak of all cameras together.
  const isWhole = seesAll();
  const queues = usePolled<Queues>(isWhole ? "/system/queues" : null, EVERY_MS);
  const database = usePolled<Database>(isWhole ? "/system/database" : null, EVERY_MS);
  const storage = usePolled<Storage>("/system/storage", STORAGE_EVERY_MS);
  const day = usePolled<CamerasDay>("/system/cameras", DAY_EVERY_MS);
  const days = day.data && rowsOf(day.data.items, cameras.value);
  const concerns = concernsOf({
    health: health.value,
    cameras: cameraList.value,
    host: host.data,
    storage: storage.data,
    queues: queues.data?.items ?? [],
    days: days ?? [],
  });
  const known = howMuch(connection.value.word === "live", [
    ...[host, storage, day],
    ...(isWhole ? [queues, database] : []),
  ]);
  return (
    <>
      <header class="screen-head">
        <h1>System</h1>
        {isLocal() && (
          <p class="muted small">
            Nobody has to log in on this machine. <a href="/access">Who may see it</a>
          </p>
        )}
      </header>
      <div class="sys">
        <Attention concerns={concerns} health={health.value} known={known} />
        <CamerasDayPanel rows={days} problem={day.problem} />
        <div class="sys-columns">
          <Machine host={host} />
          <Gpus />
          <Detector queue={queues.data?.items.find((one) => one.key === "detector")} />
          <StoragePanels storage={storage} />
        </div>
        {isWhole && <History />}
        <div class="sys-columns">
          {isWhole && <DatabasePanel database={database} />}
          {isWhole && <BackupPanel database={database} />}
          {isWhole && <Connections queues={queues} />}
          <Versions />
          {isWhole && <Rows database={database} />}
        </div>
        {isWhole && <QueuesPanel queues={queues} />}
      </div>
    </>
  );
}
