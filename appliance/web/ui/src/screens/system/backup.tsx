// The last backup: when it was made, and whether it could be restored when that was tried.

import { Ago, Pill } from "../../parts/signs";
import type { Backup, Database } from "../../wire";
import { bytes } from "../../words";
import { backupWords } from "./backup_words";
import { Figure, Figures, Panel } from "./bits";
import type { Polled } from "./polled";

export function BackupPanel({ database }: { database: Polled<Database> }) {
  const { data, problem } = database;
  return (
    <Panel title="Backup" icon="lock" place="sys-backup" problem={problem}>
      {data === null ? <p class="muted">Asking …</p> : <Known backup={data.backup} />}
    </Panel>
  );
}

function Known({ backup }: { backup: Backup }) {
  const words = backupWords(backup);
  return (
    <>
      <p class="sys-backup">
        <Pill tone={words.tone} text={words.pill} /> {words.text}
      </p>
      {backup.at !== null && (
        <Figures>
          <Figure name="Last backup" value={<Ago iso={backup.at} />} />
          <Figure name="Size" value={backup.bytes === null ? null : bytes(backup.bytes)} />
          <Figure
            name="Restore tried"
            value={backup.verified_at === null ? "not yet" : <Ago iso={backup.verified_at} />}
          />
          <Figure name="File" value={backup.file === null ? null : <code>{backup.file}</code>} />
        </Figures>
      )}
    </>
  );
}
