// The cameras over the last 24 hours: a table on a desk, cards on a phone; what is red says why, and leads on.

import type { ComponentChildren } from "preact";
import { STATES } from "../../camera_words";
import { Pill } from "../../parts/signs";
import { may } from "../../state/access";
import type { CameraDay } from "../../wire";
import { bitrate, count, tight } from "../../words";
import { Panel, ScrolledTable } from "./bits";
import {
  type DayRow,
  type Figure,
  type Finding,
  knownWords,
  plain,
  shareWords,
  sinceWords,
  spanned,
  toneOfFigure,
} from "./camera_day";
import "./cameras_day.css";

const COLUMNS = [
  "Connected",
  "Pictures a second",
  "Bitrate",
  "Keyframe every",
  "Recorded",
  "Connection broke",
  "Damaged pictures",
] as const;

export function CamerasDayPanel({ rows, problem }: { rows: DayRow[] | null; problem: string | null }) {
  return (
    <Panel title="Cameras, last 24 hours" icon="camera" place="sys-cameras" problem={problem}>
      {rows === null ? (
        <p class="muted">Asking …</p>
      ) : rows.length === 0 ? (
        <p class="muted">
          There is no camera yet. {may("cameras.manage") && <a href="/cameras/new">Add one</a>}
        </p>
      ) : (
        <ScrolledTable name="Cameras, last 24 hours">
          <table class="day">
            <thead>
              <tr>
                <th scope="col">Camera</th>
                {COLUMNS.map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            {rows.map((row) => (
              <Row key={row.camera.id} row={row} />
            ))}
          </table>
        </ScrolledTable>
      )}
    </Panel>
  );
}

function Row({ row: { camera, day, findings } }: { row: DayRow }) {
  const [word, tone] = STATES[camera.status];
  const figures = figuresOf(day);
  return (
    <tbody>
      <tr>
        <th scope="row">
          <div class="day-camera">
            <a href={`/cameras/${encodeURIComponent(camera.id)}`}>{camera.name}</a>
            <Pill tone={tone} text={word} />
            {camera.status_since !== null && (
              <span class="muted small">since {sinceWords(camera.status_since)}</span>
            )}
          </div>
        </th>
        {COLUMNS.map((name, place) => {
          const [figure, value, note] = figures[place] ?? [null, null, null];
          const found = figure && toneOfFigure(findings, figure);
          return (
            <td
              key={name}
              data-name={name}
              data-tone={found ?? undefined}
              class={found ? "sys-lost" : undefined}
            >
              <span>
                {value ?? <span class="day-unknown">not known</span>}
                {note !== null && <span class="day-note">{note}</span>}
              </span>
            </td>
          );
        })}
      </tr>
      {findings.length > 0 && (
        <tr>
          <td class="day-findings" colSpan={COLUMNS.length + 1}>
            <ul>
              {findings.map((finding) => (
                <FindingItem key={finding.title} finding={finding} name={camera.name} />
              ))}
            </ul>
          </td>
        </tr>
      )}
    </tbody>
  );
}

type Cell = readonly [figure: Figure | null, value: ComponentChildren, note: string | null];

/** The figures of a day in the order of the columns; null is what is not known. */
function figuresOf(day: CameraDay): Cell[] {
  const { online_share: share, median_fps: usual, median_bitrate_bps: bps, corrupt_frames: damaged } = day;
  // Of a camera that is not connected it is known that nothing comes.
  const away = day.status === "online" || day.status === "connecting" ? null : "none now";
  return [
    ["online", share === null ? null : shareWords(share), knownWords(day)],
    ["fps", day.fps === null ? away : plain(day.fps), usual === null ? null : `usually ${plain(usual)}`],
    [
      null,
      day.bitrate_bps === null ? away : bitrate(day.bitrate_bps),
      bps === null ? null : `usually ${bitrate(bps)}`,
    ],
    ["gop", day.gop_s === null ? null : tight(`${plain(day.gop_s)} s`), null],
    ["missing", day.recorded_s < 1 ? "nothing" : spanned(day.recorded_s), restWords(day)],
    ["losses", timesWords(day.connection_losses), null],
    ["corrupt", damaged === 0 ? "none" : (damaged?.toLocaleString() ?? null), null],
  ];
}

const timesWords = (times: number | null) =>
  times === null ? null : times === 0 ? "never" : count(times, "time");

/** What became of the rest of the day, the gravest of it. */
function restWords({ missing_s, deliberate_s, unknown_s }: CameraDay): string | null {
  if (missing_s >= 1) return `${spanned(missing_s)} missing`;
  if (deliberate_s >= 1) return `${spanned(deliberate_s)} not wanted`;
  return unknown_s >= 60 ? `${spanned(unknown_s)} not known` : null;
}

function FindingItem({ finding, name }: { finding: Finding; name: string }) {
  return (
    <li data-tone={finding.tone}>
      <strong>{finding.title}.</strong> {finding.means}{" "}
      {finding.links.map((link) => (
        <a key={link.href} href={link.href}>
          {link.text}
          <span class="unseen"> ({name})</span>
        </a>
      ))}
    </li>
  );
}
