import { Chips } from "../../parts/chips";
import { Group } from "../../parts/group";
import { cameraList, nameOf } from "../../state/session";

/** All cameras, or some of them; one that is gone is still named, by its id. */
export function CameraSet({
  cameras,
  onChange,
  error,
}: {
  cameras: string[] | null;
  onChange: (cameras: string[] | null) => void;
  error: string | null;
}) {
  const known = cameraList.value.map(({ id }) => id);
  return (
    <Group
      label="Which cameras are seen"
      all="All cameras, later ones as well"
      isAll={cameras === null}
      onAll={(isAll) => onChange(isAll ? null : known)}
      error={error}
    >
      <Chips
        options={[...new Set([...known, ...(cameras ?? [])])].map((id) => [id, nameOf(id)])}
        chosen={cameras ?? []}
        onChange={onChange}
      />
    </Group>
  );
}
