"""A camera that is covered, turned or put out of focus: an event of its own, until it sees as usual again."""

from datetime import datetime, tzinfo

from appliance.domain.arming import ArmState
from appliance.domain.event import TAMPERING_LABEL, EventKind, RiskFactor
from appliance.domain.ids import CameraId, Naming
from appliance.domain.tampering import Tampering
from appliance.domain.time import WallUs
from appliance.domain.trace import TraceStep
from appliance.events.affair import Affair, Looked
from appliance.events.batches import BatchBook
from appliance.events.risk import assess_tampering
from appliance.events.settings import Settings
from appliance.events.words import spoiling, spoilt


class Tampered(Affair):
    """Knows what is done to one camera, and keeps the event of it; plain state, reads no clock.

    An event that a restart cuts off is not gone on from: the service learns anew then what the camera sees,
    and what it tells afterwards is something else that was done.

    Args:
        name_of: names events.
        zone: the owner's time zone, for what is night.
    """

    def __init__(self, camera_id: CameraId, settings: Settings, name_of: Naming, zone: tzinfo) -> None:
        super().__init__(EventKind.TAMPERING, camera_id, settings, name_of, zone)
        self._how = Tampering.COVERED

    @property
    def how(self) -> Tampering | None:
        """What is done to it."""
        return None if self.event is None else self._how

    def begin(self, batches: BatchBook, place: str, at: WallUs, arm: ArmState, how: Tampering) -> Looked:
        """Hear what is done to the camera from now on, and in what state the house is; nothing was before."""
        self._how, self._arm = how, arm
        step = TraceStep(TAMPERING_LABEL, passed=True, detail=spoiling(how))
        return self._save(batches, place, self._opened(batches, at, at, step), at)

    def _assessed(self, local_start: datetime, _lasted_s: float) -> tuple[RiskFactor, ...]:
        return assess_tampering(local_start, self._how, self._arm, self._settings)

    def _summary(self, place: str, lasted_s: float | None) -> str:
        return spoilt(place, self._how, lasted_s)
