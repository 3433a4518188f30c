"""What of the footage goes next, and when: told ahead by the rules that the keeper goes by. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from appliance.domain.footage import KeepClass
from appliance.domain.ids import CameraId, VolumeId
from appliance.domain.time import WallUs, wall_after
from appliance.recordings.keeping.retention import Rules, Scope, turn
from appliance.store.footage import Kept


class Why(StrEnum):
    """For what footage goes."""

    AGE = "age"
    ROOM = "room"


@dataclass(frozen=True, slots=True)
class NextToGo:
    """The footage of a storage path that goes first.

    Attributes:
        start_us: when it was recorded.
        keep_class: what it is kept for; ``None`` for what is too new to be told.
        at_us: about when it goes, if nothing changes.
        is_moved: to a cold storage path, rather than deleted.
    """

    camera_id: CameraId
    start_us: WallUs
    keep_class: KeepClass | None
    why: Why
    at_us: WallUs
    is_moved: bool


@dataclass(frozen=True, slots=True)
class Room:
    """For how long there is room yet for a scope's footage at its pace; then old footage makes room for new.

    Attributes:
        is_moved: what makes room is moved to a cold storage path; what is over a limit never is.
    """

    scope: Scope
    lasts_s: float
    is_moved: bool = False


def next_to_go(
    offered: Sequence[Kept], rules: Rules, now_us: WallUs, rooms: Sequence[Room]
) -> dict[VolumeId, NextToGo]:
    """Return what goes first of each storage path; one of which that cannot be told is left out.

    Args:
        offered: the oldest footage of each class and storage path that may go.
        rules: by which it is kept.
        now_us: the time that footage has aged to.
        rooms: of the scopes of which the pace of recording is known.
    """
    found = [
        (one.volume_id, _going(one, Why.AGE, max(now_us, over_us)))
        for one in offered
        if (over_us := rules.over_us(one)) is not None
    ]
    for room in rooms:
        mine = (one for one in offered if room.scope.holds(one))
        first = min(mine, key=turn(rules, now_us), default=None)
        if first is not None:
            at_us = wall_after(now_us, room.lasts_s)
            found.append((first.volume_id, _going(first, Why.ROOM, at_us, room.is_moved)))
    first_of: dict[VolumeId, NextToGo] = {}
    for volume_id, going in sorted(found, key=lambda one: one[1].at_us):
        first_of.setdefault(volume_id, going)
    return first_of


def _going(one: Kept, why: Why, at_us: WallUs, is_moved: bool = False) -> NextToGo:
    return NextToGo(one.camera_id, one.start_us, one.keep_class, why, at_us, is_moved)
