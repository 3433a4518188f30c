"""Names of what a camera's frames made: the same frames name it alike."""

from appliance.domain.ids import CameraId, derived_id
from appliance.domain.time import WallUs


class Names:
    """Names a camera's events, batches and candidates by what they are of, instead of at random.

    No count goes into a name: under another configuration some events are not made, and those that are
    still have their names, so that two replays can be compared.

    Args:
        seed: drawn anew for each start, since track numbers may come again.
    """

    def __init__(self, seed: str, camera_id: CameraId) -> None:
        self._seed = seed
        self._camera_id = camera_id

    def __call__(self, kind: str, at: WallUs, number: int) -> str:
        """Return the name of a thing of that kind, begun at that time, of the track with that number."""
        return derived_id(at, self._seed, self._camera_id, kind, number, at)
