// The week as a grid of hours, on which areas are drawn: by dragging, by two taps, or with the keyboard.

import { useRef, useState } from "preact/hooks";
import { type Area, clockOf, DAY_NAMES, DAYS, MODE_NAMES, type Mode, modesIn, type Week } from "./schedule";

type Cell = readonly [day: number, hour: number];

interface Props {
  week: Week;
  /** What holds where no entry does. */
  usual: Mode;
  isFixed: boolean;
  onPaint: (area: Area) => void;
}

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
const STEPS: Record<string, Cell> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function WeekGrid({ week, usual, isFixed, onPaint }: Props) {
  const grid = useRef<HTMLTableElement>(null);
  const [at, setAt] = useState<Cell>([0, 8]);
  const [anchor, setAnchor] = useState<Cell | null>(null);
  const isDragged = useRef(false);
  // Not every browser says of a click what made it.
  const pointer = useRef("");
  const area: Area | null = anchor && { days: [anchor[0], at[0]], hours: [anchor[1], at[1]] };

  const paint = (from: Cell, to: Cell) => {
    setAnchor(null);
    onPaint({ days: [from[0], to[0]], hours: [from[1], to[1]] });
  };
  const giveUp = () => {
    isDragged.current = false;
    setAnchor(null);
  };
  const press = (event: PointerEvent) => {
    const cell = cellAt(event);
    pointer.current = event.pointerType;
    if (isFixed || cell === null || event.button !== 0 || event.pointerType === "touch") return;
    isDragged.current = true;
    grid.current?.setPointerCapture(event.pointerId);
    setAt(cell);
    setAnchor(cell);
  };
  const drag = (event: PointerEvent) => {
    const cell = isDragged.current ? cellAt(event) : null;
    if (cell !== null && (cell[0] !== at[0] || cell[1] !== at[1])) setAt(cell);
  };
  const release = () => {
    if (isDragged.current && anchor !== null) paint(anchor, at);
    isDragged.current = false;
  };
  // A finger that moves scrolls; two taps draw.
  const tap = (event: MouseEvent) => {
    const cell = cellAt(event);
    if (isFixed || cell === null || pointer.current !== "touch") return;
    setAt(cell);
    if (anchor === null) setAnchor(cell);
    else paint(anchor, cell);
  };
  const key = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step !== undefined) {
      const next: Cell = [within(at[0] + step[0], 7), within(at[1] + step[1], 24)];
      setAnchor(event.shiftKey ? (anchor ?? at) : null);
      setAt(next);
      grid.current?.querySelector<HTMLElement>(`[data-cell="${next[0]} ${next[1]}"]`)?.focus();
    } else if ((event.key === "Enter" || event.key === " ") && !isFixed) paint(anchor ?? at, at);
    else if (event.key === "Escape" && anchor !== null) giveUp();
    else return;
    event.preventDefault();
  };

  return (
    <div class="week-frame">
      <table
        class="week"
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose cells are chosen is a grid
        role="grid"
        aria-label="The week, hour by hour"
        aria-readonly={isFixed}
        aria-multiselectable="true"
        ref={grid}
        onPointerDown={press}
        onPointerMove={drag}
        onPointerUp={release}
        // A finger that scrolls on to the last hour does not give up the first one.
        onPointerCancel={() => isDragged.current && giveUp()}
        onClick={tap}
        onKeyDown={key}
      >
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">Hour</span>
            </th>
            {DAYS.map((day) => (
              <th key={day} scope="col" aria-label={DAY_NAMES[day]}>
                {DAY_NAMES[day].slice(0, 2)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {HOURS.map((hour) => (
            <tr key={hour}>
              <th scope="row">
                {hour % 3 === 0 ? clockOf(hour * 60) : <span class="unseen">{clockOf(hour * 60)}</span>}
              </th>
              {DAYS.map((day, column) => {
                const modes = modesIn(week, column, hour);
                return (
                  // biome-ignore lint/a11y/useAriaPropsSupportedByRole: a cell of a grid can be selected
                  <td
                    key={day}
                    class="week-cell"
                    tabIndex={column === at[0] && hour === at[1] ? 0 : -1}
                    data-cell={`${column} ${hour}`}
                    data-mode={modes.length > 1 ? "mixed" : (modes[0] ?? usual)}
                    data-usual={(modes.length === 1 && modes[0] === null) || undefined}
                    aria-selected={isIn(area, column, hour)}
                    aria-label={`${DAY_NAMES[day]} ${clockOf(hour * 60)}: ${words(modes, usual)}`}
                  />
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <Legend usual={usual} />
    </div>
  );
}

function Legend({ usual }: { usual: Mode }) {
  return (
    <ul class="week-legend small">
      {Object.entries(MODE_NAMES).map(([mode, name]) => (
        <li key={mode}>
          <span class="week-cell" data-mode={mode} aria-hidden="true" />
          {name}
        </li>
      ))}
      <li>
        <span class="week-cell" data-mode={usual} data-usual aria-hidden="true" />
        As usual
      </li>
    </ul>
  );
}

const words = (modes: readonly (Mode | null)[], usual: Mode) =>
  modes
    .map((mode) =>
      mode === null ? `${MODE_NAMES[usual].toLowerCase()}, as usual` : MODE_NAMES[mode].toLowerCase(),
    )
    .join(", then ");

const within = (value: number, length: number) => Math.min(Math.max(value, 0), length - 1);

const isIn = (area: Area | null, day: number, hour: number) =>
  area !== null &&
  day >= Math.min(...area.days) &&
  day <= Math.max(...area.days) &&
  hour >= Math.min(...area.hours) &&
  hour <= Math.max(...area.hours);

function cellAt({ clientX, clientY }: MouseEvent): Cell | null {
  const name = document.elementFromPoint(clientX, clientY)?.closest<HTMLElement>("[data-cell]")?.dataset.cell;
  const [day, hour] = name?.split(" ").map(Number) ?? [];
  return day === undefined || hour === undefined ? null : [day, hour];
}
