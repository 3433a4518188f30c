// When a camera is recorded otherwise than usual: said in words, drawn on a week, and entry by entry.

import { useMemo, useState } from "preact/hooks";
import { Button } from "../../parts/button";
import { Segmented } from "../../parts/segmented";
import type { Camera, Schedule } from "../../wire";
import type { Save } from "./saving";
import { inWords, MODE_NAMES, MODES, MOST_ENTRIES, type Mode, painted, weekOf } from "./schedule";
import "./schedule.css";
import { ScheduleEntry } from "./schedule_entry";
import { useRefusal } from "./settings";
import { WeekGrid } from "./week_grid";

const FRESH: Schedule = {
  days: ["mon", "tue", "wed", "thu", "fri"],
  from: "08:00",
  to: "18:00",
  mode: "off",
};
const BRUSHES: readonly (readonly [Mode | "usual", string])[] = [
  ...MODES.map((mode) => [mode, MODE_NAMES[mode]] as const),
  ["usual", "As usual"],
];

interface Props {
  camera: Camera;
  save: Save;
  /** The configuration file decides: to be looked at only. */
  isFixed: boolean;
}

export function ScheduleSettings({ camera, save, isFixed }: Props) {
  const { schedule, mode } = camera.recording;
  const [brush, setBrush] = useState<Mode | "usual">(mode === "off" ? "continuous" : "off");
  const [error, attempt] = useRefusal();
  const week = useMemo(() => weekOf(schedule), [schedule]);
  const keep = (next: Schedule[], done = "The schedule is changed.") =>
    attempt(() => save({ recording: { schedule: next } }, done));
  const put = (at: number, entry: Schedule) => keep(schedule.map((one, i) => (i === at ? entry : one)));
  const move = (from: number, to: number) => {
    const next = schedule.toSpliced(from, 1);
    const moved = schedule[from];
    if (moved !== undefined) void keep(next.toSpliced(to, 0, moved));
  };
  return (
    <section class="panel form schedule">
      <h2>Schedule</h2>
      <ul class="words">
        {inWords(camera.recording).map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
      {!isFixed && (
        <>
          <div class="brushes">
            <Segmented label="What to draw" value={brush} options={BRUSHES} onChange={setBrush} />
          </div>
          <p class="hint">
            Drag over the week to draw this; on a touch screen tap the first hour and then the last. With the
            keyboard: arrows, Shift and arrows, Enter.
          </p>
        </>
      )}
      <WeekGrid
        week={week}
        usual={mode}
        isFixed={isFixed}
        onPaint={(area) => keep(painted(schedule, area, brush === "usual" ? null : brush))}
      />
      <p class="hint">Days and hours are those of the box's own clock.</p>
      {error !== null && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      <ol class="entries" aria-label="Entries of the schedule">
        {schedule.map((entry, at) => (
          <li key={at}>
            <ScheduleEntry
              entry={entry}
              place={at + 1}
              onChange={(next) => put(at, next)}
              onRemove={() => keep(schedule.toSpliced(at, 1), "The entry is gone.")}
              {...(at > 0 && { onUp: () => move(at, at - 1) })}
              {...(at < schedule.length - 1 && { onDown: () => move(at, at + 1) })}
            />
          </li>
        ))}
      </ol>
      {!isFixed && (
        <p class="buttons">
          <Button
            icon="plus"
            disabled={schedule.length >= MOST_ENTRIES}
            onClick={() => keep([{ ...FRESH, mode: mode === "off" ? "continuous" : "off" }, ...schedule])}
          >
            Add an entry
          </Button>
          {schedule.length > 0 && (
            <Button kind="quiet" onClick={() => keep([], "There is no schedule any more.")}>
              No schedule
            </Button>
          )}
        </p>
      )}
    </section>
  );
}
