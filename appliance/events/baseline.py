"""What is usual at a camera: on how many days each label comes at each hour, learnt from its events. Pure.

Days are counted, not events: ten people at a party are one day with people at that hour. Workdays and
weekends are counted apart: an office that is busy at ten on every workday has nobody at ten on a Sunday, but
all days together would still call that usual (5 of 7 days). What lies back counts less and less, by halves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo

from appliance.domain.time import WallUs

HOURS = 24
SATURDAY = 5
KIND_LEAST_DAYS = 3.0
"""A kind of day is asked by itself once it was learnt on so many; before, all days are asked together."""
LEARNT_FROM_S = 28 * 86_400.0
"""A start learns from the events of that time: what lies further back counts half already."""
LONGEST_GAP_DAYS = 400
"""More days than that in one step are not counted one by one: nothing that was learnt counts by then."""


@dataclass(frozen=True, slots=True)
class Rarity:
    """How often a label comes to a camera at one hour of the day.

    Attributes:
        share: the part of the days that had one, 0 to 1.
        days: on how many days that was learnt; the older of them count less than 1.
        kind: ``workdays`` or ``weekends`` if only those are meant, else empty.
    """

    share: float
    days: float
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The counts of one camera; plain state that never changes: learning returns a new one.

    Attributes:
        half_life_days: after so many days a day counts half.
        day: the local day at which the counts stand, as ``date.toordinal``; 0 before the first.
        days: how many workdays and weekend days before ``day`` were learnt, older ones counting less.
        counts: of each label, the days that had one: 24 hours of workdays, then 24 of weekends.
        today: the labels and hours that ``day`` has had already.
    """

    half_life_days: float = 28.0
    day: int = 0
    days: tuple[float, float] = (0.0, 0.0)
    counts: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    today: frozenset[tuple[str, int]] = frozenset()

    @property
    def learnt_days(self) -> float:
        """On how many days it rests, older ones counting less."""
        return sum(self.days)

    def learn(self, label: str, local: datetime) -> "Baseline":
        """Return the baseline with one more event.

        Args:
            label: of the event, voted over all of it.
            local: when it began, by the owner's clock; events may come in any order.
        """
        state = self.advance(local)
        age_days = state.day - local.toordinal()
        if age_days == 0 and (label, local.hour) in state.today:
            return state
        counts = list(state.counts.get(label, (0.0,) * (2 * HOURS)))
        counts[_cell(local)] += _worth(age_days, self.half_life_days)
        today = state.today | {(label, local.hour)} if age_days == 0 else state.today
        return replace(state, counts={**state.counts, label: tuple(counts)}, today=today)

    def advance(self, local: datetime) -> "Baseline":
        """Return the baseline as it stands on that day, the days since then counted; never backwards."""
        day = local.toordinal()
        if self.day == 0:
            return replace(self, day=day)
        if day <= self.day:
            return self
        passed = min(day - self.day, LONGEST_GAP_DAYS)
        days, one = list(self.days), _worth(1, self.half_life_days)
        for number in range(day - passed, day):
            kind = _kind(number)
            days = [count * one for count in days]
            days[kind] += one
        worth = _worth(day - self.day, self.half_life_days)
        counts = {label: tuple(count * worth for count in row) for label, row in self.counts.items()}
        return replace(self, day=day, days=(days[0], days[1]), counts=counts, today=frozenset())

    def shares(self, label: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return the part of the workdays, and of the weekend days, that had a label at each hour of the day.

        A kind of day of which none was learnt has 0 everywhere.
        """
        counts = self.counts.get(label, (0.0,) * (2 * HOURS))
        # Today counts as a day as soon as it has had anything: else a share could come out above 1.
        days = [self.days[kind] + (1.0 if self.today and _kind(self.day) == kind else 0.0) for kind in (0, 1)]
        parts = [
            0.0 if days[cell // HOURS] == 0 else min(1.0, counts[cell] / days[cell // HOURS])
            for cell in range(2 * HOURS)
        ]
        return tuple(parts[:HOURS]), tuple(parts[HOURS:])

    def rarity(self, label: str, local: datetime, least_days: float) -> Rarity | None:
        """Return how usual a label is at that hour; ``None`` while too few days were learnt.

        Args:
            label: of an event that is not learnt yet.
            local: when it began, by the owner's clock.
            least_days: what must have been learnt.
        """
        state = self.advance(local)
        if state.learnt_days < least_days:
            return None
        counts = state.counts.get(label, (0.0,) * (2 * HOURS))
        own = 1.0 if local.toordinal() == state.day and (label, local.hour) in state.today else 0.0
        kind = _kind(local.toordinal())
        if state.days[kind] >= KIND_LEAST_DAYS:
            days = state.days[kind] + own
            return Rarity(min(1.0, counts[_cell(local)] / days), days, ("workdays", "weekends")[kind])
        days = state.learnt_days + own
        both = counts[local.hour] + counts[HOURS + local.hour]
        return Rarity(min(1.0, both / days), days)


def learnt_from(beginnings: Iterable[tuple[str, WallUs]], zone: tzinfo, half_life_days: float) -> Baseline:
    """Return the baseline of events of which label and begin are known, by the clock of a time zone."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    local = ((label, (epoch + timedelta(microseconds=at)).astimezone(zone)) for label, at in beginnings)
    return learnt(local, half_life_days)


def learnt(events: Iterable[tuple[str, datetime]], half_life_days: float) -> Baseline:
    """Return the baseline of a camera's events: label and local begin of each, in any order."""
    baseline = Baseline(half_life_days)
    for label, local in sorted(events, key=lambda event: event[1]):
        baseline = baseline.learn(label, local)
    return baseline


def _worth(age_days: int, half_life_days: float) -> float:
    return float(0.5 ** (age_days / half_life_days))


def _kind(day: int) -> int:
    # Day 1 of the calendar was a Monday.
    return int((day - 1) % 7 >= SATURDAY)


def _cell(local: datetime) -> int:
    return _kind(local.toordinal()) * HOURS + local.hour
