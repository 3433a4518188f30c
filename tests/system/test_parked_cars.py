"""Twelve hours of a car park in a minute: one event for each car that stays, one for each who passes."""

import random
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import RowMapping, select

from appliance.commit.event_writer import EventWriter
from appliance.commit.picture_keeper import PictureKeeper
from appliance.commit.settings import CommitSettings
from appliance.commit.spine import Spine, spine
from appliance.compose import first_unit, start_of
from appliance.config import Config
from appliance.decisions.decider import Decider
from appliance.detections.settings import Settings as DetectionSettings
from appliance.detections.stage import DetectionStage
from appliance.domain.camera import Camera
from appliance.domain.detection import Probes
from appliance.domain.frame import Frame
from appliance.domain.time import US_PER_S, MediaTime, MonotonicNs, wall_after
from appliance.runtime.clock import SystemClock
from appliance.runtime.health import Health
from appliance.runtime.metrics import Metrics
from appliance.store import recovery
from appliance.store.journal import code_version
from appliance.store.pictures import Pictures
from appliance.store.settings import StoreSettings
from appliance.store.tables import Event
from appliance.watch import Watch
from tests.support.clock import SimulatedClock
from tests.support.deciding import SETUP
from tests.support.fake_worker import FakeWorker
from tests.support.sightings import CAMERA, NOON_US, detections
from tests.support.simulated.car_park import CarPark, Headlights, Mover

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

HOUR_S = 3600.0
END_S = 12.6 * HOUR_S
QUIET_S, FOLLOWED_S, BUSY_S = 3.0, 1.0, 0.2
"""How often a frame is analysed: when nothing is to be seen, while something is followed, while it moves."""
RESTARTS_S = (2.2 * HOUR_S, 5.5 * HOUR_S, 6.0 * HOUR_S, 9.3 * HOUR_S, 11.1 * HOUR_S)
STOPPED_S = 120.0
LOT = Camera(CAMERA, "Car park", "demo:")

CARS = (
    Mover("car", (0.10, 0.40, 0.32, 0.58), 60, 8, 190, stays=True),
    Mover("car", (0.40, 0.42, 0.62, 0.60), 400, 8, 70, stays=True),
    Mover("car", (0.68, 0.41, 0.90, 0.59), 900, 8, 130, leaves_s=12.5 * HOUR_S, stays=True),
)


def passing(dice: random.Random) -> list[Mover]:
    """Return six people an hour, behind the cars, close before them and far before them, and two cars."""
    people = [
        Mover("person", _column(dice), 1200 + 600 * i + dice.uniform(0, 200), dice.uniform(7, 14), 45)
        for i in range(round((END_S - 2500) / 600))
    ]
    cars = [
        Mover("car", (0.4, 0.72, 0.7, 0.95), 1500 + 1800 * i, dice.uniform(3, 5), 160)
        for i in range(round((END_S - 2500) / 1800))
    ]
    # While the service is stopped nobody is seen.
    return [one for one in people + cars if not any(-60 < one.starts_s - at < 180 for at in RESTARTS_S)]


def _column(dice: random.Random) -> tuple[float, float, float, float]:
    bottom = dice.choice([0.52, 0.7, 0.9])
    return (0.45, bottom - 0.3, 0.52, bottom)


class Run:
    """One run of the service: the real start, watch and store, on a clock that is moved."""

    def __init__(self, watch: Watch, decider: Decider) -> None:
        self.watch = watch
        self._decider = decider

    @classmethod
    async def begin(cls, trunk: Spine, folder: Path, clock: SimulatedClock, number: int) -> "Run":
        """Do what a start does with what is in the database."""
        config, now = replace(Config(), cameras=(LOT,)), clock.wall_us()
        await trunk.committer.commit(lambda connection: first_unit(config, now, connection))
        since = wall_after(now, -config.events.continue_gap_s)
        left = await trunk.reader.ask(lambda connection: recovery.left_behind(connection, CAMERA, since))
        stage = DetectionStage([FakeWorker()], clock, Metrics(), DetectionSettings(), _ignore)
        album = PictureKeeper(Pictures(folder), trunk.committer, Health(), lambda _: b"")
        setup = replace(SETUP, name=LOT.name)
        decider = Decider(setup, start_of(setup, left, now, f"seed {number}"))
        writer = EventWriter(trunk.committer, Metrics())
        last_us = left.last_frame_us
        return cls(Watch(LOT, decider, stage, writer, album, clock, code_version(), last_us), decider)

    @property
    def is_following(self) -> bool:
        """Something is to be looked at again soon."""
        return len(self._decider.followed) > 0

    def see(self, lot: CarPark, at_s: float) -> None:
        """Analyse the frame of that second."""
        luma, found, places = lot.picture(at_s), detections(at_s, *lot.sightings(at_s)), self._decider.resting
        looks, probes = lot.looks(luma, found.xyxy), Probes(places, lot.looks(luma, places))
        media = MediaTime(round(at_s * 10), Fraction(1, 10))
        frame = Frame(CAMERA, np.zeros((2, 2), np.uint8), media, found.wall_us, MonotonicNs(0))
        self.watch.on_detections(frame, replace(found, looks=looks, probes=probes))


async def _ignore(*_found: object) -> None:
    raise AssertionError("nothing was offered to the detector")


async def watch(run: Run, lot: CarPark, clock: SimulatedClock, at_s: float, until_s: float) -> None:
    """Let a run look at the car park from then until then."""
    seen_s = at_s - QUIET_S
    while at_s < until_s:
        is_busy = lot.is_busy(at_s)
        step_s = BUSY_S if is_busy else FOLLOWED_S
        await clock.advance(step_s)
        at_s = round(at_s + step_s, 3)
        if is_busy or run.is_following or at_s - seen_s >= QUIET_S:
            run.see(lot, at_s)
            seen_s = at_s
        run.watch.tick()


async def events_of(trunk: Spine) -> list[RowMapping]:
    """Return the rows of the events."""
    await trunk.committer.drain()
    async with trunk.reader.read() as connection:
        rows = await connection.execute(select(Event.__table__).order_by(Event.started_us))
        return list(rows.mappings())


async def lived(folder: Path, lot: CarPark) -> list[list[RowMapping]]:
    """Let the service watch until the end, with restarts; return the events at the end of each run."""
    clock, at_s, runs = SimulatedClock(NOON_US), 0.0, list[list[RowMapping]]()
    for number, until_s in enumerate((*RESTARTS_S, END_S)):
        figures = (Health(), Metrics(), StoreSettings(), CommitSettings())
        async with spine(folder, SystemClock(), *figures) as trunk:
            await watch(await Run.begin(trunk, folder, clock, number), lot, clock, at_s, until_s)
            runs.append(await events_of(trunk))
        await clock.advance(until_s + STOPPED_S - (clock.wall_us() - NOON_US) / US_PER_S)
        at_s = until_s + STOPPED_S
    return runs


async def test_what_stays_is_one_event_through_day_night_and_restarts(tmp_path: Path) -> None:
    """Three cars and whoever passes, in headlights, clouds, rain and the dark: not one event more, or less.

    The cars' events are open and at rest before and after each restart; the one whose car leaves ends then.
    """
    dice = random.Random(11)
    others = passing(dice)
    beams = [Headlights(6.6 * HOUR_S + 411 * i) for i in range(round(5.5 * HOUR_S / 411))]
    runs = await lived(tmp_path, CarPark([*CARS, *others], beams, dice))
    stayed = [row for row in runs[0] if row["rest"] is not None]
    assert [round((row["started_us"] - NOON_US) / US_PER_S) for row in stayed] == pytest.approx(
        [61, 401, 901], abs=2
    )
    for rows in runs[:-1]:
        assert {row["id"] for row in rows if row["state"] == "open"} == {row["id"] for row in stayed}
        assert all(row["rest"] is not None for row in rows if row["state"] == "open")
    events = {row["id"]: row for row in runs[-1]}
    assert len(events) == len(CARS) + len(others)
    first, second, left = (events[row["id"]] for row in stayed)
    assert (first["state"], second["state"], left["state"]) == ("open", "open", "ended")
    assert (left["ended_us"] - NOON_US) / US_PER_S == pytest.approx(12.5 * HOUR_S + 4, abs=5)
    visitors = [row for row in events.values() if row["id"] not in {one["id"] for one in stayed}]
    assert Counter(row["label"] for row in visitors)["person"] == sum(m.label == "person" for m in others)
    assert {row["state"] for row in visitors} == {"ended"}
