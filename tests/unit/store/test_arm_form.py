"""Who is at home, as JSON."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.domain.arming import DISARMED, ArmHours, Arming, ArmState, Hours
from appliance.domain.time import WallUs
from appliance.errors import InvalidInput
from appliance.store.arm_form import arming_of_row, row_of
from appliance.store.hours_form import hours_of, hours_of_row, words_of

HOURS = st.builds(
    Hours, st.frozensets(st.integers(0, 6), min_size=1), st.integers(0, 1439), st.integers(1, 1440)
)
ARMINGS = st.builds(
    Arming,
    st.sampled_from(ArmState),
    st.integers(0, 2**60).map(WallUs),
    st.lists(st.builds(ArmHours, HOURS, st.sampled_from(ArmState)), max_size=4).map(tuple),
)


@given(ARMINGS)
def test_what_was_set_comes_back_as_it_was_set(arming: Arming) -> None:
    """From the setting to its row's JSON text and back nothing changes."""
    assert arming_of_row(msgspec.json.decode(msgspec.json.encode(row_of(arming)))) == arming


@given(HOURS)
def test_hours_come_back_from_their_words(hours: Hours) -> None:
    """As a person writes them, midnight at the end of a day included."""
    words = words_of(hours)
    assert hours_of(words["days"], words["from"], words["to"]) == hours


def test_nobody_set_anything_yet() -> None:
    """Then everybody is at home."""
    assert arming_of_row(None) == DISARMED


@pytest.mark.parametrize("row", [3, {"state": "out"}, {"hours": [{"days": []}]}])
def test_a_row_that_a_foreign_program_broke_sets_nothing(
    row: object, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says why."""
    assert arming_of_row(row) == DISARMED
    assert "the arm state is not as it should be" in caplog.text


def test_hours_of_a_rule_that_a_foreign_program_broke_limit_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An alert too many is better than none; the log says why."""
    assert hours_of_row("rule-1", [{"days": ["mon"], "from": "25:00", "to": "26:00"}]) == ()
    assert "rule rule-1: its hours are not as they should be" in caplog.text


@pytest.mark.parametrize(
    ("days", "begin", "end", "message"),
    [
        ([], "00:00", "24:00", "days: expected at least one day, got none"),
        (["monday"], "00:00", "24:00", "days: expected each one of mon, tue, wed, thu, fri, sat, sun"),
        (["mon"], "24:00", "24:00", "from: expected a time of day from 00:00 to 23:59"),
        (["mon"], "00:00", "24:01", "to: expected a time of day from 00:00 to 24:00"),
    ],
)
def test_words_that_are_no_hours_are_refused(days: list[str], begin: str, end: str, message: str) -> None:
    """It is said which, what was expected and what came."""
    with pytest.raises(InvalidInput, match=message):
        hours_of(days, begin, end)
