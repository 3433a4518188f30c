"""What can be tuned in the keeping of footage."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Role(StrEnum):
    """What a storage path is for."""

    HOT = "hot"
    """Packets are recorded to it."""
    COLD = "cold"
    """Footage moves to it when the hot ones need the room; nothing is recorded to it directly."""


@dataclass(frozen=True, slots=True)
class StoragePath:
    """A folder that keeps footage, usually the root of a disk of its own.

    Attributes:
        path: absolute.
        role: what it is for.
        most_bytes: of footage in it; ``None`` for as much as its disk holds above the reserve.
        move_after_days: a hot one's footage moves to a cold one when it is that old; ``None`` for when the
            room is needed.
    """

    path: Path
    role: Role = Role.HOT
    most_bytes: int | None = None
    move_after_days: float | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """How footage is written, and how long it is kept.

    For how long and how much, by what a segment shows: the gravest event in its time, else motion, else
    nothing in particular (``continuous``). Protected footage and exports are never deleted.

    Attributes:
        fragment_s: a fragment is a GOP or this long, whichever is shorter.
        segment_s: a file ends at the first keyframe after this time.
        sync_every_s: how often what was written is synced to the disk: as much is lost in a power cut.
        queue_bytes: that wait for each storage path at most; then the oldest are dropped up to a GOP's start.
        check_every_s: how often each storage path is looked at: its mount, its identity, its room.
        retry_s: pause before a write to a disk that failed or is full is tried again.
        close_s: how long the end of the service waits for what is still to be written.
        reserve_ratio: of a disk's room that is kept free.
        reserve_s: of writing, at the pace of the last minutes, for which room is kept free; the larger of
            the two reserves counts.
        least_free_bytes: below this nothing is recorded to a disk, so that it never runs full.
        keep_continuous_days: footage on which nothing moved.
        keep_motion_days: with motion and no event.
        keep_low_days: with an event of low severity.
        keep_medium_days: of medium severity.
        keep_high_days: of high severity.
        keep_critical_days: of critical severity.
        most_continuous_bytes: of each of these; 0 for no limit.
        most_bytes: of all footage in all storage paths, protected footage included; 0 for no limit.
        event_roll_s: footage that far before and after an event belongs to it.
        settle_s: what a segment shows is settled that long after its end, and after its open events' ends.
        keep_gaps_days: what was missing is told for that long at least, and while older footage is there.
        keep_every_s: how often it is looked for what is due; a disk that needs room is heard at once.
        move_bytes_s: pace of moves to a cold storage path, so that they leave the disks to the recording.
    """

    fragment_s: float = 1.0
    segment_s: float = 60.0
    sync_every_s: float = 2.0
    queue_bytes: int = 128 * 1024 * 1024
    check_every_s: float = 2.0
    retry_s: float = 1.0
    close_s: float = 5.0
    reserve_ratio: float = 0.05
    reserve_s: float = 600.0
    least_free_bytes: int = 64 * 1024 * 1024
    keep_continuous_days: float = 7.0
    keep_motion_days: float = 14.0
    keep_low_days: float = 14.0
    keep_medium_days: float = 30.0
    keep_high_days: float = 60.0
    keep_critical_days: float = 90.0
    most_continuous_bytes: int = 0
    most_motion_bytes: int = 0
    most_low_bytes: int = 0
    most_medium_bytes: int = 0
    most_high_bytes: int = 0
    most_critical_bytes: int = 0
    most_bytes: int = 0
    event_roll_s: float = 10.0
    settle_s: float = 120.0
    keep_gaps_days: float = 365.0
    keep_every_s: float = 60.0
    move_bytes_s: int = 20_000_000
