"""What is usual at a camera is counted in days, slowly forgotten, and never guessed."""

import zoneinfo
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.time import WallUs
from appliance.events.baseline import Baseline, learnt, learnt_from

MONDAY = datetime(2026, 8, 3, tzinfo=UTC)
LEAST = 5.0


def on(day: int, hour: float) -> datetime:
    """Return an instant of a day after the first Monday."""
    return MONDAY + timedelta(days=day, hours=hour)


def share(baseline: Baseline, label: str, at: datetime) -> float:
    """Return the share of days, which must be known."""
    rarity = baseline.rarity(label, at, LEAST)
    assert rarity is not None
    return rarity.share


def office(weeks: int) -> Baseline:
    """Return what an office's camera learns: people at ten on workdays, and one fox at three."""
    people = [("person", on(day, 10.2)) for day in range(7 * weeks) if day % 7 < 5]
    return learnt([*people, ("fox", on(7, 3))], 28)


def test_nothing_is_said_before_some_days_were_learnt() -> None:
    """On the first days everything would be rare."""
    baseline = learnt([("person", on(day, 10)) for day in range(4)], 28)
    assert baseline.rarity("person", on(4, 10), LEAST) is None
    assert baseline.rarity("person", on(6, 10), LEAST) is not None
    assert Baseline().rarity("person", on(0, 10), LEAST) is None


def test_what_comes_each_day_is_usual_at_its_hour_alone() -> None:
    """The postman at ten says nothing about ten at night."""
    baseline = learnt([("person", on(day, 10)) for day in range(28)], 28)
    assert share(baseline, "person", on(28, 10.9)) == pytest.approx(1.0)
    assert share(baseline, "person", on(28, 22)) == 0.0
    assert share(baseline, "car", on(28, 10)) == 0.0


def test_a_weekend_is_no_workday() -> None:
    """All days together would call a person in the office on a Sunday at ten usual: 5 of 7 days."""
    baseline = office(4)
    workday = baseline.rarity("person", on(28, 10), LEAST)
    weekend = baseline.rarity("person", on(33, 10), LEAST)
    assert workday is not None
    assert weekend is not None
    assert (workday.kind, weekend.kind) == ("workdays", "weekends")
    assert workday.share == pytest.approx(1.0)
    assert weekend.share == 0.0


def test_before_a_weekend_was_learnt_all_days_are_asked() -> None:
    """Six days hold one weekend day at most: too little to say what a weekend is like."""
    baseline = learnt([("person", on(day, 10)) for day in range(5)], 28)
    rarity = baseline.rarity("person", on(6, 10), LEAST)
    assert rarity is not None
    assert rarity.kind == ""
    assert rarity.share == pytest.approx(5 / 6, abs=0.02)


def test_days_are_counted_not_events() -> None:
    """Ten people at one party are one day with people at that hour."""
    one = [("person", on(day, 10)) for day in range(1, 28)]
    party = [("person", on(0, 22 + minute / 100)) for minute in range(10)]
    assert share(learnt([*one, *party], 28), "person", on(28, 22)) < 1 / 14


def test_the_second_of_a_day_is_judged_like_the_first() -> None:
    """An hour that has had one today counts today among the days."""
    baseline = learnt([("person", on(day, 10)) for day in range(14)], 28)
    first = share(baseline, "cat", on(14, 10))
    second = share(baseline.learn("cat", on(14, 10)), "cat", on(14, 10.5))
    assert first == 0.0
    assert 0 < second < 1 / 7


def test_habits_change() -> None:
    """What came daily and has stopped for two half-lives counts a quarter; what is new soon is usual."""
    old = learnt([("person", on(day, 10)) for day in range(200)], 28)
    new = old
    for day in range(200, 256):
        new = new.learn("dog", on(day, 10))
    assert share(new, "person", on(256, 10)) == pytest.approx(0.25, abs=0.03)
    assert share(new, "dog", on(256, 10)) == pytest.approx(0.75, abs=0.03)


def test_learning_changes_no_baseline_at_hand() -> None:
    """A visit keeps the one that it was opened with."""
    before = learnt([("person", on(day, 10)) for day in range(7)], 28)
    kept = Baseline(before.half_life_days, before.day, before.days, dict(before.counts), before.today)
    before.learn("person", on(9, 11))
    assert before == kept


def test_a_clock_put_far_ahead_forgets_and_goes_on() -> None:
    """Four centuries are no loop of four centuries' days."""
    baseline = office(4).learn("person", on(150_000, 10))
    assert baseline.learnt_days > 0
    assert share(baseline, "person", on(150_001, 10)) < 0.1


def test_shares_are_told_for_each_hour_and_kind_of_day() -> None:
    """As the page draws them: 24 of workdays, 24 of weekends."""
    workdays, weekends = office(4).shares("person")
    assert workdays[10] == pytest.approx(1.0)
    assert sum(workdays) == pytest.approx(1.0)
    assert weekends == (0.0,) * 24
    assert Baseline().shares("person") == ((0.0,) * 24, (0.0,) * 24)


def test_hours_are_those_of_the_owners_clock() -> None:
    """Ten in Berlin is eight in UTC in summer."""
    at = WallUs(int(on(0, 8).timestamp()) * 1_000_000)
    baseline = learnt_from([("person", at)], zoneinfo.ZoneInfo("Europe/Berlin"), 28)
    assert baseline.today == {("person", 10)}


events = st.lists(
    st.tuples(st.sampled_from(["person", "car"]), st.integers(0, 60), st.floats(0, 23.9)), max_size=60
)


@given(events, st.integers(0, 80), st.floats(0, 23.9), st.sampled_from([1.0, 7.0, 28.0, 365.0]))
def test_a_share_is_a_share(
    rows: list[tuple[str, int, float]], day: int, hour: float, half_life: float
) -> None:
    """Whatever was learnt and whenever it is asked: 0 to 1, and counted on no more days than there were."""
    baseline = learnt([(label, on(when, at)) for label, when, at in rows], half_life)
    rarity = baseline.rarity("person", on(day, hour), 1.0)
    if rarity is not None:
        assert 0.0 <= rarity.share <= 1.0
        assert 0.0 < rarity.days <= max(day, *(when for _, when, _ in rows)) + 1


@given(events)
def test_the_order_of_events_does_not_matter(rows: list[tuple[str, int, float]]) -> None:
    """An event that began earlier may end later."""
    instants = [(label, on(when, at)) for label, when, at in rows]
    assert learnt(instants, 28) == learnt(list(reversed(instants)), 28)
