"""Looks for the streams of a camera of which only host, user and password are known: for "Find it"."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from appliance.domain.camera import Camera, Trial
from appliance.errors import SourceFailure
from appliance.packets.address import host_of
from appliance.packets.probe import LOOK_ON_S
from appliance.packets.usual_paths import USUAL_PATHS, Pair
from appliance.runtime.clock import Clock, seconds_since

SEARCH_S = 24.0
"""How long is looked in all; the last attempt may take some seconds longer, so that the answer is there
within 30 s."""

PATH_S = 8.0
"""How long a path may take to show its first keyframe."""

LEAST_S = 2.0
"""With less time than that left no further path is tried."""

DECIDES = frozenset({"dns", "refused", "unauthorized"})
"""What ends the search: it is true of every path. Cameras lock out who errs, so that a refused password is
tried once. A time-out ends it only at the first path: later the camera has answered, and the path hangs."""

TELLING = ("codec", "no_video", "ended", "busy")
"""What tells more than that a path is unknown, the most telling first: something is at that path."""

Attempt = Callable[[Camera, float, float], Trial]
"""Tries an address for so many seconds, and then looks on for so many; raises ``SourceFailure``."""


@dataclass(frozen=True, slots=True)
class Found:
    """A camera's streams.

    Attributes:
        url: of the main stream, without credentials.
        trial: what was seen there.
        live_url: of a smaller stream, or ``None`` where there was none.
        tried: how many main paths were tried.
    """

    url: str
    trial: Trial
    live_url: str | None
    tried: int


@dataclass(frozen=True, slots=True)
class Missed:
    """No stream was found, and why: ``no_known_path`` beside the kinds of a trial."""

    failure: SourceFailure
    tried: int


def search(
    camera: Camera,
    attempt: Attempt,
    clock: Clock,
    stop: threading.Event,
    pairs: Sequence[Pair] = USUAL_PATHS,
) -> Found | Missed:
    """Try the usual paths one after the other until one gives a picture, then its smaller one; blocks.

    A camera that answers at any path has its streams at the first one. There is one connection at a time,
    and one attempt at each path.

    Args:
        camera: its address is ``rtsp://host[:port]``, without a path.
        attempt: connects, and has let go again when it returns.
        clock: for the time that there is.
        stop: set when nobody waits for the answer any more; nothing further is tried then.
        pairs: the paths, in their order.
    """
    begun = clock.monotonic_ns()
    unshown: Found | None = None
    failures: list[SourceFailure] = []
    for pair in pairs:
        left_s = SEARCH_S - seconds_since(clock, begun) - LOOK_ON_S
        if stop.is_set() or left_s < LEAST_S:
            break
        place = replace(camera, url=camera.url + pair.main)
        tried = len(failures) + 1
        try:
            trial = attempt(place, min(PATH_S, left_s), LOOK_ON_S)
        except SourceFailure as failure:
            failures.append(failure)
            if failure.kind in DECIDES or (failure.kind == "timeout" and tried == 1):
                return unshown or Missed(failure, tried)
            continue
        if trial.jpeg is not None:
            left_s = SEARCH_S - seconds_since(clock, begun)
            second = None if stop.is_set() else _second(camera, pair, trial, attempt, left_s)
            return Found(place.url, trial, second, tried)
        unshown = unshown or Found(place.url, trial, None, tried)
        failures.append(SourceFailure("codec", "its picture cannot be decoded"))
    return unshown or Missed(_most_telling(failures, camera), len(failures))


def _second(camera: Camera, pair: Pair, main: Trial, attempt: Attempt, left_s: float) -> str | None:
    """Return the address of the smaller stream, if there is one that shows a smaller picture."""
    if pair.second is None or left_s < LEAST_S:
        return None
    url = camera.url + pair.second
    try:
        trial = attempt(replace(camera, url=url), min(PATH_S, left_s), 0.0)
    except SourceFailure:
        return None
    is_smaller = trial.facts.width * trial.facts.height < main.facts.width * main.facts.height
    return url if is_smaller and trial.jpeg is not None else None


def _most_telling(failures: Sequence[SourceFailure], camera: Camera) -> SourceFailure:
    """Return what to say when no path gave a picture."""
    for kind in TELLING:
        for failure in failures:
            if failure.kind == kind:
                return failure
    if failures and all(failure.kind == "protocol" for failure in failures):
        return failures[0]
    where = host_of(camera.url)
    return SourceFailure(
        "no_known_path",
        f"{where.host}:{where.port} answers, but has no stream at the {len(failures)} usual addresses that "
        "were tried",
    )
