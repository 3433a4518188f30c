"""State is kept whole, and is nothing but data."""

import math
import zoneinfo
from datetime import datetime
from typing import cast

import msgspec
import numpy as np
import pytest

from appliance.decisions.frozen import freeze, thaw
from appliance.decisions.numbers import Numbers
from appliance.decisions.setup import House, Setup
from appliance.domain.alert import Rule
from appliance.domain.event import EventState
from appliance.domain.ids import RuleId
from appliance.errors import InvalidInput
from tests.support.deciding import SETUP

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


def held(value: object) -> object:
    """Return what becomes of a value that an object of the decisions holds."""
    numbers = Numbers(0)
    numbers._last = value  # type: ignore[assignment]
    return cast("Numbers", thaw(freeze(numbers)))._last


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 3, 2**63, -1, 0.1 + 0.2, -0.0, math.inf, 5e-324, "ä", b"\x00", (), (1, (2, "x"))),
        *([1, [2.5]], {"a": 1, 2: (3,)}, {1, 2}, frozenset({"b", "a"}), EventState.OPEN, {(1, 2): {"x"}}),
        *(datetime(2026, 10, 25, 2, 30, 0, 7, BERLIN, fold=fold) for fold in (0, 1)),
        *(BERLIN, np.float64(0.1), np.int64(-5), np.bool_(True)),
    ],
)
def test_every_value_comes_back_as_it_was(value: object) -> None:
    """Its type included."""
    back = held(value)
    assert back == value
    assert type(back) is type(value)
    assert not isinstance(value, float) or str(back) == str(value)


def test_arrays_come_back_to_the_bit() -> None:
    """Shape and kind included, also of a view, and they can be written to."""
    array = np.array([[0.1, math.nan], [-0.0, 1e-310], [1, 2]])[1:]
    back = held(array)
    assert isinstance(back, np.ndarray)
    assert (back.tobytes(), back.dtype, back.shape) == (array.tobytes(), array.dtype, array.shape)
    back[0] = 1


def test_what_hangs_in_two_places_hangs_in_two_places_again() -> None:
    """It is the same thing there, not an equal one."""
    one = Numbers(3)
    first, second = cast("list[object]", held([one, one]))
    assert first is second


def test_the_same_set_makes_the_same_bytes() -> None:
    """In whatever order it was filled."""
    labels = [f"label {number}" for number in range(100)]
    assert freeze(House((Rule(RuleId("r"), "", labels=frozenset(labels)),))) == freeze(
        House((Rule(RuleId("r"), "", labels=frozenset(reversed(labels))),))
    )


def test_objects_may_be_put_in_the_place_of_others() -> None:
    """Every one of their class, and what comes after them is not confused."""
    wanted = House((Rule(RuleId("r9"), "Another"),))
    back = cast("Setup", thaw(freeze(SETUP), {House: wanted}))
    assert (back.house, back.tracks, back.time_zone) == (wanted, SETUP.tracks, SETUP.time_zone)


def test_a_setup_is_data_too() -> None:
    """It is stored beside each state."""
    assert thaw(freeze(SETUP)) == SETUP


@pytest.mark.parametrize(
    "thing",
    [print, open, object(), lambda: None, pytest],
    ids=["print", "open", "object", "lambda", "module"],
)
def test_what_is_no_data_is_refused(thing: object) -> None:
    """When it is to be kept, not when it is missed."""
    with pytest.raises(TypeError, match="expected data of the decisions' own packages"):
        held(thing)


@pytest.mark.parametrize(
    "root",
    [
        ["o", "os:system", "x", 1],
        ["o", "appliance.compose:run"],
        ["o", "appliance.domain.ids:hashlib"],
        ["o", "appliance.domain.ids:new_id"],
        ["o", "appliance.domain.nothing:Nothing"],
        ["o", "appliance.decisions.numbers:Numbers", "_last"],
        ["o", "appliance.decisions.setup:House", "unknown", 1],
        ["e", "appliance.domain.event:EventState", "strange"],
        ["m", 7],
        ["?", 1],
        [],
    ],
    ids=repr,
)
def test_what_is_no_state_of_this_version_is_refused(root: object) -> None:
    """Nothing of it is run."""
    with pytest.raises(InvalidInput):
        thaw(msgspec.msgpack.encode([[], root]))


def test_bytes_that_are_none_are_refused() -> None:
    """Cut off or foreign."""
    for damaged in (b"", b"\xc1", freeze(SETUP)[:-3]):
        with pytest.raises(InvalidInput):
            thaw(damaged)
