"""Everything that the owner set and that decides at one camera."""

from dataclasses import dataclass, field

from appliance.domain.alert import Rule
from appliance.domain.arming import DISARMED, Arming
from appliance.domain.ids import CameraId
from appliance.domain.scene import EMPTY_SCENE, Scene
from appliance.events.settings import Settings as EventsSettings
from appliance.tracks.settings import Settings as TracksSettings


@dataclass(frozen=True, slots=True)
class House:
    """What the owner set for all cameras together.

    Attributes:
        rules: every rule that is switched on, by id.
        arming: who is at home at any time.
    """

    rules: tuple[Rule, ...] = ()
    arming: Arming = DISARMED


@dataclass(frozen=True, slots=True)
class Setup:
    """The whole configuration of one camera's decisions, as plain data.

    Attributes:
        name: the camera's, for sentences.
        scene: what is drawn on its picture.
        tracks: how its objects are followed; counts from a start of the watch on.
        events: how its events are made; likewise.
        house: what is set for all cameras.
        time_zone: the box's, by its name in the IANA database: when it is night; counts from a start on.
    """

    camera_id: CameraId
    name: str
    scene: Scene = EMPTY_SCENE
    tracks: TracksSettings = field(default_factory=TracksSettings)
    events: EventsSettings = field(default_factory=EventsSettings)
    house: House = field(default_factory=House)
    time_zone: str = "UTC"
