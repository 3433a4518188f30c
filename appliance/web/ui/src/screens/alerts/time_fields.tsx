// When a rule tells of something: while who is at home, and at which hours.

import { ARM_NAMES, ARM_STATES } from "../../arm_words";
import { Button } from "../../parts/button";
import { Chips } from "../../parts/chips";
import { Group } from "../../parts/group";
import { FRESH_HOURS, HoursFields } from "./hours_fields";
import type { PartProps } from "./place_fields";

const STATES = ARM_STATES.map((state) => [state, ARM_NAMES[state]] as const);

export function TimeFields({ form, put, errorOf }: PartProps) {
  const { armed, hours } = form;
  return (
    <>
      <Group
        label="While it is set to"
        all="Whoever is at home"
        isAll={armed === null}
        onAll={(isAll) => put({ armed: isAll ? null : ["away"] })}
        error={errorOf("armed")}
      >
        <Chips options={STATES} chosen={armed ?? []} onChange={(states) => put({ armed: states })} />
      </Group>
      <Group
        label="At these hours"
        all="Always"
        isAll={hours.length === 0}
        onAll={(isAll) => put({ hours: isAll ? [] : [FRESH_HOURS] })}
        error={errorOf("hours")}
      >
        {hours.map((one, at) => (
          <HoursFields
            key={at}
            hours={one}
            onChange={(next) => put({ hours: hours.with(at, next) })}
            onRemove={() => put({ hours: hours.toSpliced(at, 1) })}
          />
        ))}
        <p>
          <Button small icon="plus" onClick={() => put({ hours: [...hours, FRESH_HOURS] })}>
            More hours
          </Button>
        </p>
      </Group>
    </>
  );
}
