"""How what an object did at zones and lines is kept, and how clients are told."""

import json

import msgspec
import pytest
from sqlalchemy import create_engine

from appliance.domain.passage import NO_PASSAGES, Crossing, Direction, Passages, ZoneStay
from appliance.domain.scene import LineId, ZoneId
from appliance.store.passages_form import passages_of_row, row_of
from appliance.store.resources import passages_json
from appliance.web.wire import Passage
from tests.support.sightings import wall

DRIVE = ZoneStay(ZoneId("drive"), "Drive", wall(1.0), wall(4.5), is_over=True)
DOOR = ZoneStay(ZoneId("door"), "Door", wall(3.0), wall(5.0))
GATE = Crossing(LineId("gate"), "Gate", wall(2.0), Direction.BACKWARD)
PASSAGES = Passages((DRIVE, DOOR), (GATE,), 12.5)


@pytest.mark.parametrize("passages", [NO_PASSAGES, PASSAGES])
def test_a_row_gives_back_what_it_was_given(passages: Passages) -> None:
    """By way of its JSON; and a row of before there were zones holds nothing."""
    assert passages_of_row(json.loads(json.dumps(row_of(passages)))) == passages
    assert passages_of_row({}) == NO_PASSAGES


def said(column: str) -> list[Passage]:
    """Return what clients are told of a row with that column."""
    with create_engine("sqlite://").connect() as connection:
        query = f"SELECT {passages_json('events')} FROM (SELECT ? AS passages) AS events"
        answer: str = connection.exec_driver_sql(query, (column,)).scalar_one()
    return msgspec.json.decode(answer, type=list[Passage])


def test_clients_are_told_stays_and_crossings_in_order_of_time() -> None:
    """With the names that they had then; a stay that goes on has no end."""
    day = "2026-09-21T12:00:0"
    assert said(json.dumps(row_of(PASSAGES))) == [
        Passage("zone", "drive", "Drive", f"{day}1.000Z", f"{day}4.500Z", None),
        Passage("line", "gate", "Gate", f"{day}2.000Z", None, "backward"),
        Passage("zone", "door", "Door", f"{day}3.000Z", None, None),
    ]
    assert said("{}") == []
