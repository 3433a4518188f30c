// What can be set of a zone.

import { useState } from "preact/hooks";
import { Field } from "../../parts/field";
import { numberOf } from "../cameras/changes";
import { TextSetting } from "../cameras/settings";
import { edgesOf } from "./geometry";
import type { Zone } from "./scene";

interface Props {
  zone: Zone;
  change: (part: Partial<Zone>, doing: string) => void;
}

const REQUIRED = [
  ["none", "No"],
  ["alerts", "For alerts"],
  ["events", "For events"],
] as const;
const REQUIRED_HINTS = {
  none: "What is seen elsewhere counts as well.",
  alerts: "Only what was here, or in another zone so marked, makes alerts.",
  events: "Only what was here, or in another zone so marked, makes events at all.",
};

export function ZoneFields({ zone, change }: Props) {
  return (
    <>
      <Field label="Must something have been here?" hint={REQUIRED_HINTS[zone.required_for]}>
        <select
          value={zone.required_for}
          onChange={({ currentTarget }) =>
            change({ required_for: currentTarget.value as Zone["required_for"] }, "required")
          }
        >
          {REQUIRED.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </Field>
      <details class="shape-more">
        <summary>Times, sizes and score</summary>
        <div class="pair">
          <Amount
            label="Is in after, s"
            value={zone.enter_s}
            most={60}
            put={(enter_s) => change({ enter_s }, "in")}
          />
          <Amount
            label="Is out after, s"
            value={zone.leave_s}
            most={60}
            put={(leave_s) => change({ leave_s }, "out")}
          />
        </div>
        <div class="pair">
          <Amount
            label="Smallest size, % of the picture"
            value={zone.min_area_ratio * 100}
            most={100}
            put={(percent) => change({ min_area_ratio: percent / 100 }, "smallest")}
          />
          <Amount
            label="Largest size, % of the picture"
            value={zone.max_area_ratio * 100}
            most={100}
            put={(percent) => change({ max_area_ratio: percent / 100 }, "largest")}
          />
        </div>
        <Amount
          label="Least score, %"
          hint="How sure the detector must have been, once at least."
          value={zone.min_score * 100}
          most={100}
          put={(percent) => change({ min_score: percent / 100 }, "score")}
        />
      </details>
      {zone.points.length === 4 && <Sides key={zone.id} zone={zone} change={change} />}
    </>
  );
}

/** A number that applies when the field is left. */
export function Amount({
  label,
  hint,
  value,
  most,
  put,
}: {
  label: string;
  hint?: string;
  value: number;
  most: number;
  put: (value: number) => void;
}) {
  return (
    <TextSetting
      isNumber
      label={label}
      {...(hint !== undefined && { hint })}
      value={String(Number(value.toPrecision(6)))}
      save={(text) => {
        const next = numberOf(text, { least: 0, most });
        if (next === null) throw new Error(`Write a number from 0 to ${most}.`);
        put(next);
      }}
    />
  );
}

type Four = [number, number, number, number];

/** How long the sides are on the ground: known are all four, or none. */
function Sides({ zone, change }: Props) {
  const [written, setWritten] = useState<readonly string[]>(zone.sides_m?.map(String) ?? ["", "", "", ""]);
  const [error, setError] = useState<string | null>(null);
  const keep = (texts: readonly string[]) => {
    setError(null);
    try {
      const lengths = texts.map((text) => numberOf(text, { least: 0.1, most: 10_000 }));
      const known = lengths.filter((one) => one !== null);
      if (known.length === 4) change({ sides_m: known as Four }, "sides");
      else if (known.length === 0) change({ sides_m: null }, "sides");
      else setError("Write all four, or none.");
    } catch (problem) {
      setError(problem instanceof Error ? problem.message : String(problem));
    }
  };
  return (
    <details class="shape-more" open={zone.sides_m !== null}>
      <summary>Speed: how long are its sides?</summary>
      <p class="hint">Measured on the ground, in metres. Then the speed of what goes through is known.</p>
      <div class="sides">
        {edgesOf(zone.points).map((edge, index) => (
          <Field key={index} label={`Side ${index + 1} (${placeOf(edge, zone.points)}), m`}>
            <input
              inputMode="decimal"
              autocomplete="off"
              value={written[index]}
              onInput={({ currentTarget }) => setWritten(written.with(index, currentTarget.value))}
              onChange={() => keep(written)}
            />
          </Field>
        ))}
      </div>
      {error !== null && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
    </details>
  );
}

/** Where a side is, seen from the middle of its zone: `top`, `right`. */
function placeOf(
  [a, b]: readonly [readonly [number, number], readonly [number, number]],
  all: Zone["points"],
) {
  const mean = (axis: 0 | 1) => all.reduce((sum, point) => sum + point[axis], 0) / all.length;
  const [x, y] = [(a[0] + b[0]) / 2 - mean(0), (a[1] + b[1]) / 2 - mean(1)];
  if (Math.abs(x) > Math.abs(y)) return x > 0 ? "right" : "left";
  return y > 0 ? "bottom" : "top";
}
