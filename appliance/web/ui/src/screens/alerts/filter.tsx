import { useId } from "preact/hooks";
import { useLocation } from "preact-iso";
import { withQuery } from "../../api";
import { Segmented } from "../../parts/segmented";
import { cameraList } from "../../state/session";
import { SEVERITIES } from "../../words";
import type { Filter } from "./list";

const STATES = [
  ["open", "Open"],
  ["acknowledged", "Acknowledged"],
  ["dismissed", "Dismissed"],
  ["all", "All"],
] as const;

/** Which alerts are shown; it stands in the page's address. */
export function AlertFilter({ filter }: { filter: Filter }) {
  const { route } = useLocation();
  const [cameraId, severityId] = [useId(), useId()];
  const go = (change: Partial<Filter>) => {
    const { state, camera, severity } = { ...filter, ...change };
    route(withQuery("/alerts", { state: state === "open" ? null : state, camera, severity }), true);
  };
  return (
    <div class="alert-filter">
      <Segmented label="State" value={filter.state} options={STATES} onChange={(state) => go({ state })} />
      <label class="unseen" for={cameraId}>
        Camera
      </label>
      <select
        id={cameraId}
        value={filter.camera}
        onChange={(event) => go({ camera: event.currentTarget.value })}
      >
        <option value="">All cameras</option>
        {cameraList.value.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <label class="unseen" for={severityId}>
        Severity
      </label>
      <select
        id={severityId}
        value={filter.severity}
        onChange={(event) => go({ severity: event.currentTarget.value as Filter["severity"] })}
      >
        <option value="">Any severity</option>
        {Object.entries(SEVERITIES).map(([value, text]) => (
          <option key={value} value={value}>
            {text} {value === "critical" ? "" : "or higher"}
          </option>
        ))}
      </select>
    </div>
  );
}
