// What of the feed is shown: a bar, folded on a phone.

import { useEffect, useId, useRef } from "preact/hooks";
import { Button } from "../../parts/button";
import { Segmented } from "../../parts/segmented";
import { cameraList } from "../../state/session";
import { SEVERITIES, type Severity } from "../../words";
import { names, shapesAt } from "../alerts/names";
import { countOf, type EventFilter, isSame, SHORTCUTS } from "./filter";
import "./filters.css";

interface Props {
  filter: EventFilter;
  labels: readonly string[];
  onChange: (filter: EventFilter) => void;
  onClear: () => void;
}

const REVIEWED = [
  ["any", "All"],
  ["false", "Not reviewed"],
  ["true", "Reviewed"],
] as const;

export function Filters({ filter, labels, onChange, onClear }: Props) {
  const change = (part: Partial<EventFilter>) => onChange({ ...filter, ...part });
  const known = cameraList.value.map((camera) => [camera.id, camera.name] as const);
  // The events of a camera that is gone are still there.
  const gone = filter.camera.filter((id) => !cameraList.value.some((camera) => camera.id === id));
  const cameras = [...known, ...gone.map((id) => [id, id] as const)];
  const zones = shapesAt("zones", filter.camera.length === 0 ? null : filter.camera);
  const lost = filter.zone.filter((id) => !zones.some(([one]) => one === id));
  return (
    <div class="filters" id="event-filters">
      <Several
        name="Cameras"
        options={cameras}
        chosen={filter.camera}
        onChange={(camera) => change({ camera })}
      />
      <Several
        name="Labels"
        options={labels.map((label) => [label, label] as const)}
        chosen={filter.label}
        onChange={(label) => change({ label })}
      />
      {(zones.length > 0 || filter.zone.length > 0) && (
        <Several
          name="Zones"
          options={[...zones, ...lost.map((id) => [id, names.zone(id)] as const)]}
          chosen={filter.zone}
          onChange={(zone) => change({ zone })}
        />
      )}
      <SeverityFrom value={filter.severity} onChange={(severity) => change({ severity })} />
      <Segmented
        label="Reviewed"
        value={filter.reviewed === null ? "any" : filter.reviewed ? "true" : "false"}
        options={REVIEWED}
        onChange={(value) => change({ reviewed: value === "any" ? null : value === "true" })}
      />
      <Times filter={filter} change={change} />
      {countOf(filter) > 0 && (
        <Button kind="quiet" icon="close" onClick={onClear}>
          Clear
        </Button>
      )}
    </div>
  );
}

/** A choice of any number of things, in a fold. */
function Several({
  name,
  options,
  chosen,
  onChange,
}: {
  name: string;
  options: readonly (readonly [string, string])[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}) {
  const words = options.filter(([id]) => chosen.includes(id)).map(([, text]) => text);
  const said =
    words.length === 0
      ? `All ${name.toLowerCase()}`
      : words.length > 2
        ? `${words.length} ${name.toLowerCase()}`
        : words.join(", ");
  const turn = (id: string) =>
    onChange(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  const fold = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const pressed = ({ target }: PointerEvent) => {
      if (fold.current?.open && target instanceof Node && !fold.current.contains(target))
        fold.current.open = false;
    };
    document.addEventListener("pointerdown", pressed);
    return () => document.removeEventListener("pointerdown", pressed);
  }, []);
  return (
    <details ref={fold} class="several" onFocusOut={closeWhenLeft} onKeyDown={closeOnEscape}>
      <summary class="button" data-on={chosen.length > 0}>
        <span>{said}</span>
      </summary>
      <fieldset class="several-list">
        <legend class="unseen">{name}</legend>
        {options.length === 0 && <p class="muted small">None yet.</p>}
        {options.map(([id, text]) => (
          <label key={id} class="check">
            <input type="checkbox" checked={chosen.includes(id)} onChange={() => turn(id)} />
            <span>{text}</span>
          </label>
        ))}
      </fieldset>
    </details>
  );
}

type OnDetails<E> = E & { currentTarget: HTMLDetailsElement };

function closeWhenLeft({ currentTarget, relatedTarget }: OnDetails<FocusEvent>): void {
  if (relatedTarget instanceof Node && !currentTarget.contains(relatedTarget)) currentTarget.open = false;
}

function closeOnEscape({ key, currentTarget }: OnDetails<KeyboardEvent>): void {
  if (key !== "Escape" || !currentTarget.open) return;
  currentTarget.open = false;
  currentTarget.querySelector("summary")?.focus();
}

function SeverityFrom({
  value,
  onChange,
}: {
  value: Severity | null;
  onChange: (value: Severity | null) => void;
}) {
  const words = Object.entries(SEVERITIES) as [Severity, string][];
  return (
    <select
      class="severity-from"
      aria-label="Severity"
      value={value ?? "low"}
      onChange={({ currentTarget }) =>
        onChange(currentTarget.value === "low" ? null : (currentTarget.value as Severity))
      }
    >
      {words.map(([word, text]) => (
        <option key={word} value={word}>
          {word === "low" ? "Any severity" : word === "critical" ? text : `${text} and up`}
        </option>
      ))}
    </select>
  );
}

function Times({ filter, change }: { filter: EventFilter; change: (part: Partial<EventFilter>) => void }) {
  const id = useId();
  const nowMs = Date.now();
  const set = (part: "from" | "to", text: string) => {
    const ms = Date.parse(text);
    change({ [part]: Number.isNaN(ms) ? null : new Date(ms).toISOString() });
  };
  return (
    <div class="filter-times">
      {SHORTCUTS.map(({ words, range }) => {
        const there = range(nowMs);
        const isOn = isSame(there, filter);
        return (
          <Button key={words} pressed={isOn} onClick={() => change(isOn ? { from: null, to: null } : there)}>
            {words.charAt(0).toUpperCase() + words.slice(1)}
          </Button>
        );
      })}
      <label class="filter-time" for={`${id}-from`}>
        <span class="muted small">From</span>
        <input
          id={`${id}-from`}
          type="datetime-local"
          value={localOf(filter.from)}
          onChange={({ currentTarget }) => set("from", currentTarget.value)}
        />
      </label>
      <label class="filter-time" for={`${id}-to`}>
        <span class="muted small">To</span>
        <input
          id={`${id}-to`}
          type="datetime-local"
          value={localOf(filter.to)}
          onChange={({ currentTarget }) => set("to", currentTarget.value)}
        />
      </label>
    </div>
  );
}

// A time as such a field wants it: by the browser's clock, without a zone.
function localOf(iso: string | null): string {
  if (iso === null) return "";
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
