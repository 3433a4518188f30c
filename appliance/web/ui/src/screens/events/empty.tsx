// A feed without events: why, and what can be done.

import { Button } from "../../parts/button";
import { Nothing } from "../../parts/nothing";
import { may } from "../../state/access";
import { cameras, nameOf } from "../../state/session";
import { names } from "../alerts/names";
import { countOf, type EventFilter, wordsOfFilter } from "./filter";

export function Empty({ filter, onClear }: { filter: EventFilter; onClear: () => void }) {
  if (countOf(filter) > 0) {
    return (
      <Nothing
        icon="filter"
        title="Nothing matches the filter"
        text={`No event is ${wordsOfFilter(filter, nameOf, names.zone).join(" · ")}.`}
        action={<Button onClick={onClear}>Show all events</Button>}
      />
    );
  }
  if (cameras.value.size === 0) {
    return (
      <Nothing
        icon="camera"
        title="No camera yet"
        text="What your cameras see happen will be listed here."
        action={
          may("cameras.manage") && (
            <a class="button primary" href="/cameras/new">
              Add a camera
            </a>
          )
        }
      />
    );
  }
  return (
    <Nothing
      icon="events"
      title="Nothing has happened yet"
      text="People, cars and what else your cameras recognise will be listed here, as it happens."
    />
  );
}
