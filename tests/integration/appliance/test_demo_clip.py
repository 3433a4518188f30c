"""The whole way on a clip whose truth is known, in real time, on any machine."""

import logging

import pytest

from tests.support.street_run import StreetRun
from tests.support.visits import by_id, known

log = logging.getLogger(__name__)

pytestmark = pytest.mark.timeout(180)


def test_each_walk_through_the_street_is_one_event(street_run: StreetRun) -> None:
    """Built-in detection tells each visit as one person, at its times, also of who stands still meanwhile."""
    events, truth = street_run.seen.rows(), street_run.truth
    report = street_run.seen.report(truth)
    log.info(report)
    assert [(event.label, event.state) for event in events] == [("person", "ended")] * len(truth), report
    assert all(event.fits(span) for event, span in zip(events, truth, strict=True)), report


def test_the_messages_and_the_list_say_the_same(street_run: StreetRun) -> None:
    """A client that subscribed before knows exactly what the list returns."""
    assert known(street_run.seen.heard) == by_id(street_run.seen.listed)


def test_each_event_has_a_picture(street_run: StreetRun) -> None:
    """The best moment of each visit was kept."""
    assert all(event["picture"] for event in street_run.seen.listed)


def test_the_service_leaves_nothing_wrong_behind(street_run: StreetRun) -> None:
    """It stops with 0, and the check of the database and its files finds no difference."""
    assert street_run.stopped == 0
    assert street_run.check[0] == 0, street_run.check[1]
