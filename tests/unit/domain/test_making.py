"""Objects that are made the quick way are the same as those made by their class."""

import pickle
from dataclasses import FrozenInstanceError, fields

import pytest

from appliance.domain.making import maker
from appliance.domain.passage import Passages, ZoneStay
from appliance.domain.scene import ZoneId
from appliance.domain.time import WallUs

STAY = ZoneStay(ZoneId("drive"), "Drive", WallUs(1), WallUs(2))


def test_what_is_made_quickly_is_what_its_class_makes() -> None:
    """Equal in kind, value, hash and words, defaults included; and it goes from process to process."""
    made = maker(ZoneStay)(ZoneId("drive"), "Drive", WallUs(1), seen_us=WallUs(2))
    assert type(made) is ZoneStay
    assert (made, hash(made), repr(made), fields(made)) == (STAY, hash(STAY), repr(STAY), fields(STAY))
    assert pickle.loads(pickle.dumps(made)) == STAY
    assert maker(Passages)() == Passages()


def test_what_is_made_quickly_never_changes() -> None:
    """It is as frozen as any other of its class."""
    made = maker(ZoneStay)(ZoneId("drive"), "Drive", WallUs(1), WallUs(2))
    with pytest.raises(FrozenInstanceError):
        made.name = "Yard"  # type: ignore[misc]
