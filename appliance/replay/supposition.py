"""What is supposed to have been set instead of what was: the what of a what-if."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from appliance.decisions.setup import Setup
from appliance.domain.alert import Rule
from appliance.domain.arming import NEVER_US, ArmHours, Arming, ArmState
from appliance.domain.ids import CameraId, RuleId
from appliance.domain.scene import Line, Mask, Scene, Zone
from appliance.events.settings import Settings as EventsSettings
from appliance.tracks.settings import Settings as TracksSettings


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn on a camera's picture instead; ``None`` for as it was."""

    zones: tuple[Zone, ...] | None = None
    lines: tuple[Line, ...] | None = None
    masks: tuple[Mask, ...] | None = None

    @classmethod
    def whole(cls, scene: Scene) -> Self:
        """Return everything that there is in a scene."""
        return cls(scene.zones, scene.lines, scene.masks)

    def on(self, scene: Scene) -> Scene:
        """Return a scene with this instead of what was there."""
        return Scene(
            scene.zones if self.zones is None else self.zones,
            scene.lines if self.lines is None else self.lines,
            scene.masks if self.masks is None else self.masks,
        )


@dataclass(frozen=True, slots=True)
class Supposition:
    """Replaces parts of every setup that there was in a time; what it does not name stays as it was then.

    Attributes:
        names: of cameras.
        scenes: what is drawn on cameras' pictures.
        tracks: how objects are followed; ``None`` for as it was.
        events: how events are made; likewise.
        rule: one that is there as well, or instead of that with its id.
        removed_rule: one that is not there.
        arm_state: the state that is set by hand, all the time; ``None`` for as it was set.
        arm_hours: the hours that set one; ``None`` for as they were.
    """

    names: Mapping[CameraId, str] = field(default_factory=dict)
    scenes: Mapping[CameraId, Drawn] = field(default_factory=dict)
    tracks: TracksSettings | None = None
    events: EventsSettings | None = None
    rule: Rule | None = None
    removed_rule: RuleId | None = None
    arm_state: ArmState | None = None
    arm_hours: tuple[ArmHours, ...] | None = None

    def applied(self, setup: Setup) -> Setup:
        """Return a setup as it is supposed to have been."""
        camera = setup.camera_id
        return replace(
            setup,
            name=self.names.get(camera, setup.name),
            scene=self.scenes.get(camera, Drawn()).on(setup.scene),
            tracks=self.tracks or setup.tracks,
            events=self.events or setup.events,
            house=replace(
                setup.house,
                rules=self._rules(setup.house.rules),
                arming=self._arming(setup.house.arming),
            ),
        )

    def _arming(self, arming: Arming) -> Arming:
        if self.arm_state is not None:
            arming = replace(arming, state=self.arm_state, set_us=NEVER_US)
        return arming if self.arm_hours is None else replace(arming, hours=self.arm_hours)

    def _rules(self, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        left_out = {self.removed_rule, None if self.rule is None else self.rule.id}
        kept = [rule for rule in rules if rule.id not in left_out]
        if self.rule is not None and self.rule.enabled:
            kept.append(self.rule)
        return tuple(sorted(kept, key=lambda rule: rule.id))


NOTHING = Supposition()
"""All was as it was."""
