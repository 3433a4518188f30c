// Where something must be, and how long, before a rule tells of it.

import { Chips } from "../../parts/chips";
import { Field } from "../../parts/field";
import { Group } from "../../parts/group";
import { lasting } from "../../words";
import { names, type ShapeKind, shapesAt } from "./names";
import { DWELLS, type RuleForm } from "./rule_words";

export interface PartProps {
  form: RuleForm;
  put: (change: Partial<RuleForm>) => void;
  errorOf: (field: string) => string | null;
}

export function PlaceFields({ form, put, errorOf }: PartProps) {
  const dwells = DWELLS.some(([value]) => value === form.min_dwell_s)
    ? DWELLS
    : [...DWELLS, [form.min_dwell_s, lasting(form.min_dwell_s * 1000)] as const];
  return (
    <>
      <Shapes kind="zones" label="In these zones" all="Anywhere in the picture" {...{ form, put, errorOf }} />
      <Shapes
        kind="lines"
        label="Across these lines"
        all="It need not cross a line"
        {...{ form, put, errorOf }}
      />
      <Field
        label={form.zones === null ? "Once it was seen for" : "Once it was in one of them for"}
        error={errorOf("min_dwell_s")}
      >
        <select
          value={String(form.min_dwell_s)}
          onChange={(event) => put({ min_dwell_s: Number(event.currentTarget.value) })}
        >
          {dwells.map(([value, text]) => (
            <option key={value} value={String(value)}>
              {text}
            </option>
          ))}
        </select>
      </Field>
    </>
  );
}

function Shapes({
  kind,
  label,
  all,
  form,
  put,
  errorOf,
}: PartProps & { kind: ShapeKind; label: string; all: string }) {
  const chosen = form[kind];
  const known = shapesAt(kind, form.cameras);
  const gone = (chosen ?? []).filter((id) => !known.some(([one]) => one === id));
  const options = [
    ...known,
    ...gone.map((id) => [id, names[kind === "zones" ? "zone" : "line"](id)] as const),
  ];
  // Where nothing is drawn there is nothing to choose from.
  if (options.length === 0) return null;
  return (
    <Group
      label={label}
      all={all}
      isAll={chosen === null}
      onAll={(isAll) => put({ [kind]: isAll ? null : options.slice(0, 1).map(([id]) => id) })}
      error={errorOf(kind)}
    >
      <Chips options={options} chosen={chosen ?? []} onChange={(ids) => put({ [kind]: ids })} />
    </Group>
  );
}
