"""The risk of a visit is a sum that a person can check."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.detection import DEFAULT_LABELS
from appliance.domain.severity import Severity
from appliance.events.risk import Circumstances, assess
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


@given(
    st.sampled_from([*sorted(DEFAULT_LABELS), "zebra"]),
    st.integers(1, 50),
    st.datetimes(timezones=st.just(UTC)),
    st.floats(0, 1e6),
    st.none() | st.integers(0, 10**15),
)
def test_factors_add_up(
    label: str, number: int, start: datetime, dwell_s: float, quiet_us: int | None
) -> None:
    """The score is the clipped sum of the factors, each of which is there with a reason."""
    score, factors = assess(Circumstances(label, number, start, dwell_s, quiet_us), Settings())
    assert score == max(0, min(100, sum(f.points for f in factors)))
    assert tuple(f.name for f in factors) == NAMES
    assert all(f.detail for f in factors)
