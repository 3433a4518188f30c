"""The risk of a visit is a sum that a person can check."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.arming import ArmState
from appliance.domain.detection import DEFAULT_LABELS
from appliance.domain.severity import Severity
from appliance.events.baseline import Rarity
from appliance.events.risk import Circumstances, InZone, Stay, assess
from appliance.events.settings import Settings

DAY = datetime(2026, 9, 21, 14, 5, tzinfo=UTC)
NIGHT = datetime(2026, 9, 21, 2, 14, tzinfo=UTC)
HOUR_US = 3_600_000_000
NAMES = ("label", "number", "time_of_day", "dwell", "first_appearance")


def severity(label: str, number: int, start: datetime, dwell_s: float, quiet_us: int | None) -> Severity:
    """Return the severity of these circumstances."""
    return Severity.of_score(assess(Circumstances(label, number, start, dwell_s, quiet_us), Settings())[0])


@pytest.mark.parametrize(
    ("label", "number", "start", "dwell_s", "quiet_us", "expected"),
    [
        ("person", 1, DAY, 5, 0, Severity.LOW),
        ("person", 1, DAY, 5, None, Severity.MEDIUM),
        ("person", 1, DAY, 700, 0, Severity.MEDIUM),
        ("person", 1, NIGHT, 5, 0, Severity.MEDIUM),
        ("person", 1, NIGHT, 90, 0, Severity.HIGH),
        ("person", 2, NIGHT, 30, 0, Severity.HIGH),
        ("person", 4, NIGHT, 200, 0, Severity.CRITICAL),
        ("car", 1, DAY, 700, None, Severity.MEDIUM),
        ("motion", 1, DAY, 5, None, Severity.LOW),
        ("motion", 9, NIGHT, 3600, None, Severity.LOW),
        ("cat", 3, NIGHT, 700, None, Severity.LOW),
        ("zebra", 1, DAY, 5, 0, Severity.LOW),
    ],
)
def test_the_defaults_are_what_an_owner_expects(
    label: str, number: int, start: datetime, dwell_s: float, quiet_us: int | None, expected: Severity
) -> None:
    """A person by day is low or medium, at night more, several for long critical, mere motion never grave."""
    assert severity(label, number, start, dwell_s, quiet_us) is expected


@pytest.mark.parametrize(
    ("hour", "words"), [(21, "by day"), (22, "at night"), (0, "at night"), (5, "at night"), (6, "by day")]
)
def test_the_night_goes_over_midnight(hour: int, words: str) -> None:
    """Both ends of the night belong where the settings put them."""
    start = datetime(2026, 9, 21, hour, 30, tzinfo=UTC)
    _, factors = assess(Circumstances("person", 1, start, 0, 0), Settings())
    assert factors[2].detail == f"{words} ({hour:02d}:30)"


def test_a_night_within_one_day_is_a_night_too() -> None:
    """A shop may call the hours from 1 to 5 its night."""
    settings = Settings(night_from_hour=1, night_to_hour=5)
    assert assess(Circumstances("person", 1, NIGHT, 0, 0), settings)[1][2].points > 0
    assert assess(Circumstances("person", 1, DAY, 0, 0), settings)[1][2].points == 0


def test_every_factor_is_shown_with_its_reason() -> None:
    """The score can be added up from what is shown."""
    score, factors = assess(Circumstances("person", 2, NIGHT, 65, 5 * HOUR_US), Settings())
    assert [(f.name, f.points, f.detail) for f in factors] == [
        ("label", 25, "person"),
        ("number", 8, "2 people at once"),
        ("time_of_day", 25, "at night (02:14)"),
        ("dwell", 10, "there for 1 min or longer"),
        ("first_appearance", 10, "first person here for 5 h"),
    ]
    assert score == 78


def factor(name: str, label: str = "person", **others: Any) -> tuple[int, str] | None:
    """Return points and words of one factor by day, or ``None`` where it is not told."""
    _, factors = assess(Circumstances(label, 1, DAY, 5, 0, **others), Settings())
    return next(((f.points, f.detail) for f in factors if f.name == name), None)


DRIVE, DOOR = InZone("Drive", 65), InZone("Front door", 2, is_required=True)


@pytest.mark.parametrize(
    ("name", "others", "expected"),
    [
        ("zone", {}, None),
        ("zone", {"zones": (DRIVE,)}, (5, "was in Drive")),
        ("zone", {"zones": (DRIVE, DOOR)}, (10, "was in Drive and Front door")),
        ("zone", {"zones": (DRIVE, DRIVE)}, (5, "was in Drive")),
        ("dwell", {"zones": (DOOR, DRIVE)}, (10, "in Drive for 1 min or longer")),
        ("dwell", {"zones": (DOOR,)}, (0, "in Front door for less than 20 s")),
        ("line", {}, None),
        ("line", {"lines": ("Gate",)}, (5, "crossed Gate")),
        ("arm_state", {"arm": ArmState.HOME}, None),
        ("arm_state", {"arm": ArmState.AWAY}, (15, "nobody is at home")),
        ("arm_state", {"arm": ArmState.NIGHT}, (5, "the house is set for the night")),
        ("speed", {"speed_kmh": None}, None),
        ("speed", {"speed_kmh": 4.7}, (0, "at 5 km/h")),
        ("speed", {"speed_kmh": 14.2}, (5, "at 14 km/h")),
        ("speed", {"label": "car", "speed_kmh": 14.2}, (0, "at 14 km/h")),
        ("speed", {"label": "car", "speed_kmh": 61.0}, (4, "at 61 km/h")),
        ("left_behind", {"label": "suitcase", "stay": Stay.LEFT_BEHIND}, (20, "was left behind")),
        ("removed", {"label": "bicycle", "stay": Stay.REMOVED}, (15, "was taken away")),
        ("rarity", {"rarity": None}, None),
    ],
)
def test_each_factor_has_points_and_words(
    name: str, others: dict[str, Any], expected: tuple[int, str] | None
) -> None:
    """Zones, lines, the house's state, speed and things that stay are told where there is something."""
    assert factor(name, **others) == expected


@pytest.mark.parametrize(
    ("share", "kind", "points", "words"),
    [
        (0.0, "", 10, "never seen here at this hour in 28 days"),
        (1 / 28, "", 10, "rare here at this hour: 1 in 28 days"),
        (1 / 28, "weekends", 10, "rare here at this hour on weekends: 1 in 28 days"),
        (1 / 9, "", 5, "rare here at this hour: 1 in 9 days"),
        (0.3, "", 0, "seen here at this hour on 3 of 10 days"),
        (0.7, "workdays", -5, "usual here at this hour on workdays: on 7 of 10 days"),
        (1.0, "", -10, "usual here at this hour: on 10 of 10 days"),
    ],
)
def test_what_is_rare_counts_more_and_what_is_usual_less(
    share: float, kind: str, points: int, words: str
) -> None:
    """The baseline points both ways, and says what it counted."""
    assert factor("rarity", rarity=Rarity(share, 28.6, kind)) == (points, words)


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_rarer_the_graver(one: float, other: float) -> None:
    """No share counts more than a smaller one."""
    points = [factor("rarity", rarity=Rarity(share, 28)) for share in sorted((one, other))]
    assert points[0] is not None
    assert points[1] is not None
    assert points[0][0] >= points[1][0]


zones = st.lists(
    st.builds(InZone, st.sampled_from(["Drive", "Lawn"]), st.floats(0, 1e6), st.booleans()), max_size=4
)
situations = st.builds(
    Circumstances,
    label=st.sampled_from([*sorted(DEFAULT_LABELS), "zebra"]),
    number=st.integers(1, 50),
    local_start=st.datetimes(timezones=st.just(UTC)),
    dwell_s=st.floats(0, 1e6),
    quiet_us=st.none() | st.integers(0, 10**15),
    zones=zones.map(tuple),
    lines=st.lists(st.sampled_from(["Gate", "Kerb"]), max_size=3).map(tuple),
    arm=st.sampled_from(ArmState),
    speed_kmh=st.none() | st.floats(0, 200),
    stay=st.none() | st.sampled_from(Stay),
    rarity=st.none() | st.builds(Rarity, st.floats(0, 1), st.floats(0.1, 500)),
)
SOMETIMES = ("zone", "line", "arm_state", "speed", "left_behind", "removed", "rarity")


@given(situations)
def test_factors_add_up(circumstances: Circumstances) -> None:
    """The score is the clipped sum of the factors, each of them named once and with a reason."""
    score, factors = assess(circumstances, Settings())
    assert score == max(0, min(100, sum(f.points for f in factors)))
    names = tuple(f.name for f in factors)
    assert names[: len(NAMES)] == NAMES
    assert list(names[len(NAMES) :]) == [name for name in SOMETIMES if name in names]
    assert all(f.detail for f in factors)
