"""Real clips in real time: an RTSP server or a file, a real service, a client, and the clip's truth."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from appliance.domain.time import US_PER_S
from appliance.store.times import us_of_iso
from detectors.labels import COCO
from tests.support.rtsp import RtspServerMissing, rtsp_server, shared_folder
from tests.support.server import nightjar, nightjar_command
from tests.support.visits import FOLLOWED, Span, Watched, by_id, known, watched

# One run serves every test of this module, all clips side by side; the longest takes 140 s.
pytestmark = [pytest.mark.system, pytest.mark.timeout(420)]

log = logging.getLogger(__name__)

PEOPLE, CARS = "one-by-one-person", "car-detection"
MODELS = ("yolox_nano", "yolo11n_int8")
COUNTED_CARS = tuple(f"{model} of cars" for model in MODELS)
PASSES = (*MODELS, "builtin", *COUNTED_CARS)
LANE_Y = 0.7
COUNTED = f"""\
labels = {json.dumps(sorted(COCO))}
[[cameras.lines]]
id = "lane"
name = "Lane"
a = [0.05, {LANE_Y}]
b = [0.95, {LANE_Y}]
"""
"""A line across both lanes, for whatever the models call a car that is seen from above."""
CROSSED_S = 0.8
"""How far a crossing may lie from the truth, whose boxes are 0.4 s apart and drawn by hand."""
LONGEST_S = 200.0
CLOSE_S = 2.0
"""Cars that follow each other this closely may be one event: two of them pass at the same time."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass of a clip, and how the service was left behind.

    Attributes:
        stopped: the exit status of the service.
        check: the exit status and the words of ``nightjar check`` afterwards.
        replay: the same of ``nightjar replay`` of all of it.
    """

    seen: Watched
    stopped: int
    check: tuple[int, str]
    replay: tuple[int, str]


def truth_of(clip: str) -> list[Span]:
    """Return the visits of a shared clip."""
    file = shared_folder() / "media" / f"{clip}.truth.json"
    visits = json.loads(file.read_text(encoding="utf-8"))["visits"]
    return [Span(visit["id"], visit["t_first"], visit["t_last"]) for visit in visits]


async def passed(data: Path, camera: str, url: str, model: str, more: str = "") -> Pass:
    """Let a service of its own watch one clip, stop it and check what it leaves."""
    since = datetime.now(UTC).isoformat()
    config = f'[detector]\nmodel = "{model}"\n[[cameras]]\nid = "{camera}"\nurl = "{url}"\n{more}'
    async with nightjar(data, config) as server, server.listener(FOLLOWED) as listener:
        seen = await watched(server, listener, camera, LONGEST_S)
        stopped = await server.stop()
    check = await nightjar_command("check", "--data", str(data))
    return Pass(seen, stopped, check, await nightjar_command("replay", "--from", since, "--data", str(data)))


async def all_passes(folder: Path, people_url: str) -> Mapping[str, Pass]:
    """Watch every clip at the same time, each with a service of its own."""
    shared = shared_folder()
    wanted = {
        model: passed(folder / model, "hall", people_url, str(shared / "models" / f"{model}.onnx"))
        for model in MODELS
    }
    cars = (shared / "media" / f"{CARS}.mp4").as_uri()
    wanted["builtin"] = passed(folder / "builtin", "road", cars, "builtin")
    first = dict(zip(wanted, await asyncio.gather(*wanted.values()), strict=True))
    # Four models at once would be late on a small machine: those of the cars wait for those of the people.
    counted = {
        f"{model} of cars": passed(
            folder / f"{model}-cars", "road", cars, str(shared / "models" / f"{model}.onnx"), COUNTED
        )
        for model in MODELS
    }
    return first | dict(zip(counted, await asyncio.gather(*counted.values()), strict=True))


@pytest.fixture(scope="module")
def passes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Pass]:
    """All passes, by the detector's name."""
    media = shared_folder() / "media"
    if not media.is_dir():
        pytest.skip(f"no clips: {media} is absent (NIGHTJAR_SHARED names its folder)")
    with ExitStack() as stack:
        try:
            server = stack.enter_context(rtsp_server([media / f"{PEOPLE}.mp4"]))
        except RtspServerMissing as err:
            pytest.skip(str(err))
        return asyncio.run(all_passes(tmp_path_factory.mktemp("clips"), server.url(PEOPLE)))


@pytest.mark.parametrize("model", MODELS)
def test_six_people_are_six_events_at_their_times(passes: Mapping[str, Pass], model: str) -> None:
    """Each visit is one event, however long its person stands still, and lies within 1.5 s of the truth."""
    seen, truth = passes[model].seen, truth_of(PEOPLE)
    log.info(seen.report(truth))
    events = seen.rows()
    assert [(event.label, event.state) for event in events] == [("person", "ended")] * 6, seen.report(truth)
    assert all(event.fits(span) for event, span in zip(events, truth, strict=True)), seen.report(truth)


@pytest.mark.parametrize("pass_", COUNTED_CARS)
def test_four_cars_cross_a_line_four_times(passes: Mapping[str, Pass], pass_: str) -> None:
    """Whatever the model calls them: two on their way up the picture, two on their way down, each once."""
    seen = passes[pass_].seen
    crossings = sorted(
        ((us_of_iso(one["at"]) - seen.zero_us) / US_PER_S, one["direction"])
        for event in seen.listed
        for one in event["passages"]
        if one["id"] == "lane"
    )
    log.info("%s: %s", pass_, crossings)
    assert [direction for _, direction in crossings] == [direction for _, direction in crossings_of(CARS)]
    for (at_s, _), (true_s, _) in zip(crossings, crossings_of(CARS), strict=True):
        assert abs(at_s - true_s) <= CROSSED_S


def crossings_of(clip: str) -> list[tuple[float, str]]:
    """Return when the lower edges of a clip's boxes cross the line, and which way: down is forward."""
    file = shared_folder() / "media" / f"{clip}.truth.json"
    visits = json.loads(file.read_text(encoding="utf-8"))["visits"]
    return sorted(
        (one[0] + (LANE_Y - one[4]) / (other[4] - one[4]) * (other[0] - one[0]), _way(one[4], other[4]))
        for visit in visits
        for one, other in pairwise(visit["boxes"])
        if (one[4] < LANE_Y) != (other[4] < LANE_Y)
    )


def _way(before: float, after: float) -> str:
    return "forward" if after > before else "backward"


def test_four_cars_are_three_or_four_events_of_motion(passes: Mapping[str, Pass]) -> None:
    """Without a model each passage of cars is told as motion, at its time, and nothing else is."""
    seen, truth = passes["builtin"].seen, passages(truth_of(CARS))
    log.info(seen.report(truth))
    events = seen.rows()
    assert 3 <= len(events) <= 4, seen.report(truth)
    assert {event.label for event in events} == {"motion"}, seen.report(truth)
    assert all(any(event.lies_in(passage) for passage in truth) for event in events), seen.report(truth)
    for passage in truth:
        assert any(event.lies_in(passage) for event in events), seen.report(truth)


@pytest.mark.parametrize("detector", PASSES)
def test_the_messages_and_the_list_say_the_same(passes: Mapping[str, Pass], detector: str) -> None:
    """A client that subscribed before knows in the end exactly what the list returns."""
    seen = passes[detector].seen
    assert known(seen.heard) == by_id(seen.listed)


@pytest.mark.parametrize("detector", PASSES)
def test_every_event_is_created_once_updated_and_ended(passes: Mapping[str, Pass], detector: str) -> None:
    """The life of an event is told in order: created once while open, then updated until it has ended."""
    heard = passes[detector].seen.heard
    assert set(Counter(h.data["id"] for h in heard if h.type == "event_created").values()) == {1}
    for event_id in {h.data["id"] for h in heard if h.type == "event_created"}:
        told = [h for h in heard if h.type.startswith("event_") and h.data["id"] == event_id]
        assert [h.type for h in told] == ["event_created"] + ["event_updated"] * (len(told) - 1)
        states = [h.data["state"] for h in told]
        assert states[0] == "open"
        assert states[-1] != "open"
        assert states.index(states[-1]) == len([state for state in states if state == "open"])


@pytest.mark.parametrize("detector", PASSES)
def test_the_messages_come_in_commit_order(passes: Mapping[str, Pass], detector: str) -> None:
    """Cursors rise, none twice."""
    cursors = [h.message["cursor"] for h in passes[detector].seen.heard if "cursor" in h.message and h.data]
    assert cursors == sorted(set(cursors))


@pytest.mark.parametrize("detector", PASSES)
def test_what_was_recorded_is_decided_again_bit_for_bit(passes: Mapping[str, Pass], detector: str) -> None:
    """A replay of the whole pass makes the same events and alerts, id for id and field for field."""
    status, words = passes[detector].replay
    assert words.splitlines()[-1].endswith(": the same"), words
    assert status == 0


@pytest.mark.parametrize("detector", PASSES)
def test_the_service_leaves_nothing_wrong_behind(passes: Mapping[str, Pass], detector: str) -> None:
    """It stops with 0, and the check of the database and its files finds no difference."""
    end = passes[detector]
    assert end.stopped == 0
    assert end.check[0] == 0, end.check[1]
    assert "no differences found" in end.check[1]


def passages(cars: list[Span]) -> list[Span]:
    """Join the cars that overlap or nearly do."""
    joined = [cars[0]]
    for car in cars[1:]:
        last = joined[-1]
        if car.first_s - last.last_s < CLOSE_S:
            joined[-1] = Span(f"{last.name}+{car.name}", last.first_s, max(last.last_s, car.last_s))
        else:
            joined.append(car)
    return joined
