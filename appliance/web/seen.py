"""What is left of an answer that speaks of several cameras, for whoever may not know of all of them.

A rule's cameras, zones and lines, and the reasons that name them: of these the handlers show what concerns
the cameras that are seen. Where nothing is hidden nothing here is asked.
"""

from collections.abc import Sequence

import msgspec

from appliance.domain.access import Sight
from appliance.domain.ids import CameraId
from appliance.store.drawn import Drawn
from appliance.web.wire import Candidate, Rule, TraceStep

PLAIN = {
    "camera": ("this camera is one of the rule's", "this camera is none of the rule's"),
    "zone": ("was in a zone of the rule", "was in no zone of the rule"),
    "line": ("crossed a line of the rule", "crossed no line of the rule"),
    "cooldown": ("the rule had made no alert lately", "cool-down of the rule"),
}
"""Steps that list what a rule names, or what happened at any of its cameras: in words that do not."""


def rule_seen(text: str, sight: Sight, drawn: Drawn) -> str | None:
    """Return a rule's JSON text with the cameras, zones and lines that are seen.

    ``None`` where it can alert for none of these cameras: such a rule is not there.
    """
    rule = msgspec.json.decode(text, type=Rule)
    cameras = None if rule.cameras is None else [one for one in rule.cameras if sight.sees(CameraId(one))]
    zones = None if rule.zones is None else [one for one in rule.zones if one in drawn.zones]
    lines = None if rule.lines is None else [one for one in rule.lines if one in drawn.lines]
    if [] in (cameras, zones, lines):
        return None
    seen = msgspec.structs.replace(rule, cameras=cameras, zones=zones, lines=lines)
    return msgspec.json.encode(seen).decode()


def steps_seen(steps: Sequence[TraceStep]) -> list[TraceStep]:
    """Return steps without what a rule names elsewhere."""
    return [_plain(step) if step.name in PLAIN else step for step in steps]


def _plain(step: TraceStep) -> TraceStep:
    return msgspec.structs.replace(step, detail=PLAIN[step.name][not step.passed])


def candidate_seen(candidate: Candidate) -> Candidate:
    """Return a candidate without what a rule names elsewhere; its reason is its first step that failed."""
    if candidate.rule_id is None:
        return candidate
    steps = steps_seen(candidate.steps)
    reason = next((step.detail for step in steps if not step.passed), candidate.reason)
    return msgspec.structs.replace(candidate, steps=steps, reason=reason)
