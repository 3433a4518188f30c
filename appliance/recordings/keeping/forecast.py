"""What of the footage goes next, and when: told ahead by the rules that the keeper goes by. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from appliance.domain.footage import KeepClass
from appliance.domain.ids import CameraId
from appliance.domain.time import WallUs, wall_after
from appliance.recordings.keeping.retention import Rules, choose
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


def next_to_go(
    kept: Iterable[Kept], rules: Rules, now_us: WallUs, room_s: float | None, can_move: bool
) -> NextToGo | None:
    """Return what goes first, or ``None`` when that cannot be told.

    Args:
        kept: the oldest footage of each class that may go.
        rules: by which it is kept.
        now_us: the time that footage has aged to.
        room_s: how long the room lasts; ``None`` when the pace of recording is not known.
        can_move: room is made by moving footage to a cold storage path.
    """
    offered = list(kept)
    found = [
        NextToGo(one.camera_id, one.start_us, one.keep_class, Why.AGE, max(now_us, over_us), is_moved=False)
        for one in offered
        if (over_us := rules.over_us(one)) is not None
    ]
    first = choose(offered, 1, rules, now_us)
    if room_s is not None and first:
        one, at_us = first[0], wall_after(now_us, room_s)
        found.append(NextToGo(one.camera_id, one.start_us, one.keep_class, Why.ROOM, at_us, can_move))
    return min(found, key=lambda one: one.at_us, default=None)
