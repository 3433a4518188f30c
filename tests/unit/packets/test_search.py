"""The search for the streams of a camera of which only the host is known."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from appliance.domain.camera import Camera, Credentials, StreamFacts, Trial
from appliance.domain.ids import CameraId
from appliance.errors import SourceFailure
from appliance.packets.address import split_address
from appliance.packets.live_address import expect_same_camera, split_live_address
from appliance.packets.search import LEAST_S, SEARCH_S, Found, Missed, search
from appliance.packets.usual_paths import USUAL_PATHS, Pair
from tests.support.clock import SimulatedClock

CAMERA = Camera(CameraId("trial"), "trial", "rtsp://192.0.2.7", Credentials("root", "canary"))
PAIRS = (Pair("one", "/a", "/a2"), Pair("two", "/b", "/b2"), Pair("three", "/c", None))
LARGE = Trial(StreamFacts("h264", 1920, 1080, 15.0, 2.0), jpeg=b"jpeg")
SMALL = Trial(StreamFacts("h264", 640, 360, 15.0, 2.0), jpeg=b"jpeg")
UNSHOWN = Trial(StreamFacts("vp6", 1920, 1080, 15.0), "no place in an MP4 file")
OPEN_S = 4.0
"""How long a real attempt waits for the camera's answer at most."""


@dataclass
class FakeAttempts:
    """A camera that has something at some paths; what it does not have is answered with 404.

    Attributes:
        has: what is seen at a path, or the kind of failure.
        takes_s: each answer takes that long; one that takes too long is a time-out.
        asked: the paths, in order.
    """

    has: Mapping[str, Trial | str]
    takes_s: float = 0.1
    otherwise: Trial | str = "not_found"
    clock: SimulatedClock = field(default_factory=SimulatedClock)
    stop: threading.Event = field(default_factory=threading.Event)
    stops_after: int = 1000
    asked: list[str] = field(default_factory=list)
    limits_s: list[tuple[float, float]] = field(default_factory=list)

    def __call__(self, place: Camera, limit_s: float, look_on_s: float) -> Trial:
        """Answer as the camera would."""
        assert place.credentials == CAMERA.credentials
        path = place.url.removeprefix(CAMERA.url)
        self.asked.append(path)
        self.limits_s.append((limit_s, look_on_s))
        waits_s = min(OPEN_S, limit_s)
        self.clock.wait(threading.Event(), min(self.takes_s, waits_s))
        if len(self.asked) >= self.stops_after:
            self.stop.set()
        seen = "timeout" if self.takes_s >= waits_s else self.has.get(path, self.otherwise)
        if isinstance(seen, str):
            raise SourceFailure(seen, f"{path}: {seen}")
        if seen.facts.gop_s is None:
            self.clock.wait(threading.Event(), look_on_s)
        return seen


def sought(attempts: FakeAttempts, pairs: tuple[Pair, ...] = PAIRS) -> Found | Missed:
    """Search with these attempts."""
    return search(CAMERA, attempts, attempts.clock, attempts.stop, pairs)


def test_the_first_main_stream_with_a_picture_wins_and_then_its_smaller_one_is_tried() -> None:
    """In the order of the table; the addresses hold no credentials, and nothing after them is tried."""
    attempts = FakeAttempts({"/b": LARGE, "/b2": SMALL, "/c": LARGE})
    assert sought(attempts) == Found("rtsp://192.0.2.7/b", LARGE, "rtsp://192.0.2.7/b2", 2)
    assert attempts.asked == ["/a", "/b", "/b2"]


@pytest.mark.parametrize("second", ["not_found", "timeout", "unauthorized", LARGE, UNSHOWN])
def test_a_second_stream_that_is_none_costs_only_the_second_address(second: Trial | str) -> None:
    """One of the same size, too, which would save nothing."""
    attempts = FakeAttempts({"/a": LARGE, "/a2": second})
    assert sought(attempts) == Found("rtsp://192.0.2.7/a", LARGE, None, 1)
    assert attempts.asked == ["/a", "/a2"]


def test_a_camera_that_answers_at_any_path_has_its_stream_at_the_first() -> None:
    """It gives the same video everywhere: there is no second address."""
    attempts = FakeAttempts({}, otherwise=LARGE)
    assert sought(attempts) == Found("rtsp://192.0.2.7/a", LARGE, None, 1)


@pytest.mark.parametrize("kind", ["dns", "refused", "unauthorized"])
def test_what_is_true_of_every_path_ends_the_search_at_once(kind: str) -> None:
    """Cameras lock out who errs: a password that was refused is not tried again."""
    attempts = FakeAttempts({"/b": kind, "/c": LARGE})
    missed = sought(attempts)
    assert isinstance(missed, Missed)
    assert (missed.failure.kind, missed.tried, attempts.asked) == (kind, 2, ["/a", "/b"])


def test_a_camera_that_does_not_answer_at_the_first_path_is_not_asked_for_others() -> None:
    """Nothing is there, and each further path would only take its time."""
    attempts = FakeAttempts({"/a": "timeout", "/b": LARGE})
    missed = sought(attempts)
    assert isinstance(missed, Missed)
    assert (missed.failure.kind, missed.tried, attempts.asked) == ("timeout", 1, ["/a"])


def test_a_path_that_hangs_is_one_that_is_not_right() -> None:
    """The camera has answered before: what comes after that path is tried, and it isn't said to be silent."""
    attempts = FakeAttempts({"/b": "timeout", "/c": LARGE})
    assert sought(attempts) == Found("rtsp://192.0.2.7/c", LARGE, None, 3)
    missed = sought(FakeAttempts({"/b": "timeout"}))
    assert isinstance(missed, Missed)
    assert (missed.failure.kind, missed.tried) == ("no_known_path", 3)


@pytest.mark.parametrize(
    ("has", "kind"),
    [
        ({}, "no_known_path"),
        ({"/a": "protocol"}, "no_known_path"),
        ({"/a": "protocol", "/b": "timeout", "/c": "timeout"}, "no_known_path"),
        ({"/a": "busy", "/c": "timeout"}, "busy"),
        ({"/a": "busy"}, "busy"),
        ({"/a": "ended", "/b": "busy"}, "ended"),
        ({"/a": "busy", "/b": "no_video"}, "no_video"),
        ({"/b": "no_video", "/c": "codec"}, "codec"),
        (dict.fromkeys(("/a", "/b", "/c"), "protocol"), "protocol"),
    ],
)
def test_what_tells_most_is_said_when_nothing_gave_a_picture(has: dict[str, str], kind: str) -> None:
    """A path at which there is something wins over one that is unknown."""
    attempts = FakeAttempts(has)
    missed = sought(attempts)
    assert isinstance(missed, Missed)
    assert (missed.failure.kind, missed.tried) == (kind, 3)
    assert "3 usual addresses" in str(missed.failure) or kind != "no_known_path"


@pytest.mark.parametrize("has", [{"/a": UNSHOWN}, {"/a": UNSHOWN, "/b": "timeout"}])
def test_a_stream_that_cannot_be_shown_is_told_if_there_is_no_better_one(has: dict[str, Trial | str]) -> None:
    """Its codec is the trouble, not its address."""
    assert sought(FakeAttempts(has)) == Found("rtsp://192.0.2.7/a", UNSHOWN, None, 1)
    better = FakeAttempts({"/a": UNSHOWN, "/b": LARGE})
    assert sought(better) == Found("rtsp://192.0.2.7/b", LARGE, None, 2)


@pytest.mark.parametrize("takes_s", [1.0, 2.5, 3.0])
def test_a_slow_camera_is_given_up_in_time(takes_s: float) -> None:
    """No attempt is begun that could not end in time, its look at the keyframes included.

    The last one may be too short for the camera's answer, which it has given before.
    """
    attempts = FakeAttempts({}, takes_s)
    pairs = tuple(Pair("", f"/{i}", None) for i in range(100))
    missed = sought(attempts, pairs)
    assert isinstance(missed, Missed)
    assert missed.failure.kind == "no_known_path"
    assert attempts.clock.monotonic_ns() < 30e9
    begun = 0.0
    for limit_s, look_on_s in attempts.limits_s:
        assert limit_s >= LEAST_S
        assert begun + limit_s + look_on_s <= SEARCH_S
        begun += takes_s


def test_a_second_stream_is_left_out_when_the_time_is_over() -> None:
    """The main stream is found all the same."""
    rare_keyframes = replace(LARGE, facts=replace(LARGE.facts, gop_s=None))
    attempts = FakeAttempts({"/5": rare_keyframes, "/5small": SMALL}, takes_s=3.0)
    pairs = tuple(Pair("", f"/{i}", f"/{i}small") for i in range(10))
    assert sought(attempts, pairs) == Found("rtsp://192.0.2.7/5", rare_keyframes, None, 6)
    assert attempts.asked == [f"/{i}" for i in range(6)]


def test_nothing_more_is_tried_when_nobody_waits() -> None:
    """Neither a further path nor a second stream."""
    attempts = FakeAttempts({}, stops_after=2)
    assert isinstance(sought(attempts), Missed)
    assert attempts.asked == ["/a", "/b"]
    found = FakeAttempts({"/a": LARGE, "/a2": SMALL}, stops_after=1)
    assert sought(found) == Found("rtsp://192.0.2.7/a", LARGE, None, 1)


@pytest.mark.parametrize("pair", USUAL_PATHS, ids=lambda pair: pair.main)
def test_every_usual_path_makes_an_address_that_can_be_added(pair: Pair) -> None:
    """As it stands, without a password in it, and the second one belongs to the first."""
    url = f"rtsp://cam{pair.main}"
    assert split_address(url) == (url, None)
    if pair.second is not None:
        assert pair.second != pair.main
        expect_same_camera(split_live_address(f"rtsp://cam{pair.second}"), url)


def test_no_usual_path_is_tried_twice() -> None:
    """As main stream; and what answers at much comes last."""
    mains = [pair.main for pair in USUAL_PATHS]
    assert len(set(mains)) == len(mains)
    assert mains[-1] == "/"
