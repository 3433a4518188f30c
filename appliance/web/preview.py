"""What other settings would have made of the last hours."""

import msgspec
from aiohttp import web

from appliance.domain.alert import Deduplication, Rule
from appliance.domain.arming import ArmHours, ArmState
from appliance.domain.ids import CameraId, RuleId
from appliance.domain.scene import LineId, ZoneId
from appliance.domain.severity import Severity
from appliance.domain.time import wall_after
from appliance.replay.preview import Question
from appliance.replay.supposition import Drawn, Supposition
from appliance.store.hours_form import arm_hours_of_forms, hours_of_forms
from appliance.store.scene_form import Scene, scene_of
from appliance.web.body import body
from appliance.web.ports import Collaborators
from appliance.web.problems import Kind, Rejected
from appliance.web.route import JSON
from appliance.web.settings import WebSettings
from appliance.web.wire import PreviewQuestion, PreviewRule, SceneChange

HOUR_S = 3600.0
NEW_RULE = RuleId("preview")
"""The id of a rule that is not there yet: its alerts have it."""


class PreviewHandlers:
    """The handler of previews."""

    def __init__(self, with_: Collaborators, settings: WebSettings) -> None:
        self._with = with_
        self._settings = settings

    async def ask(self, request: web.Request) -> web.Response:
        """Try other settings on the last hours; nothing is set by it."""
        asked = await body(request, PreviewQuestion, self._settings)
        now = self._with.clock.wall_us()
        question = Question(
            from_us=wall_after(now, -asked.hours * HOUR_S),
            to_us=now,
            cameras=() if asked.camera is None else (CameraId(asked.camera),),
            supposition=_supposition(asked),
        )
        return web.Response(body=await self._with.previewer.preview(question), content_type=JSON)


def _supposition(asked: PreviewQuestion) -> Supposition:
    """Return what is asked to be tried.

    Raises:
        Rejected: a scene is given and no camera, or nothing to try at all.
        InvalidInput: the scene makes no sense.
    """
    supposition = Supposition(
        scenes=_scenes(asked),
        rule=None if asked.rule is None else _rule(asked.rule),
        removed_rule=None if asked.remove_rule is None else RuleId(asked.remove_rule),
        arm_state=_arm_state(asked),
        arm_hours=_arm_hours(asked),
    )
    if supposition == Supposition():
        expected = "a scene, a rule, remove_rule or arm"
        raise Rejected(Kind.INVALID, "there is nothing to try", expected=expected, got="none of them")
    return supposition


def _scenes(asked: PreviewQuestion) -> dict[CameraId, Drawn]:
    if asked.scene is None:
        return {}
    if asked.camera is None:
        raise Rejected(
            Kind.INVALID, "a scene is that of a camera", field="camera", expected="its id", got="none"
        )
    return {CameraId(asked.camera): _drawn(asked.scene)}


def _drawn(change: SceneChange) -> Drawn:
    given = {
        name: shapes for name, shapes in msgspec.structs.asdict(change).items() if shapes is not msgspec.UNSET
    }
    scene = scene_of(Scene(**given))
    return Drawn(
        zones=scene.zones if "zones" in given else None,
        lines=scene.lines if "lines" in given else None,
        masks=scene.masks if "masks" in given else None,
    )


def _rule(form: PreviewRule) -> Rule:
    return Rule(
        id=NEW_RULE if form.id is None else RuleId(form.id),
        name=form.name,
        enabled=form.enabled,
        labels=None if form.labels is None else frozenset(form.labels),
        cameras=None if form.cameras is None else frozenset(map(CameraId, form.cameras)),
        min_severity=Severity.of_word(form.min_severity),
        cooldown_s=form.cooldown_s,
        deduplication=Deduplication(form.deduplication),
        zones=None if form.zones is None else frozenset(map(ZoneId, form.zones)),
        lines=None if form.lines is None else frozenset(map(LineId, form.lines)),
        min_dwell_s=form.min_dwell_s,
        armed=None if form.armed is None else frozenset(map(ArmState, form.armed)),
        hours=hours_of_forms(form.hours),
    )


def _arm_state(asked: PreviewQuestion) -> ArmState | None:
    if asked.arm is None or isinstance(asked.arm.state, msgspec.UnsetType):
        return None
    return ArmState(asked.arm.state)


def _arm_hours(asked: PreviewQuestion) -> tuple[ArmHours, ...] | None:
    if asked.arm is None or isinstance(asked.arm.hours, msgspec.UnsetType):
        return None
    return arm_hours_of_forms(asked.arm.hours)
