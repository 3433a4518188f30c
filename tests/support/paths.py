"""Foot points along a path, as tracks: for tests of zones and lines, without detector and tracker."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from appliance.domain.ids import TrackId
from appliance.domain.passage import NO_PASSAGES, Passages
from appliance.domain.scene import Point, Scene
from appliance.domain.track import Track, TrackState
from appliance.places.places import Places
from tests.support.sightings import track, wall

WIDTH, HEIGHT = 0.06, 0.2
"""The sides of the box of somebody upright, in unit coordinates."""

Path = Callable[[float], Point | None]
"""Where somebody stands at a second; ``None`` while nobody sees it."""


def standing(
    at_s: float,
    foot: Point,
    number: int = 1,
    *,
    label: str = "person",
    score: float = 0.9,
    size: tuple[float, float] = (WIDTH, HEIGHT),
) -> Track:
    """Return a track that is seen with its feet there."""
    (x, y), (width, height) = foot, size
    box = (x - width / 2, y - height, x + width / 2, y)
    return track(number, at_s, unit_box=box, label=label, score=score)


def along(corners: Sequence[Point], speed: float, begin_s: float = 0.0) -> Path:
    """Return the path of somebody who goes from corner to corner, so much of the picture in a second."""
    lengths = [math.dist(*leg) for leg in pairwise(corners)]

    def place(at_s: float) -> Point | None:
        gone = (at_s - begin_s) * speed
        if gone < 0:
            return None
        for (one, other), length in zip(pairwise(corners), lengths, strict=True):
            if gone <= length:
                part = gone / length
                return one[0] + part * (other[0] - one[0]), one[1] + part * (other[1] - one[1])
            gone -= length
        return None

    return place


def times(duration_s: float, fps: float, phase_s: float = 0.0) -> list[float]:
    """Return when a camera is looked at."""
    return [phase_s + n / fps for n in range(int((duration_s - phase_s) * fps) + 1)]


def gone(scene: Scene, path: Path, moments: Iterable[float], number: int = 1) -> Passages:
    """Return what somebody did on a path, looked at in these moments and ended after the last one."""
    places = Places(scene)
    last: Track | None = None
    at_s = 0.0
    for at_s in moments:
        foot = path(at_s)
        if foot is not None:
            last = standing(at_s, foot, number)
            places.step([last], wall(at_s))
    if last is None:
        return NO_PASSAGES
    return ended(places, last, at_s + 3.0)


def ended(places: Places, last: Track, at_s: float) -> Passages:
    """Return what a track did, after it has ended."""
    over = replace(last, state=TrackState.ENDED, missed=5)
    return places.step([over], wall(at_s))[TrackId(last.id)]
