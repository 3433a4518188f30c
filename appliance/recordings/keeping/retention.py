"""What of the footage goes, and in which order: decided here, from figures alone."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from appliance.domain.footage import KeepClass
from appliance.domain.ids import CameraId, VolumeId
from appliance.domain.time import US_PER_S, WallUs, wall_after
from appliance.recordings.settings import Settings, StoragePath
from appliance.store.footage import KeepLimit, Kept, Total, Written

DAY_S = 86_400.0
GB = 1e9


@dataclass(frozen=True, slots=True)
class Rules:
    """How long and how much footage is kept.

    Attributes:
        keep_s: of each class.
        class_bytes: at most of each class; 0 for no limit.
        all_bytes: at most of all footage; 0 for no limit.
        cameras: what the owner wants of single cameras.
    """

    keep_s: Mapping[KeepClass, float]
    class_bytes: Mapping[KeepClass, int]
    all_bytes: int
    cameras: Mapping[CameraId, KeepLimit]

    def age_ratio(self, kept: Kept, now_us: WallUs) -> float:
        """Return how much of its time a segment has used up; from 1 on it is due, below 0 not yet told."""
        if kept.keep_class is None or kept.kept_from_us is None:
            return -1.0
        return (now_us - kept.kept_from_us) / US_PER_S / self._time_s(kept.keep_class, kept.camera_id)

    def over_us(self, kept: Kept) -> WallUs | None:
        """Return when a segment has used up its time; ``None`` for one that does not age yet."""
        if kept.keep_class is None or kept.kept_from_us is None:
            return None
        return wall_after(kept.kept_from_us, self._time_s(kept.keep_class, kept.camera_id))

    def _time_s(self, keep_class: KeepClass, camera_id: CameraId) -> float:
        keep_s = self.keep_s[keep_class]
        own = self.cameras.get(camera_id)
        return keep_s if own is None or own.keep_days is None else min(keep_s, own.keep_days * DAY_S)


def rules_of(settings: Settings, cameras: Mapping[CameraId, KeepLimit]) -> Rules:
    """Return the rules of the configuration and the cameras."""
    days = {
        KeepClass.CONTINUOUS: settings.keep_continuous_days,
        KeepClass.MOTION: settings.keep_motion_days,
        KeepClass.LOW: settings.keep_low_days,
        KeepClass.MEDIUM: settings.keep_medium_days,
        KeepClass.HIGH: settings.keep_high_days,
        KeepClass.CRITICAL: settings.keep_critical_days,
    }
    most = {
        KeepClass.CONTINUOUS: settings.most_continuous_bytes,
        KeepClass.MOTION: settings.most_motion_bytes,
        KeepClass.LOW: settings.most_low_bytes,
        KeepClass.MEDIUM: settings.most_medium_bytes,
        KeepClass.HIGH: settings.most_high_bytes,
        KeepClass.CRITICAL: settings.most_critical_bytes,
    }
    keep_s = {keep_class: number * DAY_S for keep_class, number in days.items()}
    return Rules(keep_s, most, settings.most_bytes, cameras)


@dataclass(frozen=True, slots=True)
class Scope:
    """Some of the footage; ``None`` limits nothing."""

    keep_class: KeepClass | None = None
    camera_id: CameraId | None = None
    volume_id: VolumeId | None = None

    def holds(self, some: Total | Written | Kept) -> bool:
        """Return whether some footage is part of it."""
        return (
            self.keep_class in {None, some.keep_class}
            and self.camera_id in {None, some.camera_id}
            and self.volume_id in {None, some.volume_id}
        )


@dataclass(frozen=True, slots=True)
class Due:
    """Footage that is over: of a scope, what ages from before a time."""

    scope: Scope
    before_us: WallUs


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many bytes, above 0, of a scope; ``of`` names it for people."""

    scope: Scope
    most_bytes: int
    of: str


@dataclass(frozen=True, slots=True)
class Excess:
    """So many bytes more than a limit allows of a scope; ``of`` names it for people."""

    scope: Scope
    size: int
    of: str


def due(rules: Rules, now_us: WallUs) -> Iterator[Due]:
    """Yield what is over by its age: class by class, then the cameras that have a shorter time."""
    for keep_class, keep_s in rules.keep_s.items():
        yield Due(Scope(keep_class), wall_after(now_us, -keep_s))
    for camera_id, own in rules.cameras.items():
        if own.keep_days is None:
            continue
        for keep_class, keep_s in rules.keep_s.items():
            if own.keep_days * DAY_S < keep_s:
                yield Due(Scope(keep_class, camera_id), wall_after(now_us, -own.keep_days * DAY_S))


def limits(rules: Rules, places: Mapping[VolumeId, StoragePath]) -> list[Limit]:
    """Return every limit, the narrower first: what goes for it helps the wider one as well."""
    all_ = [
        *(Limit(Scope(k), most, f"{k} footage") for k, most in rules.class_bytes.items()),
        *(Limit(Scope(camera_id=c), own.most_bytes or 0, f"camera {c}") for c, own in rules.cameras.items()),
        *(
            Limit(Scope(volume_id=v), place.most_bytes or 0, f"the footage in {place.path}")
            for v, place in places.items()
        ),
        Limit(Scope(), rules.all_bytes, "all footage"),
    ]
    return [limit for limit in all_ if limit.most_bytes]


def excesses(limits_: Iterable[Limit], totals: Sequence[Total]) -> list[Excess]:
    """Return every limit that is exceeded, in the order of the limits."""
    found = []
    for limit in limits_:
        size = size_of(limit.scope, totals)
        if size > limit.most_bytes:
            found.append(Excess(limit.scope, size - limit.most_bytes, limit.of))
    return found


def size_of(scope: Scope, some: Iterable[Total | Written]) -> int:
    """Return how many bytes of some footage are part of a scope."""
    return sum(one.size for one in some if scope.holds(one))


def choose(kept: Iterable[Kept], size: int, rules: Rules, now_us: WallUs) -> list[Kept]:
    """Return what goes so that ``size`` bytes become free: what has used up most of its time goes first."""
    chosen, room = [], 0
    for one in sorted(kept, key=turn(rules, now_us)):
        if room >= size:
            break
        chosen.append(one)
        room += one.size
    return chosen


def turn(rules: Rules, now_us: WallUs) -> Callable[[Kept], tuple[float, WallUs]]:
    """Return the order in which footage goes where room is needed, as the key of a sort."""
    return lambda one: (-rules.age_ratio(one, now_us), one.start_us)


def cannot(excess: Excess, totals: Iterable[Total]) -> str:
    """Return in words that a limit cannot be kept since nothing may be deleted, and what helps."""
    amount = f"{excess.size / GB:.1f} GB" if excess.size >= GB / 10 else f"{excess.size / 1e6:.1f} MB"
    if any(total.is_protected for total in totals if excess.scope.holds(total)):
        rest = "all that is left is protected; let go of some of it, raise the limit or add a storage path"
    else:
        rest = "there is no footage that could be deleted; something else needs the room"
    return f"{excess.of}: {amount} more than allowed, and {rest}"
